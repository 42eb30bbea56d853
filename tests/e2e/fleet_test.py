"""Several workers on one PostgreSQL, and what becomes of their work when one of them, or the database, goes away.

What was done is counted at the cloud, not in our books.
"""

import pathlib
import signal
import time

from fleet import ANA, LEASE_SECONDS, FleetStory
from harness import Server, request
from wire import Wire

HOUR_MS = 3_600_000


class Fleet(FleetStory):
    @staticmethod
    def threads(server):
        return len(list(pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()))

    def test_workers_share_what_there_is_to_do(self):
        names = self.make_public_buckets()
        with self.worker("a") as a, self.worker("b"), self.worker("c"):
            self.scan(a)
            self.assert_each_closed_once(names)
            standing = self.fleet()
            self.assertEqual(set(standing), {"a", "b", "c"})
            self.assertTrue(all(one["alive"] for one in standing.values()))
            self.assertEqual(sum(one["first"] for one in standing.values()), 1)
        self.assertEqual(self.fleet(), {}, "who stops gives back what it holds")
        self.assertIn("Nobody works on", self.aright("fleet", "--store", self.store).out)

    def test_a_worker_that_is_killed_leaves_its_work_to_the_others(self):
        names = self.make_public_buckets()
        a, b = self.enterContext(self.worker("a")), self.enterContext(self.worker("b"))
        doomed = self.worker("c")
        self.scan(a)
        self.eventually("some are resolved", lambda: self.resolved() >= 2)
        doomed.kill()
        self.assert_each_closed_once(names)
        gone = self.eventually("its lease is over", lambda: not (told := self.fleet()["c"])["alive"] and told)
        self.assertLessEqual(gone["lease_left_ms"], 0)
        self.assertRegex(self.aright("fleet", "--store", self.store).out, r"gone   c \(for \d+ s\)")
        self.postgres.ask(f"update fleet{self.fleets}.leases set until_ms = until_ms - {HOUR_MS} where holder = 'c'")
        self.eventually("it is forgotten", lambda: "c" not in self.fleet() and not self.postgres.ask(
            f"select 1 from fleet{self.fleets}.leases where holder = 'c'"))
        for one in (a, b):
            one.stop()

    def test_another_one_is_the_first_when_the_first_dies_and_scans_at_once(self):
        names = self.make_public_buckets(4)
        with self.slow_cloud():
            doomed = self.worker("a")
            self.enterContext(self.worker("b"))
            self.enterContext(self.worker("c"))
            self.assertTrue(self.fleet()["a"]["first"])
            doomed.kill()
        self.assert_each_closed_once(names)
        self.assertEqual(sum(one["first"] for name, one in self.fleet().items() if name != "a"), 1)

    def test_one_that_stood_still_for_longer_than_its_lease_does_nothing_more(self):
        names = self.make_public_buckets()
        a = self.enterContext(self.worker("a"))
        zombie = self.enterContext(self.worker("z"))
        self.scan(a)
        self.eventually("some are resolved", lambda: self.resolved() >= 2)
        zombie.process.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_SECONDS + 1)
        zombie.process.send_signal(signal.SIGCONT)
        self.assert_each_closed_once(names)

    def test_one_that_is_cut_off_from_the_database_does_nothing_more(self):
        names = self.make_public_buckets()
        a = self.enterContext(self.worker("a"))
        wire = self.enterContext(Wire(self.postgres.home / ".s.PGSQL.5432"))
        self.enterContext(self.worker("z", store=f"postgresql://aright@127.0.0.1:{wire.port}/postgres#fleet{self.fleets}"))
        self.scan(a)
        self.eventually("some are resolved", lambda: self.resolved() >= 2)
        wire.cut()
        time.sleep(LEASE_SECONDS + 1)
        wire.heal()
        self.assert_each_closed_once(names)
        # And once more, with connections that break; new ones are refused for a while.
        more = self.make_public_buckets(prefix="more")
        self.scan(a)
        self.eventually("some of them are resolved", lambda: self.resolved() >= len(names) + 2)
        wire.reset()
        time.sleep(1)
        wire.heal()
        self.assert_each_closed_once(names + more)

    def test_a_worker_has_as_many_connections_and_turns_as_it_is_told_and_the_url_sets_limits(self):
        names = self.make_public_buckets()
        limited = self.store.replace("#", "&options=-c%20statement_timeout%3D40s#")
        a = self.enterContext(self.worker("a", store=limited, more=("--readers", 2, "--turns", 3)))
        self.assertEqual(self.aright("fleet", "--store", limited, "--json").json["workers"][0]["worker"], "a")
        self.scan(a)
        most = 0
        while self.resolved() < len(names):
            most = max(most, int(self.postgres.ask("select count(*) from pg_stat_activity where application_name like 'aright%'")[0][0]))
        self.assertIn(most, range(4, 2 + 3 + 1), "two read, one writes, one renews, one listens")
        with self.worker("b", more=("--turns", 103)) as b:
            self.assertGreater(self.threads(b), self.threads(a) + 80)
        self.assert_each_closed_once(names)

    def test_a_slow_database_makes_it_slow_and_nothing_else(self):
        names = self.make_public_buckets(4)
        wire = self.enterContext(Wire(self.postgres.home / ".s.PGSQL.5432"))
        wire.slow(0.02)
        with self.worker("a", store=f"postgresql://aright@127.0.0.1:{wire.port}/postgres#fleet{self.fleets}") as a:
            self.scan(a)
            self.assert_each_closed_once(names)

    def test_calls_that_are_cut_off_are_read_back_and_made_once(self):
        names = self.make_public_buckets()
        wire = self.enterContext(Wire(int(self.cloud.url.rsplit(":", 1)[1])))
        a = self.enterContext(self.worker("a", cloud=f"http://127.0.0.1:{wire.port}"))
        self.enterContext(self.worker("b"))
        self.scan(a)
        for enough in (2, 5, 8):
            self.eventually("some are resolved", lambda: self.resolved() >= enough)
            wire.reset()
            time.sleep(0.5)
            wire.heal()
        self.assert_each_closed_once(names)

    def test_a_database_that_is_killed_loses_and_doubles_nothing(self):
        names = self.make_public_buckets()
        a, b = self.enterContext(self.worker("a")), self.enterContext(self.worker("b"))
        self.scan(a)
        for enough in (2, 6):
            self.eventually("some are resolved", lambda: self.resolved() >= enough)
            self.postgres.kill()
            self.postgres.start()
        self.assert_each_closed_once(names)
        for one in (a, b):
            one.stop()

    def test_a_halt_at_one_of_them_holds_for_all(self):
        with self.worker("a") as a, self.worker("b") as b:
            status, _, told = request(a.url + "/api/v1/halt", "POST", {"on": True, "reason": "look first"}, ANA)
            self.assertEqual(status, 200, told)
            names = self.make_public_buckets(4)
            self.scan(b)
            time.sleep(2)
            self.assertEqual(self.writes(), {})
            status, _, told = request(b.url + "/api/v1/halt", "POST", {"on": False, "reason": "fine"}, ANA)
            self.assertEqual(status, 200, told)
            self.assert_each_closed_once(names)

    def test_what_is_put_over_awss_api_at_one_is_in_force_at_all(self):
        with self.worker("a") as a, self.worker("b") as b:
            at_a, at_b = (self.client("config", worker.url, "AKIAFLEETANA", "the secret of ana") for worker in (a, b))
            at_a.put_config_rule(ConfigRule={"ConfigRuleName": "keys-turn", "Source": {"Owner": "AWS", "SourceIdentifier": "CMK_BACKING_KEY_ROTATION_ENABLED"}})

            def has_it(config):
                return "keys-turn" in [one["ConfigRuleName"] for one in config.describe_config_rules()["ConfigRules"]]
            self.eventually("the other one has it", lambda: has_it(at_b))
            at_b.delete_config_rule(ConfigRuleName="keys-turn")
            self.eventually("and it is gone from both", lambda: not has_it(at_a))

    def test_workers_with_other_keys_are_refused(self):
        with self.worker("a"):
            state = self.home / f"fleet{self.fleets}-stranger"
            told = self.aright("serve", "--port", "0", "--policy", "fleet.yaml", "--store", self.store, "--endpoint-url", self.cloud.url,
                               state=state, code=1)
            self.assertIn("AR-0033", told.err)

    def test_the_ledger_moves_to_postgresql_and_back_with_its_proofs(self):
        names = self.make_public_buckets(3)
        state = self.home / "moving"
        arguments = ("serve", "--port", "0", "--state", state, "--policy", "fleet.yaml", "--endpoint-url", self.cloud.url)

        def resolved():
            return len(self.aright("findings", "--status", "resolved", "--json", state=state).json["findings"])
        with Server(self.home, *arguments) as server:
            self.scan(server)
            self.eventually("all of them are resolved", lambda: resolved() == len(names))
            self.aright("ledger", "checkpoint", "-o", "kept", state=state)
        there = self.aright("store", "migrate", "--from", "sqlite", "--to", self.store, "--json", state=state).json
        self.assertTrue(there["sound"])
        with Server(self.home, *arguments, "--store", self.store) as server:
            self.assertEqual(resolved(), len(names))
            more = self.make_public_buckets(2, "more")
            self.scan(server)
            self.eventually("the new ones as well", lambda: resolved() == len(names) + len(more))
            busy = self.aright("store", "migrate", "--from", self.store, "--to", "back.db", code=1)
            self.assertIn("stop all workers first", busy.err)
        back = self.aright("store", "migrate", "--from", "postgres", "--to", "back.db", "--store", self.store, "--json", state=state).json
        self.assertGreater(back["entries"], there["entries"])
        told = self.aright("ledger", "verify", "back.db", "--since", "kept", "--json", state=state).json
        self.assertTrue(told["ok"], told)
        self.assertIn("there is a ledger already", self.aright("store", "migrate", "--from", "sqlite", "--to", "back.db", state=state, code=1).err)

"""A fleet on a bad day: clocks that jump, a disk that is full, a storm of events, a cable that is out, a worker
that dies while a limit holds.

What was done is counted at the cloud, not in our books.
"""

import collections
import contextlib
import http.client
import json
import pathlib
import random
import threading
import time
import urllib.parse

from fleet import ANA, LEASE_SECONDS, FleetStory, opened
from harness import Server, request
from machine import Machine
from postgres import Disk, Postgres
from wire import Wire

FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
WRITTEN_AFTER_MS_MAX = 1_000  # an entry, after it was decided that it may be
WINDOW_SECONDS, STARTS_MAX = 60, 10  # no window is shorter
EVENTS, SENDERS, BUSY = 10_000, 16, 503
DISK_MEBIBYTES = 72
HALF, THROTTLED_SECONDS_MAX = 500, 300


class Faults(FleetStory):
    def jump(self, hours):
        (self.home / "clock").write_text(f"{hours:+}h\n")

    def test_a_clock_that_jumps_keeps_and_takes_nothing(self):
        names = self.make_public_buckets()
        self.assertTrue(FAKETIME.exists(), "tools/install brings it (faketime)")
        self.jump(0)
        a = self.enterContext(self.worker("a"))
        jumping = self.enterContext(self.worker("j", LD_PRELOAD=str(FAKETIME), FAKETIME_TIMESTAMP_FILE=str(self.home / "clock"),
                                                FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1"))
        self.scan(a)
        for enough, hours in ((2, 1), (6, -2), (9, 0)):
            self.eventually("some are resolved", lambda: self.resolved() >= enough)
            self.jump(hours)
        self.assert_each_closed_once(names)
        for one in (a, jumping):
            one.stop()

    def test_ten_thousand_events_at_once_are_one_remediation_of_each_resource(self):
        names = self.make_public_buckets()
        workers = [self.enterContext(self.worker(name)) for name in "abc"]
        dice = random.Random(10)
        events = [(f"event-{number // 2}", names[number // 2 % len(names)]) for number in range(EVENTS)]  # each one twice
        dice.shuffle(events)
        refused = []

        def send(share, worker):
            where = urllib.parse.urlsplit(worker.url)
            connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
            share = collections.deque(share)
            while share:
                connection.request("POST", "/api/v1/signals", json.dumps(opened(*share[0])),
                                   {"Authorization": f"Bearer {ANA}", "Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read().decode()
                if answer.status == BUSY:
                    continue  # told again, as whoever tells at least once does
                share.popleft()
                if answer.status != 200:
                    refused.append(text)
            connection.close()
        senders = [threading.Thread(target=send, args=(events[number::SENDERS], workers[number % len(workers)])) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.assertEqual(refused, [])
        self.eventually("all of them are resolved", lambda: self.resolved() >= len(names), 120)
        self.assert_each_closed_once(names)

    def test_a_full_disk_of_the_database_loses_and_doubles_nothing(self):
        disk = self.enterContext(contextlib.closing(Disk(DISK_MEBIBYTES)))
        postgres = self.enterContext(Postgres(disk))
        self.postgres, self.store = postgres, f"{postgres.url}#fleet{self.fleets}"
        names = self.make_public_buckets()
        with self.worker("a") as a, self.worker("b"):
            self.scan(a)
            self.eventually("some are resolved", lambda: self.resolved() >= 2)
            disk.fill()
            time.sleep(3)
            disk.make_room()
            postgres.revive()
            self.assert_each_closed_once(names)

    def test_a_database_that_only_reads_makes_workers_unready_and_loses_and_doubles_nothing(self):
        names = self.make_public_buckets()

        def turn(mode):
            self.postgres.ask(f"alter system set default_transaction_read_only = {mode}")
            self.postgres.ask("select pg_reload_conf()")
        self.addCleanup(turn, "off")
        with self.worker("a") as a, self.worker("b") as b:
            self.scan(a)
            self.eventually("some are resolved", lambda: self.resolved() >= 2)
            turn("on")
            for one in (a, b):
                self.eventually("it takes no load", lambda one=one: request(one.url + "/readyz")[0] == BUSY)
                self.assertEqual(request(one.url + "/healthz")[0], 200)
            turn("off")
            for one in (a, b):
                self.eventually("it takes load again", lambda one=one: request(one.url + "/readyz")[0] == 200)
            self.assert_each_closed_once(names)

    def test_a_cloud_that_refuses_half_of_all_calls_makes_it_slow_and_nothing_else(self):
        names = self.make_public_buckets()
        self.faults("PUT", {"seed": 50, "faults": [{"throttled": HALF}]})
        begun = time.monotonic()
        for name in "abc":
            self.enterContext(self.worker(name))
        self.eventually("all of them are resolved", lambda: self.resolved() == len(names), THROTTLED_SECONDS_MAX)
        seconds, counts = time.monotonic() - begun, self.faults()["counts"]
        self.faults("DELETE")
        print(f"half of all calls refused: {len(names)} resolved in {seconds:.0f} s, {counts['calls']} calls, {counts['throttled']} of them refused", flush=True)
        self.assertGreater(counts["throttled"], counts["calls"] * 0.4)
        self.assert_each_closed_once(names)


class Apart(FleetStory):
    """One worker on a machine of its own, with one cable to the database and one to the cloud."""

    @classmethod
    def database(cls):
        cls.machine = cls.enterClassContext(Machine("database", "cloud"))
        return Postgres(host=cls.machine.host("database"))

    def assert_nothing_comes_of_a_cut(self, cable):
        names = self.make_public_buckets()
        host = self.machine.host("cloud")
        port = self.enterContext(Wire(int(self.cloud.url.rsplit(":", 1)[1]), host)).port
        self.enterContext(self.worker("a"))
        far_store = f"{self.postgres.url_from_afar}#fleet{self.fleets}"
        with self.worker("far", far_store, f"http://{host}:{port}", way_in=self.machine.way_in):
            with self.slow_cloud():
                self.eventually("the one far away is at work", lambda: self.fleet()["far"]["resources"] > 0)
                self.machine.cut(cable)
                time.sleep(LEASE_SECONDS + 1)
                self.machine.heal(cable)
            self.assert_each_closed_once(names)

    def test_a_cable_to_the_database_that_is_out_for_longer_than_a_lease_loses_and_doubles_nothing(self):
        self.assert_nothing_comes_of_a_cut("database")

    def test_a_cable_to_the_cloud_that_is_out_loses_and_doubles_nothing(self):
        self.assert_nothing_comes_of_a_cut("cloud")


class Alone(FleetStory):
    """One server, whose ledger is a file on a small disk."""

    def answer(self, server, bucket):
        return request(server.url + "/api/v1/signals", "POST", opened(f"event about {bucket}", bucket), ANA)[0]

    def test_a_full_disk_under_the_file_loses_and_doubles_nothing(self):
        disk = self.enterContext(contextlib.closing(Disk(DISK_MEBIBYTES)))
        names = self.make_public_buckets(8)
        with Server(self.home, "serve", "--port", "0", "--state", disk.path / "state", "--policy", self.home / self.policy,
                    "--endpoint-url", self.cloud.url, way_in=disk.way_in) as server:
            def resolved():
                return len(json.loads(request(server.url + "/api/v1/findings?status=resolved", token=ANA)[2])["findings"])
            self.eventually("what was there at the start is closed", lambda: resolved() == len(names))
            more = self.make_public_buckets(4, "more")
            disk.fill()
            told = [self.answer(server, name) for name in more]
            self.assertIn(BUSY, told, "nothing is acknowledged that is not on the disk")
            disk.make_room()
            self.eventually("they are taken", lambda: all(self.answer(server, name) == 200 for name in more))
            self.eventually("the others are closed", lambda: resolved() == len(names + more))
            self.assertEqual(self.writes(), collections.Counter(names + more))


class Followed(FleetStory):
    """A primary and its standby, which stands first in the URL and is seconds behind."""

    @classmethod
    def database(cls):
        cls.primary = cls.enterClassContext(Postgres())
        cls.standby = cls.enterClassContext(cls.primary.add_standby(delay="3s"))
        return cls.primary

    def test_a_standby_is_not_read_and_takes_over(self):
        names = self.make_public_buckets()
        hosts = f"host={self.standby.home},{self.primary.home}&port={self.standby.port},{self.primary.port}"
        store = f"postgresql:///postgres?user=aright&{hosts}#fleet{self.fleets}"
        with self.worker("a", store), self.worker("b", store):
            with self.slow_cloud():
                self.eventually("some are resolved", lambda: self.resolved() >= 2)
                self.primary.kill()
                self.standby.promote()
                type(self).postgres = self.standby
                self.standby.ask("alter system reset synchronous_standby_names")
                self.standby.ask("select pg_reload_conf()")
            self.store = f"{self.standby.url}#fleet{self.fleets}"
            self.assert_each_closed_once(names)


class Limited(FleetStory):
    """One start limit for eight workers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        policy = (cls.home / "fleet.yaml").read_text()
        (cls.home / "fleet.yaml").write_text(policy + f"\nlimits:\n  - {{everything: true, starts: {STARTS_MAX}, window_s: {WINDOW_SECONDS}}}\n")

    def test_a_limit_holds_for_eight_workers_of_which_one_dies(self):
        names = self.make_public_buckets()
        workers = {name: self.enterContext(self.worker(name)) for name in "abcdefgh"}
        self.scan(workers["a"])
        self.eventually("some are resolved", lambda: self.resolved() >= STARTS_MAX + 1)
        held = {name: one["resources"] + one["streams"] for name, one in self.fleet().items()}
        doomed = max((name for name in held if name != "a"), key=held.get)
        workers.pop(doomed).kill()
        self.assert_each_closed_once(names)
        starts = [int(at) for (at,) in self.postgres.ask(
            f"select time_ms from fleet{self.fleets}.entries where kind = 'execution_started' order by position")]
        self.assertEqual(len(starts), len(names))
        for first, last in zip(starts, starts[STARTS_MAX:]):
            self.assertGreater(last - first, WINDOW_SECONDS * 1000 - WRITTEN_AFTER_MS_MAX, "more starts in a window than the limit")

"""What a machine that loses power does to a fix. tests/crash does it at every append; here it happens to the real server."""

import contextlib
import sqlite3

from harness import Server, Story, serving


class Recovery(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("slow.yaml")
        cls.bring("runbooks")

    def execution(self):
        """The one execution, once there is one; its steps with their status."""
        listed = self.aright("executions", "--json").json["executions"]
        if not listed:
            return None, {}
        told = self.aright("executions", listed[0]["id"], "--json").json
        return listed[0]["id"], {step["StepName"]: step["StepStatus"] for step in told["StepExecutions"]}

    def test_a_server_that_was_killed_goes_on_where_it_was(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        with serving(self.home, cloud, "slow.yaml") as server:
            self.aright("scan", code=3)
            found = self.aright("findings", "--json").json["findings"]
            finding = next(f["id"] for f in found if f["resource"]["id"] == "acme-reports")
            remediation = self.aright("fix", finding, "--yes", "--no-wait", "--json").json["id"]
            self.eventually("the first write, and the pause", lambda: self.execution()[1].get("Wait") == "InProgress")
            execution, steps = self.execution()
            self.assertEqual(steps["Tag"], "Pending")
            server.kill()
            (self.home / "state/server.json").unlink()  # of the server that is dead

        with serving(self.home, cloud, "slow.yaml"):
            self.eventually("the rest of the runbook", lambda: self.execution()[1].get("Tag") == "Success")
            self.assertEqual(self.execution(), (execution, {"Close": "Success", "Wait": "Success", "Tag": "Success"}))

            def resolved():
                listed = self.aright("findings", "--status", "resolved", "--json").json["findings"]
                return finding in [f["id"] for f in listed]
            self.eventually("resolved", resolved)
            self.assertEqual(self.aws(cloud, "s3api", "get-bucket-tagging", "--bucket", "acme-reports")["TagSet"],
                             [{"Key": "closed-by", "Value": "aright"}])

        entries = self.aright("ledger", "show", execution, "--json").json["entries"]
        writes = [entry["text"] for entry in entries if entry["kind"] == "call_intended"]
        self.assertEqual(len(writes), 2, f"each write once: {writes}")
        self.assertTrue(self.aright("ledger", "show", remediation, "--json").json["entries"])
        self.assertTrue(self.aright("ledger", "verify", "--json").json["ok"])

    def test_the_address_of_a_dead_server_misleads_nobody(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        with serving(self.home, cloud, "slow.yaml", state="dead") as server:
            server.kill()
            told = self.aright("findings", state="dead", code=1)
            self.assertIn("AR-0015", told.err)
            self.aright("scan", "--policy", "slow.yaml", "--endpoint-url", cloud.url, state="dead", code=3)
            (self.home / "dead/server.json").unlink()

    def test_a_ledger_that_cannot_even_be_opened_is_not_sound(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        self.aright("scan", "--policy", "slow.yaml", "--endpoint-url", cloud.url, code=3, state="torn")
        whole = (self.home / "torn/ledger.db").read_bytes()
        for damage in ("update head set hash = x'00'", "drop table entries", "drop table outbox", "delete from head"):
            with self.subTest(damage):
                (self.home / "torn/ledger.db").write_bytes(whole)
                with contextlib.closing(sqlite3.connect(self.home / "torn/ledger.db")) as file, file:
                    file.execute(damage)
                self.assertRegex(self.aright("ledger", "verify", code=3, state="torn").out, "^broken")
                self.assertFalse(self.aright("ledger", "verify", "--json", code=3, state="torn").json["ok"])

    def test_what_was_made_of_the_entries_is_made_anew_from_them(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        alone = ("--policy", "slow.yaml", "--endpoint-url", cloud.url)
        self.aright("scan", *alone, code=3, state="alone")
        findings = self.aright("findings", *alone, "--json", state="alone").json
        with contextlib.closing(sqlite3.connect(self.home / "alone/ledger.db")) as file, file:
            file.execute("update documents set status = 'resolved' where kind = 'finding'")
            file.execute("update timers set due_ms = due_ms + 86400000")

        broken = self.aright("ledger", "verify", code=3, state="alone").out
        self.assertRegex(broken, r"^broken: the timer rem_\S+ is not what was set|finding fnd_\S+: its status is")
        rebuilt = self.aright("ledger", "rebuild", "--json", state="alone").json

        sound = self.aright("ledger", "verify", "--json", state="alone").json
        self.assertEqual((sound["ok"], sound["head"]), (True, rebuilt["head"]))
        self.assertEqual(self.aright("findings", *alone, "--json", state="alone").json, findings)
        self.assertEqual(self.aright("ledger", "verify", rebuilt["kept"], code=3).out, broken)
        with serving(self.home, cloud, "slow.yaml", state="alone"):
            self.assertIn("stop it first", self.aright("ledger", "rebuild", code=1, state="alone").err)

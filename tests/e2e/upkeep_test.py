"""doctor on good and broken set-ups; backup and restore; spans at a collector; another policy while it runs."""

import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import tarfile
import threading

from harness import Server, Story, request, serving


class Keeping(Story):
    """One served state directory, with a story in its ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))
        with serving(cls.home, cls.cloud) as server:
            token = json.loads((cls.home / "state/server.json").read_text())["token"]
            cls.eventually(cls(), "a question", lambda: json.loads(request(server.url + "/api/v1/approvals", token=token)[2])["approvals"])

    def doctor(self, *more, code=0, state="state", policy="aright.yaml"):
        told = self.aright("doctor", "--policy", policy, "--endpoint-url", self.cloud.url, *more, "--json", code=code, state=state)
        return {check["about"]: check for check in told.json["checks"]}

    def assert_fails(self, checks, about, words):
        self.assertEqual(checks[about]["state"], "fail", checks[about])
        self.assertRegex(checks[about]["what"], words)
        self.assertTrue(checks[about]["next"], "it says what to do")

    def copy_of_state(self, name):
        shutil.copytree(self.home / "state", self.home / name)
        return self.home / name


class Doctor(Keeping):
    def test_a_good_set_up_is_called_good(self):
        checks = self.doctor()
        self.assertEqual({about for about, check in checks.items() if check["state"] == "fail"}, set())
        self.assertIn("arn:aws:iam::111122223333:root", checks["credentials 111122223333"]["what"])
        self.assertRegex(checks["ledger"]["what"], r"^\d+ entries, all of them sound$")
        told = self.aright("doctor", "--policy", "aright.yaml", "--endpoint-url", self.cloud.url).out
        self.assertRegex(told, r"(?m)^ok    policy        aright\.yaml: 2 controls in 1 targets$")

    def test_a_policy_with_faults(self):
        (self.home / "faulty.yaml").write_text("targets: []\nunheard: 1\n")
        self.assert_fails(self.doctor(policy="faulty.yaml", code=3), "policy", "unheard")
        self.assert_fails(self.doctor(policy="missing.yaml", code=3), "policy", "missing.yaml")

    def test_a_state_directory_that_cannot_be_written(self):
        (self.home / "a-file").write_text("")
        self.assert_fails(self.doctor(state="a-file/state", code=3), "state", "cannot be made")
        self.assert_fails(self.doctor(state="/proc/aright", code=3), "state", "cannot be made")

    def test_a_flipped_byte_in_the_ledger(self):
        state = self.copy_of_state("flipped")
        with sqlite3.connect(state / "ledger.db") as ledger:
            ledger.execute("update entries set body = replace(body, 'high', 'hihg') where position = 1")
            ledger.execute("update entries set body = replace(body, 'critical', 'critikal') where position = 4")
        ledger.close()
        checks = self.doctor(state="flipped", code=3)
        self.assert_fails(checks, "ledger", r"^entry \d: ")
        self.assertIn("restore", checks["ledger"]["next"])

    def test_a_ledger_that_is_none(self):
        (self.home / "garbage").mkdir()
        (self.home / "garbage/ledger.db").write_bytes(b"not a database at all" * 100)
        self.assert_fails(self.doctor(state="garbage", code=3), "ledger", ".")

    def test_credentials_that_are_nobodys(self):
        told = self.run_program([os.environ["ARIGHT_BINARY"], "doctor", "--policy", "aright.yaml", "--endpoint-url", self.cloud.url,
                                 "--state", "fresh", "--json"], 3, AWS_ACCESS_KEY_ID="wrong")
        checks = {check["about"]: check for check in told.json["checks"]}
        self.assert_fails(checks, "credentials 111122223333", "security token")

    def test_an_account_that_is_another_one(self):
        (self.home / "other.yaml").write_text((self.home / "aright.yaml").read_text().replace("111122223333", "444455556666"))
        self.assert_fails(self.doctor(policy="other.yaml", code=3), "credentials 444455556666", "111122223333")

    def test_a_cloud_that_does_not_answer(self):
        told = self.aright("doctor", "--policy", "aright.yaml", "--endpoint-url", "http://127.0.0.1:1", "--json", code=3, state="fresh")
        self.assert_fails({check["about"]: check for check in told.json["checks"]}, "network", "127.0.0.1")

    def test_a_port_that_somebody_has(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.assert_fails(self.doctor("--port", str(taken.getsockname()[1]), code=3), "port", "cannot be listened on")

    def test_a_channel_that_cannot_be_reached(self):
        (self.home / "told.yaml").write_text((self.home / "aright.yaml").read_text() +
                                             "\nnotify:\n  - {name: chat, webhook: 'http://127.0.0.1:1/hook', allow_internal: true}\n")
        self.assert_fails(self.doctor(policy="told.yaml", code=3), "channel chat", "127.0.0.1")

    def test_keys_that_others_can_read(self):
        state = self.copy_of_state("open")
        (state / "ledger.key").chmod(0o644)
        checks = self.doctor(state="open")
        self.assertEqual(checks["state"]["state"], "warn")
        self.assertIn("chmod 600", checks["state"]["next"])

    def test_a_machine_without_a_jail(self):
        if os.geteuid() != 0 or not shutil.which("unshare"):
            self.skipTest("hiding bubblewrap needs a mount namespace")
        hide = "mount --bind /dev/null /usr/bin/bwrap && exec \"$0\" \"$@\""
        told = self.run_program(["/usr/bin/unshare", "-m", "/bin/sh", "-c", hide, os.environ["ARIGHT_BINARY"], "doctor", "--policy",
                                 "aright.yaml", "--state", "fresh", "--json"], 3)
        self.assert_fails({check["about"]: check for check in told.json["checks"]}, "jail", "jail")


class Backup(Keeping):
    def backup(self, name, *more):
        return self.aright("backup", name, *more, "--json").json

    def test_comes_back_as_it_was(self):
        made = self.backup("whole.backup")
        self.assertEqual((self.home / "whole.backup").stat().st_mode & 0o777, 0o600)
        with tarfile.open(self.home / "whole.backup") as archive:
            self.assertEqual(archive.getnames(), ["MANIFEST", "ledger.db", "ledger.key", "secrets.key"])
        back = self.aright("restore", "whole.backup", "--json", state="back").json
        self.assertEqual((back["entries"], back["head"]), (made["entries"], made["head"]))
        self.assertIn(made["head"], self.aright("ledger", "verify", state="back").out)
        for key in ("ledger.key", "secrets.key"):
            self.assertEqual((self.home / "back" / key).read_bytes(), (self.home / "state" / key).read_bytes())
            self.assertEqual((self.home / "back" / key).stat().st_mode & 0o777, 0o600)
        with serving(self.home, self.cloud, state="back"):
            pass

    def test_is_made_while_it_is_served_and_not_restored_over_it(self):
        with serving(self.home, self.cloud):
            self.backup("served.backup")
            told = self.aright("restore", "served.backup", "--force", code=1)
            self.assertIn("stop it first", told.err)

    def test_what_is_there_is_set_aside_only_when_asked(self):
        self.backup("again.backup")
        self.aright("restore", "again.backup", state="twice")
        self.assertIn("--force", self.aright("restore", "again.backup", code=1, state="twice").err)
        aside = pathlib.Path(self.aright("restore", "again.backup", "--force", "--json", state="twice").json["aside"])
        self.assertTrue((self.home / aside / "ledger.db").exists())

    def test_keys_may_be_kept_elsewhere(self):
        self.assertFalse(self.backup("bare.backup", "--without-keys")["keys"])
        with tarfile.open(self.home / "bare.backup") as archive:
            self.assertEqual(archive.getnames(), ["MANIFEST", "ledger.db"])
        self.aright("restore", "bare.backup", state="bare")
        self.assertFalse((self.home / "bare/ledger.key").exists())

    def test_no_byte_of_it_can_be_changed(self):
        self.backup("good.backup")
        good = (self.home / "good.backup").read_bytes()
        with tarfile.open(self.home / "good.backup") as archive:
            places = [member.offset_data + at for member in archive for at in (0, member.size // 2, member.size - 1)]
        for place in places:
            bad = bytearray(good)
            bad[place] ^= 1
            (self.home / "bad.backup").write_bytes(bad)
            self.aright("restore", "bad.backup", code=1, state="bad")
            self.assertFalse((self.home / "bad/ledger.db").exists(), place)
        (self.home / "bad.backup").write_bytes(good[:len(good) // 2])
        self.aright("restore", "bad.backup", code=1, state="bad")
        self.assertEqual(sorted(path.name for path in (self.home / "bad").iterdir()), ["serve.lock"])

    def test_a_ledger_that_is_not_sound_is_not_backed_up(self):
        state = self.copy_of_state("unsound")
        with sqlite3.connect(state / "ledger.db") as ledger:
            ledger.execute("delete from entries where position = 2")
        ledger.close()
        self.assertIn("not sound", self.aright("backup", "no.backup", code=1, state="unsound").err)
        self.assertEqual([path.name for path in self.home.glob("no.backup*")], [])


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in body["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                self.server.spans += scope["spans"]
        self.server.paths.add(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Traces(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))
        cls.collector = cls.enterClassContext(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector))
        cls.collector.spans, cls.collector.paths = [], set()
        threading.Thread(target=cls.collector.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.collector.shutdown)

    def serve(self):
        return Server(self.home, "serve", "--port", "0", "--state", "state", "--policy", "aright.yaml", "--endpoint-url", self.cloud.url,
                      "--otlp-endpoint", f"http://127.0.0.1:{self.collector.server_port}")

    def test_a_remediation_is_one_trace_before_and_after_a_restart(self):
        asks = lambda: [one for one in self.aright("approvals", "--json").json["approvals"]]
        with self.serve():
            waiting = self.eventually("a question", asks)[0]["remediation"]
        with self.serve() as server:
            plan = next(one for one in self.aright("approvals", "--json").json["approvals"] if one["remediation"] == waiting)["plan_hash"]
            request(server.url + f"/api/v1/remediations/{waiting}/approve", "POST", {"plan_hash": plan}, "token of ana",
                    headers={"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"})
            self.eventually("the fix", lambda: [one for one in self.aright("findings", "--status", "resolved", "--json").json["findings"]])
        spans = {}
        for span in self.collector.spans:
            spans.setdefault(span["traceId"], []).append(span)
        self.assertEqual(self.collector.paths, {"/v1/traces"})
        whole = next(span for span in self.collector.spans if span["name"] == "remediation restricted-ssh")
        trace = spans[whole["traceId"]]
        names = [span["name"] for span in trace]
        for name in ("decide", "plan", "approve", "verify", "ec2:RevokeSecurityGroupIngress"):
            self.assertIn(name, names)
        ids = {span["spanId"] for span in trace}
        self.assertEqual(len(ids), len(trace))
        self.assertEqual({span["name"] for span in trace if span.get("parentSpanId", "") not in ids}, {whole["name"]})
        asked = spans["4bf92f3577b34da6a3ce929d0e0e4736"]
        self.assertEqual([span["parentSpanId"] for span in asked], ["00f067aa0ba902b7"])
        self.assertEqual(asked[0]["links"][0]["traceId"], whole["traceId"])


class Reload(Story):
    """Another policy while it runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.policy = cls.home / "aright.yaml"
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))
        cls.server = cls.enterClassContext(serving(cls.home, cls.cloud))

    def reload(self, code=0):
        return self.aright("reload", "--json", code=code)

    def test_what_is_sound_comes_into_force_and_nothing_else(self):
        self.assertFalse(self.reload().json["changed"])
        good = self.policy.read_text()
        changed = good.replace("buckets are closed by people", "buckets are closed by hand")
        self.policy.write_text(changed)
        told = self.reload().json
        self.assertTrue(told["changed"])
        self.policy.write_text(changed + "\nunheard: 1\n")
        refused = self.reload(code=1)
        self.assertIn("AR-0001", refused.err)
        self.assertIn("/unheard", refused.err)
        self.policy.write_text(changed)
        self.assertEqual(self.reload().json, told | {"changed": False})
        self.policy.write_text(good)
        self.server.process.send_signal(signal.SIGHUP)
        self.eventually("the log tells of it", lambda: "aright.yaml is in force" in self.server.errors())
        self.assertFalse(self.reload().json["changed"])

    def test_only_admins_may(self):
        self.assertEqual(request(self.server.url + "/api/v1/reload", "POST", {}, "token of ana")[0], 403)

"""Who may ask a running server for what, and what it shows to a browser."""

import json
import stat

from harness import Server, Story, request, serving

VERA, OSCAR, ANA = "token of vera", "token of oscar", "token of ana"  # viewer, operator, approver


class Access(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))
        cls.server = cls.enterClassContext(serving(cls.home, cls.cloud))

    def api(self, path, token, body=None):
        """(status, answer); a body makes it a POST."""
        status, kind, text = request(f"{self.server.url}/api/v1{path}", "GET" if body is None else "POST", body, token)
        self.assertEqual(kind, "application/json")
        return status, json.loads(text)

    def bucket_finding(self):
        def look():
            found = self.api("/findings?control=s3-bucket-public-read-prohibited&status=open", VERA)[1]["findings"]
            return [f["id"] for f in found if f["resource"]["id"] == "acme-reports"]
        return self.eventually("the finding of the first scan", look)[0]

    def test_nobody_gets_in_without_a_token(self):
        for token in (None, "guessed", ""):
            for path, body in (("/overview", None), ("/findings", None), ("/scan", {}), ("/halt", {"on": True})):
                with self.subTest(path=path, token=token):
                    status, answer = self.api(path, token, body)
                    self.assertEqual((status, answer["error"]["number"]), (401, "AR-0013"))
        self.assertEqual(request(f"{self.server.url}/healthz")[0], 200)

    def test_a_viewer_reads_and_does_not_act(self):
        finding = self.bucket_finding()
        for path in ("/overview", "/findings", f"/findings/{finding}", f"/findings/{finding}/why", "/remediations",
                     "/approvals", "/executions", "/controls", "/brakes", "/ledger", "/ledger/verify"):
            with self.subTest(path):
                self.assertEqual(self.api(path, VERA)[0], 200)
        acts = {"/scan": {}, f"/findings/{finding}/plan": {}, f"/findings/{finding}/fix": {}, "/halt": {"on": True},
                "/executions": {"document": "E2E-TagBucket"}, "/signals": {"source": "aws.s3"}}
        for path, body in acts.items():
            with self.subTest(path):
                status, answer = self.api(path, VERA, body)
                self.assertEqual((status, answer["error"]["code"]), (403, "denied"))

    def test_an_operator_fixes_and_takes_back_but_starts_no_runbook(self):
        finding = self.bucket_finding()
        status, plan = self.api(f"/findings/{finding}/plan", OSCAR, {})
        self.assertEqual((status, len(plan["writes"])), (200, 1))
        self.assertEqual(self.api("/executions", OSCAR, {"document": "E2E-TagBucket", "parameters": {}})[0], 403)
        self.assertEqual(self.api("/halt", OSCAR, {"on": True})[0], 403)

        self.assertEqual(self.api(f"/findings/{finding}/fix", OSCAR, {})[0], 400, "a fix without a plan that was seen")
        status, started = self.api(f"/findings/{finding}/fix", OSCAR, {"plan_hash": plan["hash"]})
        self.assertEqual(status, 200)
        path = f"/remediations/{started['remediation']}"
        self.eventually("resolved", lambda: self.api(path, VERA)[1]["stage"] == "resolved")
        self.assertEqual(self.api(f"{path}/rollback", ANA, {})[0], 403, "an approver does not roll back")
        self.assertEqual(self.api(f"{path}/rollback", OSCAR, {"reason": "test"})[0], 200)
        self.eventually("rolled back", lambda: self.api(path, VERA)[1]["stage"] == "rolled_back")

    def test_an_approval_counts_only_for_the_plan_that_was_read(self):
        waiting = self.eventually("an approval to give", lambda: self.api("/approvals", ANA)[1]["approvals"])[0]
        path = f"/remediations/{waiting['remediation']}"
        self.assertEqual(self.api(f"{path}/approve", OSCAR, {"plan_hash": waiting["plan_hash"]})[0], 403)
        status, _ = self.api(f"{path}/approve", ANA, {"plan_hash": "0" * 64})
        self.assertGreaterEqual(status, 400)
        self.assertEqual(self.api(path, VERA)[1]["stage"], "awaiting_approval")

        status, _ = self.api(f"{path}/approve", ANA, {"plan_hash": waiting["plan_hash"], "comment": "read"})

        self.assertEqual(status, 200)
        self.eventually("resolved", lambda: self.api(path, VERA)[1]["stage"] == "resolved")
        self.assertEqual([a["principal"] for a in self.api(path, VERA)[1]["approvals"]], ["ana"])

    def test_what_is_not_there_is_told_in_the_same_shape(self):
        for path, status in (("/findings/fnd_00000000000000000000000000", 404), ("/nowhere", 404)):
            with self.subTest(path):
                answered, answer = self.api(path, VERA)
                self.assertEqual(answered, status)
                self.assertTrue(answer["error"]["message"])

    def test_the_command_line_says_who_may_not(self):
        refused = self.aright("scan", "--server", self.server.url, "--token", VERA, code=1)
        self.assertIn("AR-0011", refused.err)
        refused = self.aright("findings", "--server", self.server.url, "--token", "guessed", code=1)
        self.assertIn("AR-0013", refused.err)

    def test_the_own_token_is_readable_by_its_owner_only(self):
        note = self.home / "state/server.json"
        self.assertEqual(stat.S_IMODE(note.stat().st_mode), 0o600)
        told = json.loads(note.read_text())
        self.assertEqual(told["url"], self.server.url)
        self.assertEqual(self.api("/overview", told["token"])[0], 200)
        self.assertNotIn(told["token"], json.dumps(self.server.hello))

    def test_a_browser_gets_the_console(self):
        status, kind, page = request(self.server.url + "/")
        self.assertEqual((status, kind), (200, "text/html"))
        self.assertIn("<title>", page)

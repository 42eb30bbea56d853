"""What aright is told in confidence is in nothing that it says: each secret of a policy and of its surroundings is a word of its own,
and all that a whole server and its commands put out is searched for them at once."""

import json
import threading

from harness import Server, Story, request
from people_test import Chat

BUCKET = "s3-bucket-public-read-prohibited"
POLICY = """
public_url: https://aright.example.com
targets: [{{account: "111122223333", regions: [us-east-1]}}]
controls: [{{id: s3-bucket-public-read-prohibited}}, {{id: restricted-ssh}}]
decide: [{{name: at once, control: s3-*, decision: automatic}}, {{name: ask, decision: approval}}]
functions:
  revoke-world-open-ingress:
    handler: revoke-world-open-ingress.handler
    catalog: revoke-world-open-ingress.py
    environment: {{DATABASE_PASSWORD: canary-of-the-function}}
principals:
  - {{name: ana, roles: [admin, approver], tell: chat, access_key: {{id: AKIAANAEXAMPLE000001, secret_env: ANA_SECRET}}}}
notify:
  - {{name: chat, webhook: "{chat}", signing_key: canary-of-the-webhook, allow_internal: true}}
  - {{name: board, webhook: "{chat}", format: jira, key: canary-of-jira, project: OPS, allow_internal: true}}
  - {{name: pager, webhook: "{pager}", format: pagerduty, key: canary-of-the-pager, allow_internal: true}}
  - {{name: post, mail: {{server: "smtp://127.0.0.1:1", from: a@example.com, to: [b@example.com], user: post, password: canary-of-the-mail}}}}
"""
SURROUNDINGS = {"ANA_SECRET": "canary-of-anas-key", "AWS_SECRET_ACCESS_KEY": "canary-of-aws", "AWS_SESSION_TOKEN": "canary-of-the-session"}
SAID = ("overview", "findings", "remediations", "approvals", "executions", "controls", "config-rules", "policy", "session", "report",
        "report/page", "ledger", "ledger/verify", "ledger/checkpoint", "scan", "archives", "replays", "autonomy", "exceptions", "escalations",
        "channels", "brakes")


class Secrets(Story):
    def test_none_is_in_anything_that_is_said(self):
        chat, pager = both = Chat(), Chat()  # a pager is told its key in the message itself
        for one in both:
            threading.Thread(target=one.server.serve_forever, daemon=True).start()
            self.addCleanup(one.server.server_close)
            self.addCleanup(one.server.shutdown)
        (self.home / "aright.yaml").write_text(POLICY.format(chat=chat.url, pager=pager.url))
        said = {}
        with Server(self.home, "serve", "--port", "0", "--state", "state", "--policy", "aright.yaml", "--log-level", "debug", **SURROUNDINGS) as server:
            token = json.loads((self.home / "state/server.json").read_text())["token"]
            self.eventually("one is set right", lambda: "resolved" in self.aright("findings", "--status", "all").out)
            asking = self.eventually("another asks", lambda: self.aright("approvals", "--json").json["approvals"])[0]
            self.eventually("and the chat hears of it", lambda: any("answer_at" in one for one in chat.heard))
            self.aright("approve", asking["remediation"], "-m", "agreed")
            for words in (("findings", "--status", "all"), ("findings", "--status", "all", "--json"), ("ledger", "show"), ("ledger", "show", "--json"),
                          ("policy", "check"), ("policy", "schema"), ("policy", "permissions"), ("brakes", "--json"), ("report", "--json"),
                          ("report", "--format", "html"), ("why", asking["remediation"]), ("doctor",), ("executions", "--json"),
                          ("notify", "list"), ("notify", "test", "post"), ("notify", "test", "board"), ("escalations", "--json")):
                outcome = self.aright(*words, code=None)
                said[" ".join(words)] = outcome.out + outcome.err
            for path in SAID:
                said["/" + path] = request(f"{server.url}/api/v1/{path}", token=token)[2]
            said["/remediations/…"] = request(f"{server.url}/api/v1/remediations/{asking['remediation']}", token=token)[2]
            said["/metrics"] = request(f"{server.url}/metrics", token=token)[2]
            said["the page"] = request(f"{server.url}/")[2]
            said["what is refused"] = "".join(request(f"{server.url}/api/v1/{path}")[2] for path in SAID[:3])
            said["the messages"] = json.dumps(chat.heard)
            said["the log"] = server.errors()
        for path in (self.home / "state").rglob("*"):
            if path.is_file() and path.name not in ("server.json", "links.key", "ledger.key", "secrets.key"):
                said[str(path.relative_to(self.home))] = path.read_bytes().decode("latin-1")
        self.assertTrue(all(text for text in (said["the log"], said["ledger show"], said["/policy"])), "there is something to search")
        for secret in ("canary-of", token):
            for where, text in said.items():
                self.assertNotIn(secret, text, where)

"""Links with which people answer requests for approval: what they show, what one is good for, and what is refused."""

import json
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

from harness import Server, Story, request, serving
from people_test import Chat

POLICY = """
public_url: https://aright.example.com
targets: [{{account: "111122223333", regions: [us-east-1]}}]
controls: [{{id: s3-bucket-public-read-prohibited}}]
principals:
  - {{name: ana, roles: [approver], tell: ana-chat}}
  - {{name: ben, roles: [approver], tell: ben-chat}}
groups: {{platform: {{members: [ana, ben], tell: team-chat}}}}
ladders: {{two: [{{group: platform, needed: {needed}}}]}}
decide: [{{name: ask, decision: approval, ladder: two}}]
approval_expires_s: {expires}
notify:
  - {{name: ana-chat, webhook: "{ana}", format: slack, allow_internal: true}}
  - {{name: ben-chat, webhook: "{ben}", allow_internal: true, on: [approval_requested]}}
  - {{name: team-chat, webhook: "{team}", allow_internal: true}}
"""


class Links(Story):
    def setUp(self):
        self.ana, self.ben, self.team = chats = Chat(), Chat(), Chat()
        for one in chats:
            threading.Thread(target=one.server.serve_forever, daemon=True).start()
            self.addCleanup(one.server.server_close)
            self.addCleanup(one.server.shutdown)

    def write_policy(self, name, **values):
        text = POLICY.format(ana=self.ana.url, ben=self.ben.url, team=self.team.url, **values)
        (self.home / name).write_text(text)

    def visit(self, server, link, answer=None, **headers):
        """(status, text) of the page; with an answer, of what its form sends, where it has one."""
        url = server.url + urllib.parse.urlsplit(link).path
        data = None
        if answer is not None:
            page = re.search(r'name="page" value="([^"]+)"', self.visit(server, link)[1])
            data = urllib.parse.urlencode(answer | ({"page": page[1]} if page else {})).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            reply = opener.open(urllib.request.Request(url, data, headers), timeout=60)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            return reply.status, reply.read().decode()

    def waiting(self, count):
        """So many remediations that wait for approval."""
        ids = [one["remediation"] for one in self.aright("approvals", "--json").json["approvals"]]
        return len(ids) >= count and ids[:count]

    def links_of_ben(self):
        """By remediation."""
        return {said["body"]["remediation"]: said["answer_at"] for said in self.ben.heard
                if said["kind"] == "approval_requested" and "answer_at" in said}

    def links_of_ana(self):
        """As Slack shows them."""
        texts = [block["text"] for said in self.ana.heard for block in said["blocks"]]
        return [text["text"][1:].split("|")[0] for text in texts if text["type"] == "mrkdwn"]

    def stage(self, server, remediation):
        token = json.loads((self.home / "state" / "server.json").read_text())["token"]
        answer = request(f"{server.url}/api/v1/remediations/{remediation}", token=token)
        return json.loads(answer[2])["stage"]

    def test_two_people_answer_from_their_phones(self):
        self.write_policy("aright.yaml", needed=2, expires=86400)
        cloud = self.enterContext(Server(self.home, "sandbox"))
        with serving(self.home, cloud) as server:
            waiting = self.eventually("two are asked for", lambda: self.waiting(2))
            one, other = waiting
            self.eventually("ben has a link for each", lambda: self.links_of_ben().keys() >= {one, other})
            link = self.links_of_ben()[one]
            self.assertTrue(link.startswith("https://aright.example.com/answer/"), link)
            self.assertNotIn("answer_at", json.dumps(self.team.heard), "nobody answers by a link that a team reads")
            self.assertNotIn("/answer/", self.aright("ledger", "show", "--json").out)

            status, text = self.visit(server, link)
            self.assertEqual(status, 200, text)
            self.assertIn("s3:PutPublicAccessBlock", text)
            self.assertEqual(self.stage(server, one), "awaiting_approval", "to look is not to answer")

            forged = link[:-1] + ("A" if link[-1] != "A" else "B")
            payload, other_signature = link.split(".")[-2].rsplit("/", 1)[1], self.links_of_ben()[other].rsplit(".", 1)[1]
            for wrong in (forged, f"https://aright.example.com/answer/{payload}.{other_signature}"):
                status, text = self.visit(server, wrong, {"answer": "approve"})
                self.assertEqual((status, "AR-0021" in text), (403, True), text)
            status, _ = self.visit(server, link, {"answer": "approve"}, Origin="https://evil.example")
            self.assertEqual(status, 403)

            status, text = self.visit(server, link, {"answer": "approve", "comment": "<b>seen</b>"}, Origin="https://aright.example.com")
            self.assertEqual((status, "ben approved" in text), (200, True), text)
            status, text = self.visit(server, link, {"answer": "reject"})
            self.assertEqual((status, "ben approved already" in text), (409, True), text)
            self.assertEqual(self.stage(server, one), "awaiting_approval", "it takes two")

        # The key outlives the server.
        with serving(self.home, cloud) as server:
            links = self.links_of_ana()
            shown = {link: self.visit(server, link)[1] for link in links}
            agreed = [link for link, text in shown.items() if "<dd>ben</dd>" in text]
            self.assertEqual(len(agreed), 1)
            status, text = self.visit(server, agreed[0], {"answer": "approve"})
            self.assertEqual(status, 200, text)
            self.eventually("it is set right", lambda: self.stage(server, one) == "resolved")
            status, text = self.visit(server, self.links_of_ben()[other], {"answer": "reject", "comment": "not now"})
            self.assertEqual(status, 200, text)
            self.eventually("it is closed", lambda: self.stage(server, other) == "closed")
            late = next(link for link, text in shown.items() if link not in agreed and "rejected by ben" in self.visit(server, link)[1])
            status, text = self.visit(server, late, {"answer": "approve"})
            self.assertEqual((status, "rejected by ben: not now" in text), (409, True), text)
        self.assertEqual((self.home / "state" / "links.key").stat().st_mode & 0o777, 0o600)
        self.aright("ledger", "verify")

    def test_a_link_comes_too_late(self):
        self.write_policy("late.yaml", needed=1, expires=60)
        with Server(self.home, "serve", "--port", "0", "--state", "late", "--policy", "late.yaml") as server:  # a minute is a second
            link = self.eventually("ben is asked", self.links_of_late_ben)
            status, text = self.eventually("the time is over", lambda: (lambda seen: seen[0] != 200 and seen)(self.visit(server, link)))
            self.assertEqual(status, 409, text)
            status, text = self.visit(server, link, {"answer": "approve"})
            self.assertEqual((status, "AR-0021" in text), (409, True), text)

    def links_of_late_ben(self):
        heard = [said["answer_at"] for said in self.ben.heard if said["kind"] == "approval_requested" and said["body"]["expires"]]
        return heard and heard[-1]

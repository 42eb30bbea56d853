"""What is left to people is followed up: who is told, in which order, until somebody sees to it."""

import threading

from harness import Server, Story
from people_test import Chat

# In the sandbox within a minute is a second.
POLICY = """
targets: [{{account: "111122223333", regions: [us-east-1]}}]
controls: [{{id: s3-bucket-public-read-prohibited}}]
decide: [{{name: ask, decision: approval}}]
approval_expires_s: 60
scan_every_s: 86400
notify:
  - {{name: team, webhook: "{team}", allow_internal: true, on: [nothing]}}
  - {{name: boss, webhook: "{boss}", allow_internal: true, on: [nothing]}}
escalations:
  ladder: [{{tell: team, wait_s: 120}}, {{tell: boss}}]
"""


class Escalations(Story):
    def setUp(self):
        self.team, self.boss = chats = Chat(), Chat()
        for one in chats:
            threading.Thread(target=one.server.serve_forever, daemon=True).start()
            self.addCleanup(one.server.server_close)
            self.addCleanup(one.server.shutdown)

    def listed(self, **wanted):
        all_of_them = self.aright("escalations", "--json").json["escalations"]
        return [one for one in all_of_them if all(one[key] == value for key, value in wanted.items())]

    def test_one_after_the_other_is_told_until_somebody_sees_to_it(self):
        (self.home / "aright.yaml").write_text(POLICY.format(team=self.team.url, boss=self.boss.url))
        with Server(self.home, "serve", "--port", "0", "--state", "state", "--policy", "aright.yaml"):
            one = self.eventually("it is escalated", lambda: self.listed(reason="unapproved", status="open"))[0]
            self.assertEqual(one["told"][0], "team")
            told = self.eventually("the team hears of it", lambda: [said for said in self.team.heard if said["body"].get("acknowledge") == one["id"]])
            self.assertEqual((told[0]["kind"], told[0]["body"]["escalation"]), ("escalated", "unapproved"))
            self.eventually("the boss hears of it", lambda: [said for said in self.boss.heard if said["body"]["acknowledge"] == one["id"]])
            self.assertEqual(self.listed(id=one["id"])[0]["told"], ["team", "boss"])

            self.assertIn("operator sees to it: Nobody approved", self.aright("ack", one["id"], "-m", "on it").out)
            self.assertEqual(self.listed(id=one["id"])[0]["acknowledged"]["comment"], "on it")
            self.assertRegex(self.aright("escalations").out, one["id"] + r".*operator")
            self.assertIn("operator sees to", self.aright("ack", one["id"], code=1).err)
            self.assertIn("AR-0010", self.aright("ack", "esc_01J00000000000000000000000", code=1).err)
            kinds = [entry["kind"] for entry in self.aright("ledger", "show", one["id"], "--json").json["entries"]]
            self.assertEqual(kinds, ["escalation_raised", "escalation_told", "escalation_acknowledged"])
        self.aright("ledger", "verify")

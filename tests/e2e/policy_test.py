"""aright policy: a changed policy is tried on paper before it is put to use."""

from harness import Server, Story, serving

BUCKET = "s3-bucket-public-read-prohibited"
POLICY = """
targets: [{account: "111122223333", regions: [us-east-1], tags: {environment: test}}]
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: ask, tags: {environment: "*"}, decision: approval}]
"""


class Policy(Story):
    def setUp(self):
        (self.home / "aright.yaml").write_text(POLICY)
        (self.home / "bolder.yaml").write_text(POLICY.replace("decision: approval", "decision: automatic") +
                                               "limits: [{control: \"*\", starts: 1, window_s: 600}]\n")

    def test_a_sound_one_is_told_with_what_it_holds_and_another_with_each_fault(self):
        told = self.aright("policy", "check", "aright.yaml", "--json").json
        self.assertEqual((told["ok"], told["counts"]["decide"], told["counts"]["targets"]), (True, 1, 1))
        self.assertRegex(self.aright("policy", "check").out, r"^sound: aright.yaml\n")
        (self.home / "wrong.yaml").write_text(POLICY + "controls2: []\nlimits: [{starts: 0}]\n")
        told = self.aright("policy", "check", "wrong.yaml", code=1).err
        self.assertIn("controls2: unknown member", told)
        self.assertIn("line 6, column 11: /limits/0/starts: this must be from 1 to 1000", told)

    def test_who_would_decide_is_told_with_every_rule_that_was_asked(self):
        told = self.aright("policy", "explain", BUCKET, "--json").json
        self.assertEqual((told["decision"], told["judged"], told["reasons"]), ("approval", True, ["rule 'ask' says approval"]))
        told = self.aright("policy", "explain", "restricted-ssh", "--account", "999999999999").out
        self.assertIn("refused", told)
        self.assertIn("account 999999999999 is no target of the policy", told)
        self.assertIn("write Name=value", self.aright("policy", "explain", BUCKET, "--tag", "odd", code=2).err)
        self.assertIn("there is no control", self.aright("policy", "explain", "unheard", code=2).err)

    def test_a_policy_for_a_whole_organization_is_explained_for_any_account_of_it(self):
        (self.home / "whole.yaml").write_text("""
targets: [{organization: true, role: "arn:aws:iam::{account}:role/aright", regions: [us-east-1]}]
controls: [{id: s3-bucket-public-read-prohibited}]
decide:
  - {name: sandbox, ou: Root/Sandbox, decision: automatic}
  - {name: prod, ou: Root/Prod*, decision: approval}
""")
        explain = lambda *more, code=0: self.aright("policy", "explain", BUCKET, "--policy", "whole.yaml", *more, code=code)
        asked = explain(code=2).err
        self.assertIn("the policy's target is an organization: say with --account which of its accounts is meant", asked)
        self.assertIn("'1' is no account", explain("--account", "1", code=2).err)
        account = ("--account", "444455556666")
        self.assertEqual(explain(*account, "--ou", "Root/Sandbox", "--json").json["decision"], "automatic")
        self.assertEqual(explain(*account, "--ou", "Root/Prod/Shop", "--json").json["decision"], "approval")
        self.assertTrue(explain(*account, "--json").json["judged"])

    def test_what_would_fit_nothing_is_no_sound_policy(self):
        for wrong, told in ((POLICY.replace('"111122223333"', "1"), "'1' is no account: write its twelve digits"),
                            (POLICY.replace("us-east-1", "us-esat-1"), "'us-esat-1' is no region of AWS"),
                            (POLICY.replace("tags: {environment: test}", "role: aright"), "'aright' is not the ARN of a role"),
                            (POLICY.replace("tags: {environment: \"*\"}", "severity: []"), "an empty list fits nothing")):
            (self.home / "wrong.yaml").write_text(wrong)
            self.assertIn(told, self.aright("policy", "check", "wrong.yaml", code=1).err)

    def test_a_bolder_policy_is_replayed_over_what_happened_and_changes_nothing(self):
        with Server(self.home, "sandbox") as cloud, serving(self.home, cloud):
            def decided():
                found = self.aright("findings", "--json").json["findings"]
                return len(found) > 1 and all(f["stage"] == "awaiting_approval" for f in found) and found

            found = self.eventually("all are decided", decided)
            size = self.aright("ledger", "show", "--json").json["size"]
            told = self.aright("policy", "replay", "bolder.yaml", "--json").json["remediations"]
            self.assertEqual({(one["was"], one["now"], one["changed"]) for one in told}, {("approval", "automatic", True)})
            self.assertEqual(len(told), len(found))
            self.assertEqual(sum("held" in one for one in told), len(found) - 1)
            text = self.aright("policy", "replay", "bolder.yaml").out
            self.assertIn(f"{len(found) - 1} would have waited for a limit or a freeze", text)
            self.assertIn("Nothing would be decided otherwise", self.aright("policy", "replay").out)
            (self.home / "more.yaml").write_text(POLICY.replace("controls: [", "controls: [{id: restricted-ssh}, "))
            self.assertIn("Nothing on record is by restricted-ssh", self.aright("policy", "replay", "more.yaml").out)
            self.assertEqual(self.aright("ledger", "show", "--json").json["size"], size)

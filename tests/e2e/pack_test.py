"""A conformance pack as the public ones are written: checked offline, put into a policy, and told rule by rule."""

from harness import Server, Story, serving

NAME = "Buckets-And-Keys"


class Pack(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.bring(f"{NAME}.yaml")

    def test_check_says_what_it_cannot_evaluate(self):
        told = self.aright("pack", "check", f"{NAME}.yaml", "--json", code=3).json
        self.assertEqual((told["rules_evaluable"], told["rules_all"]), (5, 6))
        pack = told["packs"][0]
        why = {rule["name"]: rule["why_not"] for rule in pack["rules"] if rule["why_not"]}
        self.assertEqual(why, {"unheard-of": "no control judges by UNHEARD_OF"})
        self.assertEqual([rule["name"] for rule in pack["rules"] if rule["attested"]], ["a-person-looks"])
        self.assertEqual([rule["name"] for rule in pack["rules"] if rule["left_out"]], ["only-when-asked"])
        self.assertEqual([one["why_not"] for one in pack["remediations"]], [""])
        text = self.aright("pack", "check", f"{NAME}.yaml", code=3).out
        self.assertIn("5 of 6 rules can be evaluated", text)
        self.assertRegex(text, r"a-person-looks +a person, who attests it")

    def test_a_template_that_is_none_is_told(self):
        (self.home / "broken.yaml").write_text("Resources: {Role: {Type: AWS::IAM::Role}}\n")
        told = self.aright("pack", "check", "broken.yaml", code=2)
        self.assertIn("/Resources/Role: AWS::IAM::Role can't be in a conformance pack", told.err)

    def test_a_pack_is_deployed_and_told_rule_by_rule(self):
        policy = self.home / "mine.yaml"
        policy.write_text((self.home / "aright.yaml").read_text())
        before = policy.read_text()

        shown = self.aright("pack", "deploy", f"{NAME}.yaml", "--policy", "mine.yaml", text="n\n").out
        self.assertIn("Nothing was written.", shown)
        self.assertEqual(policy.read_text(), before)
        plan = self.aright("pack", "deploy", f"{NAME}.yaml", "--policy", "mine.yaml", "--yes", "--json").json
        self.assertTrue(plan["written"])
        self.assertIn("s3-bucket-versioning-enabled", [line["what"] for line in plan["controls_added"]])
        self.assertEqual({line["what"] for line in plan["rules_not_evaluated"]}, {"unheard-of"})
        self.assertTrue(policy.read_text().startswith(before), "what was there stays as it was written")
        again = self.aright("pack", "deploy", f"{NAME}.yaml", "--policy", "mine.yaml", "--yes", "--json").json
        self.assertEqual(again["controls_added"], [])

        cloud = self.enterContext(Server(self.home, "sandbox"))
        self.aws(cloud, "s3api", "create-bucket", "--bucket", "tagged-web")
        self.aws(cloud, "s3api", "put-bucket-tagging", "--bucket", "tagged-web",
                 "--tagging", "TagSet=[{Key=team,Value=web}]")
        self.enterContext(serving(self.home, cloud, policy="mine.yaml"))
        self.aright("scan", code=3)
        rules = {rule["name"]: rule for rule in self.aright("pack", "status", NAME, "--json", code=3).json["rules"]}
        self.assertEqual(rules["versioned"]["compliance"], "NON_COMPLIANT")
        self.assertEqual({rules[name]["compliance"] for name in ("unheard-of", "a-person-looks")}, {"INSUFFICIENT_DATA"})
        self.assertEqual(rules["web-buckets-are-logged"]["open_findings"], 1, "the scope is one bucket's tag")
        self.assertEqual(rules["web-buckets-are-versioned"]["open_findings"], 1, rules)
        self.assertIn("NON_COMPLIANT", self.aright("pack", "status", f"{NAME}.yaml", code=3).out)
        self.aright("pack", "status", "unheard", code=2)

"""The policy for running without aright: exported, deployed by the AWS CLI and by aright, and at work."""

import json

from harness import Server, Story

FUNCTION = "own-revoke-world-open-ingress"


class Native(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")

    def export(self, *more):
        return self.aright("export", "cloudformation", "--policy", "aright.yaml", *more)

    def deploy(self, cloud, *more, code=0, text=None):
        return self.aright("deploy", "--target", cloud.url, "--policy", "aright.yaml", "-p", "Approvers=ana",
                           *more, code=code, text=text)

    def stacks(self, cloud):
        return [stack["StackName"] for stack in self.aws(cloud, "cloudformation", "describe-stacks")["Stacks"]]

    def test_the_aws_cli_deploys_an_export_and_its_function_works(self):
        told = self.export()
        self.assertIn("rollback, plans and the ledger: no native service", told.err)
        self.assertEqual(told.out, self.export().out, "the same policy gives the same bytes")
        (self.home / "own.yaml").write_text(told.out)
        cloud = self.enterContext(Server(self.home, "sandbox"))
        self.run_program(["/usr/bin/aws", "--endpoint-url", cloud.url, "cloudformation", "deploy",
                          "--stack-name", "own", "--template-file", "own.yaml", "--capabilities", "CAPABILITY_IAM",
                          "--parameter-overrides", "Approvers=ana"], 0)
        self.assertEqual(self.stacks(cloud), ["own"])
        rules = self.aws(cloud, "configservice", "describe-config-rules")["ConfigRules"]
        self.assertEqual({rule["ConfigRuleName"] for rule in rules},
                         {"restricted-ssh", "s3-bucket-public-read-prohibited"})

        group = self.aws(cloud, "ec2", "create-security-group",
                         "--group-name", "open", "--description", "open")["GroupId"]
        self.aws(cloud, "ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp",
                 "--port", "22", "--cidr", "0.0.0.0/0")
        event = {"invokingEvent": json.dumps({"configurationItem": {"resourceId": group}})}
        answer = self.aws(cloud, "lambda", "invoke", "--function-name", FUNCTION, "--payload", json.dumps(event),
                          "answer.json", "--cli-binary-format", "raw-in-base64-out")
        self.assertNotIn("FunctionError", answer, (self.home / "answer.json").read_text())
        groups = self.aws(cloud, "ec2", "describe-security-groups", "--group-ids", group)["SecurityGroups"]
        self.assertEqual(groups[0].get("IpPermissions", []), [])

    def test_a_deployment_is_planned_asked_about_and_done_once(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        asked = self.deploy(cloud, text="n\n")
        self.assertRegex(asked.out, r"aright +Add +AWS::Config::ConfigRule +RestrictedSsh\n")
        self.assertIn("Nothing was changed.", asked.out)
        self.assertEqual(self.stacks(cloud), [])

        plan = self.deploy(cloud, "--json").json
        self.assertFalse(plan["carried_out"], "without --yes a program is told, and nothing is done")
        done = self.deploy(cloud, "--json", "--yes").json
        self.assertTrue(done["carried_out"])
        self.assertEqual(done["stacks"], plan["stacks"])
        self.assertTrue(self.deploy(cloud, "--json", "--yes").json["nothing_to_change"])
        self.assertIn("Nothing to change.", self.deploy(cloud).out)

    def test_what_is_asked_wrongly_or_cannot_be_done_is_told(self):
        self.assertIn("say where", self.aright("deploy", "--policy", "aright.yaml", code=2).err)
        cloud = self.enterContext(Server(self.home, "sandbox"))
        lacking = self.aright("deploy", "--target", cloud.url, "--policy", "aright.yaml", "--yes", code=2).err
        self.assertIn("Approvers", lacking)

    def test_templates_of_a_large_policy_fit_into_requests(self):
        (self.home / "large.yaml").write_text(
            "targets: [{account: '111122223333', regions: [us-east-1]}]\ncontrols: [{pack: aws-fsbp}]\n"
            "functions: {revoke-world-open-ingress: {handler: revoke-world-open-ingress.handler, "
            "catalog: revoke-world-open-ingress.py}}\n")
        files = self.aright("export", "cloudformation", "--policy", "large.yaml", "--to", "templates").out.split()
        self.assertGreater(len(files), 2)
        for file in files:
            self.assertLessEqual((self.home / file).stat().st_size, 51_200)

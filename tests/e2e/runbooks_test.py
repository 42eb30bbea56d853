"""Runbooks by themselves, with nothing but an endpoint: explained, for many targets, in other accounts, from the store."""

import hashlib
import json

from harness import ACCOUNT, Server, Story

OTHER = "444455556666"
ROLE = "AWS-SystemsManager-AutomationExecutionRole"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]})
PUT_PARAMETER = """
schemaVersion: "0.3"
parameters: {Name: {type: String}, Word: {type: String, default: hello}}
mainSteps:
  - name: Put
    action: aws:executeAwsApi
    inputs: {Service: ssm, Api: PutParameter, Name: "{{ Name }}", Value: "{{ Word }}", Type: String}
"""
HELPER = "def main(events, context):\n  return {'Said': 'hello ' + events['Name']}\n"
ATTACHED = f"""
schemaVersion: "0.3"
parameters: {{Name: {{type: String}}}}
files: {{helper.py: {{checksums: {{sha256: {hashlib.sha256(HELPER.encode()).hexdigest()}}}}}}}
mainSteps:
  - name: Say
    action: aws:executeScript
    inputs: {{Runtime: python3.11, Handler: helper.main, Attachment: helper.py, InputPayload: {{Name: "{{{{ Name }}}}"}}}}
    outputs: [{{Name: Said, Selector: $.Payload.Said, Type: String}}]
outputs: [Say.Said]
"""


class Runbooks(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox", "--empty", "--account", f"{ACCOUNT}:test:test",
                                                 "--account", f"{OTHER}:other:other"))
        cls.bring("runbooks")
        (cls.home / "put.yaml").write_text(PUT_PARAMETER)

    def run_it(self, *words, code=0):
        return self.aright("runbook", "run", *words, "--endpoint-url", self.cloud.url, "--json", code=code).json

    def value(self, name, **more):
        return self.aws(self.cloud, "ssm", "get-parameter", "--name", name, **more)["Parameter"]["Value"]

    def test_a_document_is_explained(self):
        told = self.aright("runbook", "explain", "runbooks/tag-bucket.yaml").out
        for text in ("Puts one tag on a bucket", "● PutTag", "s3:PutBucketTagging", "writes", "s3:GetBucketTagging"):
            self.assertIn(text, told)
        policy = self.aright("runbook", "explain", "runbooks/tag-bucket.yaml", "--json").json["policy"]
        self.assertEqual(policy["Statement"], [{"Effect": "Allow", "Action": ["s3:GetBucketTagging", "s3:PutBucketTagging"],
                                                "Resource": ["arn:aws:s3:::*"]}])
        picture = self.aright("runbook", "explain", "AWS-DisableSageMakerNotebookRootAccess", "--svg").out
        self.assertTrue(picture.startswith("<svg ") and picture.endswith("</svg>\n"))

    def test_once_for_each_target(self):
        run = self.run_it("put.yaml", "--target-parameter-name", "Name", "--targets", "Key=ParameterValues,Values=one,two")
        self.assertEqual(run["AutomationExecutionStatus"], "Success")
        self.assertEqual([self.value("one"), self.value("two")], ["hello", "hello"])
        self.aright("runbook", "run", "put.yaml", "--targets", "Key=ParameterValues,Values=one", code=2)

    def test_in_another_account_by_its_role(self):
        other = {"AWS_ACCESS_KEY_ID": "other", "AWS_SECRET_ACCESS_KEY": "other"}
        words = ("put.yaml", "-p", "Name=there", "--target-locations", f"Accounts={ACCOUNT},{OTHER},Regions=us-east-1")
        refused = self.run_it(*words, code=1)
        self.assertEqual(refused["AutomationExecutionStatus"], "Failed", "nobody made the role yet")

        self.aws(self.cloud, "iam", "create-role", "--role-name", ROLE, "--assume-role-policy-document", TRUST, **other)
        self.aws(self.cloud, "iam", "attach-role-policy", "--role-name", ROLE, "--policy-arn",
                 "arn:aws:iam::aws:policy/AdministratorAccess", code=None, **other)
        self.aws(self.cloud, "ssm", "delete-parameter", "--name", "there")
        self.assertEqual(self.run_it(*words)["AutomationExecutionStatus"], "Success")
        self.assertEqual([self.value("there"), self.value("there", **other)], ["hello", "hello"])

    def test_a_document_of_the_account_with_an_attachment(self):
        (self.home / "helper.py").write_text(HELPER)
        self.aws(self.cloud, "s3api", "create-bucket", "--bucket", "acme-helpers")
        self.aws(self.cloud, "s3api", "put-object", "--bucket", "acme-helpers", "--key", "lib/helper.py", "--body", "helper.py")
        made = self.aws(self.cloud, "ssm", "create-document", "--name", "Attached", "--document-type", "Automation",
                        "--document-format", "YAML", "--content", ATTACHED,
                        "--attachments", "Key=SourceUrl,Values=s3://acme-helpers/lib")["DocumentDescription"]
        self.assertEqual((made["Status"], made["AttachmentsInformation"]), ("Active", [{"Name": "helper.py"}]))
        run = self.run_it("Attached", "-p", "Name=Ana")
        self.assertEqual((run["AutomationExecutionStatus"], run["Outputs"]["Say.Said"]), ("Success", ["hello Ana"]))
        (self.home / "helper.py").write_text(HELPER + "# other\n")
        self.aws(self.cloud, "s3api", "put-object", "--bucket", "acme-helpers", "--key", "lib/helper.py", "--body", "helper.py")
        broken = self.aws(self.cloud, "ssm", "create-document", "--name", "Broken", "--document-type", "Automation",
                          "--document-format", "YAML", "--content", ATTACHED,
                          "--attachments", "Key=SourceUrl,Values=s3://acme-helpers/lib")["DocumentDescription"]
        self.assertEqual(broken["Status"], "Failed")

    def test_a_document_of_the_account(self):
        self.aws(self.cloud, "ssm", "create-document", "--name", "Stored", "--document-type", "Automation",
                 "--document-format", "YAML", "--content", PUT_PARAMETER)
        self.assertEqual(self.run_it("Stored", "-p", "Name=stored")["AutomationExecutionStatus"], "Success")
        self.assertEqual(self.value("stored"), "hello")
        self.aws(self.cloud, "ssm", "create-document", "--name", "Command", "--document-type", "Command", "--content",
                 '{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": ["true"]}}]}')
        told = self.aright("runbook", "run", "Command", "--endpoint-url", self.cloud.url, code=2)
        self.assertIn("is of the type Command", told.err)

    def test_a_script_beside_the_document(self):
        folder = self.home / "attached"
        folder.mkdir()
        (folder / "say.yaml").write_text(ATTACHED)
        missing = self.run_it(str(folder / "say.yaml"), "-p", "Name=ana", code=1)
        self.assertIn("put it beside the document", missing["FailureMessage"])
        (folder / "helper.py").write_text(HELPER)
        self.assertEqual(self.run_it(str(folder / "say.yaml"), "-p", "Name=ana")["Outputs"], {"Say.Said": ["hello ana"]})
        (folder / "helper.py").write_text(HELPER + "# changed\n")
        changed = self.aright("runbook", "run", str(folder / "say.yaml"), "-p", "Name=ana", "--endpoint-url", self.cloud.url, code=2)
        self.assertIn("another checksum", changed.err)

    def test_step_by_step_where_somebody_asks_for_that(self):
        (self.home / "stepwise.yaml").write_text(f'targets: [{{account: "{ACCOUNT}", regions: [us-east-1]}}]\n'
                                                 "runbooks: {Put: put.yaml}\n")
        with Server(self.home, "serve", "--port", "0", "--state", "stepwise", "--policy", "stepwise.yaml") as server:
            def ssm(*words):
                return self.aws(server, "ssm", *words)

            id = ssm("start-automation-execution", "--document-name", "Put", "--mode", "Interactive",
                     "--parameters", "Name=slowly")["AutomationExecutionId"]

            def execution():
                return ssm("get-automation-execution", "--automation-execution-id", id)["AutomationExecution"]

            waiting = self.eventually("it waits", lambda: (now := execution())["AutomationExecutionStatus"] == "Waiting" and now)
            self.assertEqual((waiting["Mode"], waiting["CurrentStepName"]), ("Interactive", "Put"))
            ssm("send-automation-signal", "--automation-execution-id", id, "--signal-type", "StartStep",
                "--payload", "StepName=Put")
            self.eventually("it ends", lambda: execution()["AutomationExecutionStatus"] == "Success")
            self.assertEqual(self.aws(server, "ssm", "get-parameter", "--name", "slowly")["Parameter"]["Value"], "hello")

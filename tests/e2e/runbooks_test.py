"""Runbooks by themselves, with nothing but an endpoint: explained, for many targets, in other accounts, from the store."""

import hashlib
import json
import zipfile

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
WHO_AM_I = """
schemaVersion: "0.3"
assumeRole: "{{ AutomationAssumeRole }}"
parameters: {AutomationAssumeRole: {type: String, default: ""}}
outputs: [Ask.Arn]
mainSteps:
  - name: Ask
    action: aws:executeAwsApi
    inputs: {Service: sts, Api: GetCallerIdentity}
    outputs: [{Name: Arn, Selector: $.Arn, Type: String}]
"""
LATE = """
schemaVersion: "0.3"
mainSteps:
  - {name: Call, action: "aws:invokeLambdaFunction", timeoutSeconds: 2, onFailure: Continue, inputs: {FunctionName: slow}}
  - name: Run
    action: aws:executeScript
    timeoutSeconds: 2
    onFailure: Continue
    inputs: {Runtime: python3.11, Handler: main, Script: "import time\\ndef main(events, context):\\n  time.sleep(20)"}
  - {name: Sleep, action: "aws:sleep", inputs: {Duration: PT1S}}
  - {name: Below, action: "aws:executeAutomation", inputs: {DocumentName: put, RuntimeParameters: {Name: late}}}
"""
LIST = """
schemaVersion: "0.3"
parameters: {Names: {type: StringList}}
outputs: [Count.Number]
mainSteps:
  - name: Count
    action: aws:executeScript
    inputs: {Runtime: python3.11, Handler: main, InputPayload: {names: "{{ Names }}"}, Script: "def main(events, context):\\n  return {'n': len(events['names'])}"}
    outputs: [{Name: Number, Selector: $.Payload.n, Type: Integer}]
"""
IMAGE = """
schemaVersion: "0.3"
assumeRole: "{{ AutomationAssumeRole }}"
parameters:
  SourceAmiId: {type: String, default: ami-0a1b2c3d4e5f67890}
  TargetAmiName: {type: String, default: "img_from_{{SourceAmiId}}_on_{{global:DATE_TIME}}"}
  AutomationAssumeRole: {type: String, default: "arn:aws:iam::{{global:ACCOUNT_ID}}:role/AutomationServiceRole"}
outputs: [createImage.ImageId]
mainSteps:
  - {name: launchInstance, action: "aws:runInstances", inputs: {ImageId: "{{SourceAmiId}}", InstanceType: t3.micro}}
  - {name: stopInstance, action: "aws:changeInstanceState", inputs: {InstanceIds: ["{{launchInstance.InstanceIds}}"], DesiredState: stopped}}
  - {name: createImage, action: "aws:createImage", inputs: {InstanceId: "{{launchInstance.InstanceIds}}", ImageName: "{{TargetAmiName}}", NoReboot: true}}
  - {name: terminateInstance, action: "aws:changeInstanceState", inputs: {InstanceIds: "{{launchInstance.InstanceIds}}", DesiredState: terminated}}
"""
REVOKE = """
schemaVersion: "0.3"
parameters: {GroupId: {type: String}, RuleId: {type: String}}
mainSteps:
  - name: Revoke
    action: aws:executeAwsApi
    inputs: {Service: ec2, Api: RevokeSecurityGroupIngress, GroupId: "{{ GroupId }}", SecurityGroupRuleIds: ["{{ RuleId }}"]}
"""
FORGET = """
schemaVersion: "0.3"
parameters: {Name: {type: String}}
mainSteps:
  - name: Forget
    action: aws:executeAwsApi
    inputs: {Service: logs, Api: DeleteLogGroup, logGroupName: "{{ Name }}"}
"""
VERSION = """
schemaVersion: "0.3"
mainSteps:
  - {name: Version, action: "aws:executeAwsApi", inputs: {Service: s3, Api: PutBucketVersioning, Bucket: never-versioned, VersioningConfiguration: {Status: Enabled}}}
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

    def test_the_catalogs_and_the_policys_are_listed(self):
        (self.home / "own.yaml").write_text("targets: [{account: '111122223333'}]\nrunbooks: {Mine: runbooks/tag-bucket.yaml}\n")
        told = self.aright("runbook", "list", "--policy", "own.yaml").out
        self.assertRegex(told, r"\nMine +policy +BucketName, Owner +Puts one tag on a bucket")
        self.assertRegex(told, r"\nAWS-StopEC2Instance +catalog +InstanceId +Stops the instances")
        [mine] = [one for one in self.aright("runbook", "list", "--policy", "own.yaml", "--json").json["runbooks"] if one["name"] == "Mine"]
        self.assertIn({"name": "Owner", "type": "String", "required": True}, mine["parameters"])

    def test_a_document_is_explained(self):
        told = self.aright("runbook", "explain", "runbooks/tag-bucket.yaml").out
        for text in ("Puts one tag on a bucket", "● PutTag", "s3:PutBucketTagging", "writes", "s3:GetBucketTagging"):
            self.assertIn(text, told)
        policy = self.aright("runbook", "explain", "runbooks/tag-bucket.yaml", "--json").json["policy"]
        self.assertEqual(policy["Statement"], [{"Effect": "Allow", "Action": ["s3:GetBucketTagging", "s3:PutBucketTagging"],
                                                "Resource": ["arn:aws:s3:::*"]}])
        picture = self.aright("runbook", "explain", "AWS-DisableSageMakerNotebookRootAccess", "--svg").out
        self.assertTrue(picture.startswith("<svg ") and picture.endswith("</svg>\n"))

    def test_a_rehearsal_tells_what_changes_where_and_what_leads_back(self):
        (self.home / "revoke.yaml").write_text(REVOKE)
        (self.home / "forget.yaml").write_text(FORGET)
        group = self.aws(self.cloud, "ec2", "create-security-group", "--group-name", "web", "--description", "web")["GroupId"]
        rule = self.aws(self.cloud, "ec2", "authorize-security-group-ingress", "--group-id", group, "--ip-permissions", json.dumps(
            [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "the world"}]}]))
        rehearse = ("runbook", "rehearse", "revoke.yaml", "-p", f"GroupId={group}", "-p",
                    f"RuleId={rule['SecurityGroupRules'][0]['SecurityGroupRuleId']}", "--endpoint-url", self.cloud.url)

        plan = self.aright(*rehearse, "--json").json
        self.assertTrue(plan["reversible"])
        [back] = plan["inverse"]
        self.assertEqual(back["operation"], "AuthorizeSecurityGroupIngress")
        self.assertEqual(back["input"]["IpPermissions"][0]["IpRanges"], [{"CidrIp": "0.0.0.0/0", "Description": "the world"}])
        told = self.aright(*rehearse).out
        for text in ("  can be taken back", f"    AWS::EC2::SecurityGroup {group}\n", "      SecurityGroupIngress: ",
                     "  and back by\n    ec2:AuthorizeSecurityGroupIngress "):
            self.assertIn(text, told)

        (self.home / "version.yaml").write_text(VERSION)
        self.aws(self.cloud, "s3api", "create-bucket", "--bucket", "never-versioned")
        told = self.aright("runbook", "rehearse", "version.yaml", "--endpoint-url", self.cloud.url).out
        self.assertIn('no whole way back from s3:PutBucketVersioning: VersioningConfiguration is {"Status":"Suspended"}', told)

        self.aws(self.cloud, "logs", "create-log-group", "--log-group-name", "web")
        told = self.aright("runbook", "rehearse", "forget.yaml", "-p", "Name=web", "--endpoint-url", self.cloud.url).out
        self.assertIn("can't be taken back as a whole", told)
        self.assertIn("no way back from logs:DeleteLogGroup: a deleted AWS::Logs::LogGroup does not come back", told)

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

    def test_in_each_account_as_the_role_that_the_location_names(self):
        words = ("put.yaml", "-p", "Name=by-role", "--target-locations", f"Accounts={ACCOUNT},Regions=us-east-1,ExecutionRoleName=")
        told = self.aright("runbook", "run", *words[:-1], words[-1] + "nobody", "--endpoint-url", self.cloud.url, code=1).out
        self.assertIn("The defined assume role is unable to be assumed", told)
        self.aws(self.cloud, "iam", "create-role", "--role-name", "by-role", "--assume-role-policy-document", TRUST)
        run = self.run_it(*words[:-1], words[-1] + "by-role")
        self.assertEqual((run["AutomationExecutionStatus"], run["AutomationType"]), ("Success", "CrossAccount"))
        self.assertEqual(self.value("by-role"), "hello")

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

    def test_a_document_beside_it_that_is_no_good_is_left_out(self):
        folder = self.home / "beside"
        folder.mkdir()
        (folder / "put.yaml").write_text(PUT_PARAMETER)
        (folder / "helper.py").write_text(HELPER + "# other\n")
        (folder / "attached.yaml").write_text(ATTACHED)
        told = self.aright("runbook", "run", "beside/put.yaml", "-p", "Name=beside", "--endpoint-url", self.cloud.url)
        self.assertIn("beside/attached.yaml is left out: the attachment helper.py has another checksum", told.err)
        self.assertIn("another checksum", self.aright("runbook", "run", "beside/attached.yaml", "-p", "Name=a", code=2).err)

    def test_a_document_of_the_account(self):
        self.aws(self.cloud, "ssm", "create-document", "--name", "Stored", "--document-type", "Automation",
                 "--document-format", "YAML", "--content", PUT_PARAMETER)
        self.assertEqual(self.run_it("Stored", "-p", "Name=stored")["AutomationExecutionStatus"], "Success")
        self.assertEqual(self.value("stored"), "hello")
        self.aws(self.cloud, "ssm", "create-document", "--name", "Command", "--document-type", "Command", "--content",
                 '{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": ["true"]}}]}')
        told = self.aright("runbook", "run", "Command", "--endpoint-url", self.cloud.url, code=2)
        self.assertIn("is of the type Command", told.err)

    def test_a_document_that_is_none_is_not_taken(self):
        told = self.assert_aws_refuses("InvalidDocumentContent", self.cloud, "ssm", "create-document", "--name", "Broken",
                                       "--document-type", "Automation", "--document-format", "YAML", "--content",
                                       PUT_PARAMETER.replace("executeAwsApi", "exectueAwsApi"))
        self.assertIn("did you mean aws:executeAwsApi?", told)

    def test_as_the_role_that_the_document_names(self):
        trust = TRUST.replace(f'"AWS": "arn:aws:iam::{ACCOUNT}:root"', '"Service": "ssm.amazonaws.com"')
        self.aws(self.cloud, "iam", "create-role", "--role-name", "Fix", "--assume-role-policy-document", trust)
        self.aws(self.cloud, "iam", "create-role", "--role-name", "Functions", "--assume-role-policy-document",
                 trust.replace("ssm.", "lambda."))
        (self.home / "who.yaml").write_text(WHO_AM_I)
        role = f"AutomationAssumeRole=arn:aws:iam::{ACCOUNT}:role/"
        run = self.run_it("who.yaml", "-p", role + "Fix")
        self.assertIn(f"arn:aws:sts::{ACCOUNT}:assumed-role/Fix/aright-", run["Outputs"]["Ask.Arn"][0])
        self.assertEqual(self.run_it("who.yaml")["Outputs"]["Ask.Arn"], [f"arn:aws:iam::{ACCOUNT}:root"])
        for wrong in ("AutomationAssumeRole=Fix", role + "Functions", role + "Nobody", role.replace(ACCOUNT, OTHER) + "Fix"):
            told = self.aright("runbook", "run", "who.yaml", "-p", wrong, "--endpoint-url", self.cloud.url, code=2)
            self.assertIn("assume role", told.err)

    def test_a_function_that_takes_too_long_has_timed_out_and_what_follows_runs(self):
        (self.home / "index.py").write_text("import time\ndef handler(event, context):\n  time.sleep(8)\n")
        with zipfile.ZipFile(self.home / "slow.zip", "w") as package:
            package.write(self.home / "index.py", "index.py")
        self.aws(self.cloud, "iam", "create-role", "--role-name", "slow", "--assume-role-policy-document",
                 TRUST.replace(f'"AWS": "arn:aws:iam::{ACCOUNT}:root"', '"Service": "lambda.amazonaws.com"'))
        self.aws(self.cloud, "lambda", "create-function", "--function-name", "slow", "--runtime", "python3.11", "--handler",
                 "index.handler", "--role", f"arn:aws:iam::{ACCOUNT}:role/slow", "--zip-file", "fileb://slow.zip",
                 "--timeout", "30")
        self.aws(self.cloud, "lambda", "wait", "function-active-v2", "--function-name", "slow")
        (self.home / "late.yaml").write_text(LATE)
        run = self.run_it("late.yaml")
        self.assertEqual([step["StepStatus"] for step in run["StepExecutions"]], ["TimedOut", "TimedOut", "Success", "Success"])
        self.assertEqual(run["AutomationExecutionStatus"], "Success")

    def test_lists_are_given_as_the_aws_cli_takes_them(self):
        (self.home / "list.yaml").write_text(LIST)
        for words in (["-p", "Names=a,b,c"], ["-p", "Names=a", "-p", "Names=b", "-p", "Names=c"], ["-p", 'Names=["a","b","c"]']):
            self.assertEqual(self.run_it("list.yaml", *words)["Outputs"], {"Count.Number": ["3"]}, words)

    def test_an_image_of_what_was_launched(self):
        self.aws(self.cloud, "iam", "create-role", "--role-name", "AutomationServiceRole", "--assume-role-policy-document",
                 TRUST.replace(f'"AWS": "arn:aws:iam::{ACCOUNT}:root"', '"Service": "ssm.amazonaws.com"'))
        (self.home / "image.yaml").write_text(IMAGE)
        run = self.run_it("image.yaml")
        self.assertEqual(run["AutomationExecutionStatus"], "Success", run)
        image = self.aws(self.cloud, "ec2", "describe-images", "--image-ids", *run["Outputs"]["createImage.ImageId"])["Images"][0]
        self.assertRegex(image["Name"], r"^img_from_ami-0a1b2c3d4e5f67890_on_\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d$")

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

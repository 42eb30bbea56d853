"""Commands of Systems Manager: sent with boto3 and by a runbook, run on instances of the sandbox."""

import json

import boto3
import botocore.config
import botocore.exceptions

from harness import Server, Story

RUNBOOK = """
schemaVersion: "0.3"
parameters: {InstanceId: {type: String}}
mainSteps:
  - name: Look
    action: aws:runCommand
    inputs:
      DocumentName: AWS-RunShellScript
      InstanceIds: ["{{ InstanceId }}"]
      Parameters: {commands: ["echo ready", "aws ssm get-parameter --name /motd --query Parameter.Value --output text"]}
  - name: Fails
    action: aws:runCommand
    onFailure: Continue
    inputs: {DocumentName: AWS-RunShellScript, InstanceIds: ["{{ InstanceId }}"], Parameters: {commands: ["exit 7"]}}
outputs: [Look.Output, Look.ResponseCode, Look.Status, Look.CommandId]
"""


class Commands(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox", "--port", "0", "--empty"))
        cls.ssm, iam, ec2 = cls.client("ssm"), cls.client("iam"), cls.client("ec2")
        iam.create_role(RoleName="managed", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
        iam.attach_role_policy(RoleName="managed", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
        iam.create_instance_profile(InstanceProfileName="managed")
        iam.add_role_to_instance_profile(InstanceProfileName="managed", RoleName="managed")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        run = ec2.run_instances(ImageId="ami-0123456789abcdef0", MinCount=2, MaxCount=2, SubnetId=subnet,
                                IamInstanceProfile={"Name": "managed"},
                                TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "env", "Value": "test"}]}])
        cls.instances = [one["InstanceId"] for one in run["Instances"]]
        ec2.get_waiter("instance_running").wait(InstanceIds=cls.instances, WaiterConfig={"Delay": 1})
        cls.ssm.put_parameter(Name="/motd", Type="String", Value="hello")

    @classmethod
    def client(cls, service):
        made = boto3.client(service, endpoint_url=cls.cloud.url, region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test", config=botocore.config.Config(retries={"total_max_attempts": 1}))
        cls.addClassCleanup(made.close)
        return made

    def send(self, *commands, **more):
        return self.ssm.send_command(DocumentName="AWS-RunShellScript", Parameters={"commands": list(commands)}, **more)["Command"]

    def ended(self, command, instance):
        def look():
            one = self.ssm.get_command_invocation(CommandId=command, InstanceId=instance)
            return one["Status"] not in ("Pending", "InProgress", "Cancelling") and one

        return self.eventually("the command ends", look)

    def test_runs_and_is_told_of_by_waiter_and_command_line(self):
        one = self.instances[0]
        command = self.send("echo out", "echo err >&2", InstanceIds=[one], Comment="try")
        self.assertEqual((command["Status"], command["TargetCount"]), ("Pending", 1))
        self.ssm.get_waiter("command_executed").wait(CommandId=command["CommandId"], InstanceId=one,
                                                     WaiterConfig={"Delay": 1})
        told = self.aws(self.cloud, "ssm", "get-command-invocation", "--command-id", command["CommandId"],
                        "--instance-id", one)
        self.assertEqual((told["Status"], told["ResponseCode"], told["StandardOutputContent"], told["StandardErrorContent"]),
                         ("Success", 0, "out\n", "err\n"))
        listed = self.aws(self.cloud, "ssm", "list-commands", "--command-id", command["CommandId"])["Commands"][0]
        self.assertEqual((listed["Status"], listed["CompletedCount"], listed["Comment"]), ("Success", 1, "try"))

    def test_is_cancelled_while_it_runs(self):
        one = self.instances[0]
        id = self.send("echo begun", "sleep 600", InstanceIds=[one])["CommandId"]
        self.eventually("it runs", lambda: self.ssm.list_commands(CommandId=id)["Commands"][0]["Status"] == "InProgress")
        self.ssm.cancel_command(CommandId=id)
        self.assertEqual(self.ended(id, one)["Status"], "Cancelled")

    def test_goes_to_tagged_instances_one_after_the_other(self):
        id = self.send("true", Targets=[{"Key": "tag:env", "Values": ["test"]}], MaxConcurrency="1")["CommandId"]
        for instance in self.instances:
            self.assertEqual(self.ended(id, instance)["Status"], "Success")
        told = self.ssm.list_command_invocations(CommandId=id, Details=True)["CommandInvocations"]
        self.assertEqual(sorted(one["InstanceId"] for one in told), sorted(self.instances))
        self.assertEqual({one["CommandPlugins"][0]["ResponseCode"] for one in told}, {0})

    def test_is_refused_where_nobody_listens(self):
        for error, more in (("InvalidInstanceId", {"InstanceIds": ["i-0123456789abcdef0"]}),
                            ("DuplicateInstanceId", {"InstanceIds": self.instances[:1] * 2})):
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                self.send("true", **more)
            self.assertEqual(raised.exception.response["Error"]["Code"], error)
        known = self.ssm.describe_instance_information()["InstanceInformationList"]
        self.assertEqual(sorted(one["InstanceId"] for one in known), sorted(self.instances))

    def test_is_a_step_of_a_runbook(self):
        (self.home / "look.yaml").write_text(RUNBOOK)
        run = self.aright("runbook", "run", "./look.yaml", "-p", f"InstanceId={self.instances[0]}", "--endpoint-url",
                          self.cloud.url, "--json").json
        self.assertEqual(run["AutomationExecutionStatus"], "Success", json.dumps(run, indent=1))
        self.assertEqual((run["Outputs"]["Look.Output"], run["Outputs"]["Look.ResponseCode"], run["Outputs"]["Look.Status"]),
                         (["ready\nhello\n"], ["0"], ["Success"]))
        by_name = {step["StepName"]: step for step in run["StepExecutions"]}
        self.assertEqual(by_name["Fails"]["StepStatus"], "Failed")
        who = self.ssm.get_command_invocation(CommandId=run["Outputs"]["Look.CommandId"][0], InstanceId=self.instances[0])
        self.assertEqual(who["DocumentName"], "AWS-RunShellScript")

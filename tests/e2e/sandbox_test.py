"""`aright sandbox` and Debian's AWS CLI."""

import json

import boto3
import botocore.config
import botocore.exceptions

from harness import ACCOUNT, BINARY, Server, Story, request

EVERYBODY_READS = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open/*"}],
})
BLOCK_ALL = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"


def trust(whom):
    return json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": whom}, "Action": "sts:AssumeRole"}],
    })


TRUST_ROOT, TRUST_ALL = trust(f"arn:aws:iam::{ACCOUNT}:root"), trust("*")


class Sandbox(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox", "--empty"))

    def test_a_key_belongs_to_an_account_and_a_wrong_secret_is_refused(self):
        self.assertEqual(self.cloud.hello["account"], ACCOUNT)
        self.assertEqual(self.aws(self.cloud, "sts", "get-caller-identity"),
                         {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"})
        self.assert_aws_refuses("SignatureDoesNotMatch", self.cloud, "sts", "get-caller-identity",
                                AWS_SECRET_ACCESS_KEY="wrong")
        self.assert_aws_refuses("InvalidClientTokenId", self.cloud, "sts", "get-caller-identity",
                                AWS_ACCESS_KEY_ID="AKIANOBODYSKEY00")

    def test_s3_control_is_reached_by_the_account_in_the_hosts_name_through_the_sandbox_as_proxy(self):
        def control(*arguments):
            return self.aws(self.cloud, "s3control", *arguments, "--account-id", ACCOUNT, HTTP_PROXY=self.cloud.url)

        control("put-public-access-block", "--public-access-block-configuration", BLOCK_ALL)
        self.assertTrue(all(control("get-public-access-block")["PublicAccessBlockConfiguration"].values()))
        control("delete-public-access-block")

    def test_a_token_that_the_operation_did_not_give_is_refused(self):
        vpc = self.aws(self.cloud, "ec2", "create-vpc", "--cidr-block", "10.9.0.0/16")["Vpc"]["VpcId"]
        for part in range(6):
            self.aws(self.cloud, "ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", f"10.9.{part}.0/24")
        pages = ("ec2", "describe-subnets", "--no-paginate", "--max-results", "5", "--filters", f"Name=vpc-id,Values={vpc}")
        first = self.aws(self.cloud, *pages)
        self.assertEqual((len(first["Subnets"]), len(self.aws(self.cloud, *pages, "--next-token", first["NextToken"])["Subnets"])), (5, 1))
        for token in ("garbage", "c3VibmV0LTE="):
            self.assert_aws_refuses("InvalidNextToken", self.cloud, *pages, "--next-token", token)

    def test_a_scan_without_credentials_could_not_be_done(self):
        told = self.run_program([BINARY, "--state", "blind", "--endpoint-url", self.cloud.url, "scan"], 1,
                                AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        self.assertIn("no AWS credentials were found", told.out)

    def test_a_url_signed_as_before_version_4_hears_what_is_wanted(self):
        status, _, text = request(f"{self.cloud.url}/open/a?AWSAccessKeyId=test&Signature=x&Expires=9999999999")
        self.assertEqual(status, 400)
        self.assertIn("Please use AWS4-HMAC-SHA256", text)

    def test_a_bucket_is_public_until_its_block_is_on(self):
        def s3(*arguments):
            return self.aws(self.cloud, "s3api", *arguments, "--bucket", "open")

        s3("create-bucket")
        self.assert_aws_refuses("AccessDenied", self.cloud, "s3api", "put-bucket-policy", "--bucket", "open",
                                "--policy", EVERYBODY_READS)
        s3("delete-public-access-block")
        self.assert_aws_refuses("NoSuchPublicAccessBlockConfiguration", self.cloud, "s3api", "get-public-access-block",
                                "--bucket", "open")
        s3("put-bucket-policy", "--policy", EVERYBODY_READS)
        self.assertTrue(s3("get-bucket-policy-status")["PolicyStatus"]["IsPublic"])

        s3("put-public-access-block", "--public-access-block-configuration", BLOCK_ALL)

        self.assertTrue(all(s3("get-public-access-block")["PublicAccessBlockConfiguration"].values()))
        self.assert_aws_refuses("AccessDenied", self.cloud, "s3api", "put-bucket-policy", "--bucket", "open",
                                "--policy", EVERYBODY_READS)
        s3("delete-bucket")
        self.assert_aws_refuses("NoSuchBucket", self.cloud, "s3api", "get-bucket-policy", "--bucket", "open")

    def test_an_instance_runs_in_a_group_whose_rules_are_told_apart(self):
        def ec2(*arguments):
            return self.aws(self.cloud, "ec2", *arguments)

        vpc = ec2("create-vpc", "--cidr-block", "10.1.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2("create-subnet", "--vpc-id", vpc, "--cidr-block", "10.1.1.0/24")["Subnet"]["SubnetId"]
        group = ec2("create-security-group", "--group-name", "g", "--description", "d", "--vpc-id", vpc)["GroupId"]
        instance = ec2("run-instances", "--image-id", "ami-0a1b2c3d4e5f60718", "--instance-type", "t3.micro",
                       "--subnet-id", subnet, "--security-group-ids", group)["Instances"][0]["InstanceId"]
        told = ec2("describe-instances", "--instance-ids", instance)["Reservations"][0]["Instances"][0]
        self.assertEqual(told["SecurityGroups"], [{"GroupName": "g", "GroupId": group}])
        self.assertEqual(told["VpcId"], vpc)

        ssh = ("--group-id", group, "--protocol", "tcp", "--port", "22", "--cidr", "0.0.0.0/0")
        ec2("authorize-security-group-ingress", *ssh)
        self.assert_aws_refuses("InvalidPermission.Duplicate", self.cloud, "ec2", "authorize-security-group-ingress", *ssh)
        rules = ec2("describe-security-groups", "--group-ids", group)["SecurityGroups"][0]["IpPermissions"]
        self.assertEqual([(rule["FromPort"], rule["IpRanges"]) for rule in rules], [(22, [{"CidrIp": "0.0.0.0/0"}])])
        ec2("revoke-security-group-ingress", *ssh)
        self.assert_aws_refuses("InvalidPermission.NotFound", self.cloud, "ec2", "revoke-security-group-ingress", *ssh)
        self.assert_aws_refuses("InvalidGroup.Duplicate", self.cloud, "ec2", "create-security-group", "--group-name", "g",
                                "--description", "d", "--vpc-id", vpc)
        self.assert_aws_refuses("InvalidInstanceID.NotFound", self.cloud, "ec2", "describe-instances",
                                "--instance-ids", "i-00000000000000000")

    def test_a_role_is_made_once(self):
        create = ("create-role", "--role-name", "reader", "--assume-role-policy-document", TRUST_ROOT)
        made = self.aws(self.cloud, "iam", *create)["Role"]
        self.assertEqual(made["Arn"], f"arn:aws:iam::{ACCOUNT}:role/reader")
        self.assert_aws_refuses("EntityAlreadyExists", self.cloud, "iam", *create)
        read = self.aws(self.cloud, "iam", "get-role", "--role-name", "reader")["Role"]
        self.assertEqual(read["AssumeRolePolicyDocument"], json.loads(TRUST_ROOT))
        self.assert_aws_refuses("NoSuchEntity", self.cloud, "iam", "get-role", "--role-name", "nobody")

    def test_what_a_key_encrypts_it_decrypts(self):
        key = self.aws(self.cloud, "kms", "create-key")["KeyMetadata"]["KeyId"]
        sealed = self.aws(self.cloud, "kms", "encrypt", "--key-id", key, "--plaintext", "c2VjcmV0")["CiphertextBlob"]
        self.assertNotIn("c2VjcmV0", sealed)
        opened = self.aws(self.cloud, "kms", "decrypt", "--ciphertext-blob", sealed)
        self.assertEqual(opened["Plaintext"], "c2VjcmV0")
        self.assertTrue(opened["KeyId"].endswith(key))

    def test_a_parameter_is_overwritten_only_when_told(self):
        put = ("ssm", "put-parameter", "--name", "/e2e/level", "--type", "String", "--value")
        self.assertEqual(self.aws(self.cloud, *put, "info")["Version"], 1)
        self.assert_aws_refuses("ParameterAlreadyExists", self.cloud, *put, "debug")
        self.assertEqual(self.aws(self.cloud, *put, "debug", "--overwrite")["Version"], 2)
        self.assertEqual(self.aws(self.cloud, "ssm", "get-parameter", "--name", "/e2e/level")["Parameter"]["Value"], "debug")

    def test_what_is_published_arrives_in_the_queue(self):
        queue = self.aws(self.cloud, "sqs", "create-queue", "--queue-name", "inbox")["QueueUrl"]
        arn = self.aws(self.cloud, "sqs", "get-queue-attributes", "--queue-url", queue,
                       "--attribute-names", "QueueArn")["Attributes"]["QueueArn"]
        topic = self.aws(self.cloud, "sns", "create-topic", "--name", "alerts")["TopicArn"]
        self.aws(self.cloud, "sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn)
        self.aws(self.cloud, "sns", "publish", "--topic-arn", topic, "--message", "hello")

        message = self.aws(self.cloud, "sqs", "receive-message", "--queue-url", queue)["Messages"][0]

        told = json.loads(message["Body"])
        self.assertEqual((told["TopicArn"], told["Message"]), (topic, "hello"))
        self.aws(self.cloud, "sqs", "delete-message", "--queue-url", queue, "--receipt-handle", message["ReceiptHandle"])

    def test_a_function_is_registered(self):
        (self.home / "code.zip").write_bytes(b"PK\5\6" + bytes(18))
        create = ("lambda", "create-function", "--function-name", "judge", "--runtime", "python3.11", "--handler", "a.b",
                  "--role", f"arn:aws:iam::{ACCOUNT}:role/lambda", "--zip-file", "fileb://code.zip")
        self.assert_aws_refuses("InvalidParameterValueException", self.cloud, *create)  # nobody by that role
        self.aws(self.cloud, "iam", "create-role", "--role-name", "lambda", "--assume-role-policy-document", json.dumps({
            "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                                                   "Action": "sts:AssumeRole"}}))
        self.assertEqual(self.aws(self.cloud, *create)["FunctionName"], "judge")
        self.assert_aws_refuses("ResourceConflictException", self.cloud, *create)
        told = self.aws(self.cloud, "lambda", "get-function-configuration", "--function-name", "judge")
        self.assertEqual((told["Handler"], told["Runtime"]), ("a.b", "python3.11"))

    def test_a_log_group_keeps_events_for_as_long_as_told(self):
        def logs(*arguments):
            return self.aws(self.cloud, "logs", *arguments)

        logs("create-log-group", "--log-group-name", "/e2e")
        self.assert_aws_refuses("ResourceAlreadyExistsException", self.cloud, "logs", "create-log-group",
                                "--log-group-name", "/e2e")
        logs("put-retention-policy", "--log-group-name", "/e2e", "--retention-in-days", "30")
        self.assertEqual(logs("describe-log-groups")["logGroups"][0]["retentionInDays"], 30)

    def test_an_operation_that_nobody_described_is_named(self):
        self.assert_aws_refuses("NotImplemented", self.cloud, "gamelift", "list-fleets")


class Accounts(Story):
    """Two accounts are two worlds; a role is the way from one into the other."""

    OTHER = "444455556666"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with Server(cls.home, "sandbox", "--empty", "--file", "cloud.json") as cloud:
            cls.cloud = cloud
            cls.client("iam").create_role(RoleName="visitor", AssumeRolePolicyDocument=TRUST_ALL)
            cls.client("iam").create_role(RoleName="resident", AssumeRolePolicyDocument=TRUST_ROOT)
            cls.client("ssm").put_parameter(Name="/theirs", Type="String", Value="1")
        kept = cls.home / "cloud.json"
        kept.write_text(kept.read_text().replace(ACCOUNT, cls.OTHER))  # what was made belongs to the other account
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox", "--file", kept))

    @classmethod
    def client(cls, service, region="us-east-1", **credentials):
        credentials = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        made = boto3.client(service, endpoint_url=cls.cloud.url, region_name=region,
                            config=botocore.config.Config(retries={"max_attempts": 0}, proxies={}), **credentials)
        cls.addClassCleanup(made.close)
        return made

    def assume(self, role):
        given = self.client("sts").assume_role(RoleArn=role, RoleSessionName="e2e")["Credentials"]
        return {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"]}

    def test_a_role_acts_in_its_own_account(self):
        self.client("iam").create_role(RoleName="here", AssumeRolePolicyDocument=TRUST_ROOT)
        session = self.assume(f"arn:aws:iam::{ACCOUNT}:role/here")

        who = self.client("sts", **session).get_caller_identity()

        self.assertEqual((who["Account"], who["Arn"]), (ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/here/e2e"))

    def test_an_account_sees_another_only_through_a_role(self):
        session = self.assume(f"arn:aws:iam::{self.OTHER}:role/visitor")
        self.assertEqual(self.client("sts", **session).get_caller_identity()["Account"], self.OTHER)
        ours, theirs = self.client("ssm"), self.client("ssm", **session)
        ours.put_parameter(Name="/ours", Type="String", Value="1")

        self.assertEqual([p["Name"] for p in theirs.describe_parameters()["Parameters"]], ["/theirs"])
        with self.assertRaises(ours.exceptions.ParameterNotFound):
            ours.get_parameter(Name="/theirs")

    def test_a_role_that_trusts_others_only_is_refused(self):
        for role in ("resident", "nobody"):
            with self.subTest(role), self.assertRaisesRegex(botocore.exceptions.ClientError, "AccessDenied"):
                self.assume(f"arn:aws:iam::{self.OTHER}:role/{role}")

    def test_a_region_sees_nothing_of_another(self):
        self.client("ssm", "eu-central-1").put_parameter(Name="/regional", Type="String", Value="1")
        with self.assertRaises(self.client("ssm").exceptions.ParameterNotFound):
            self.client("ssm", "eu-west-1").get_parameter(Name="/regional")


class Kept(Story):
    def test_a_file_keeps_the_account_between_runs(self):
        with Server(self.home, "sandbox", "--empty", "--file", "cloud.json") as cloud:
            self.aws(cloud, "ssm", "put-parameter", "--name", "/kept", "--type", "String", "--value", "yes")
            self.aws(cloud, "s3api", "create-bucket", "--bucket", "kept")
            (self.home / "body").write_text("words")
            self.aws(cloud, "s3api", "put-object", "--bucket", "kept", "--key", "k", "--body", "body")

        with Server(self.home, "sandbox", "--file", "cloud.json") as cloud:
            self.assertEqual(self.aws(cloud, "ssm", "get-parameter", "--name", "/kept")["Parameter"]["Value"], "yes")
            self.assertEqual([b["Name"] for b in self.aws(cloud, "s3api", "list-buckets")["Buckets"]], ["kept"])
            self.aws(cloud, "s3api", "get-object", "--bucket", "kept", "--key", "k", "read")
            self.assertEqual((self.home / "read").read_text(), "words")

    def test_a_file_that_is_no_account_is_refused_and_left_alone(self):
        (self.home / "broken.json").write_text("{half")
        refused = self.aright("sandbox", "--file", "broken.json", code=2)
        self.assertTrue(refused.err)
        self.assertEqual((self.home / "broken.json").read_text(), "{half")

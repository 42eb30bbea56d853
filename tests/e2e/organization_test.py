"""Accounts that nobody lists: the organization's members are found, entered by the role that came with them, and scanned;
what a service control policy denies at one of them is told as not seen."""

import json

import boto3
import botocore.config

from harness import Server, Story

MANAGEMENT, GUEST, ROLE = "111122223333", "444455556666", "OrganizationAccountAccessRole"
POLICY = f"""
targets:
  - organization: true
    regions: [us-east-1]
    role: "arn:aws:iam::{{account}}:role/{ROLE}"
controls: [{{id: s3-bucket-public-read-prohibited}}]
"""


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class AnOrganization(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.home / "aright.yaml").write_text(POLICY)
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox", "--empty", "--authorize", "--account", f"{MANAGEMENT}:test:test",
                                                 "--account", f"{GUEST}:guest:guest"))
        organizations, guest = cls.client("organizations"), cls.key("guest", "guest")
        organizations.create_organization(FeatureSet="ALL")
        cls.members = {name: organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
                       for name in ("shop", "bank")}
        invited = organizations.invite_account_to_organization(Target={"Id": GUEST, "Type": "ACCOUNT"})["Handshake"]
        cls.client("organizations", guest).accept_handshake(HandshakeId=invited["Id"])
        cls.members["guest"] = GUEST
        trust = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"})
        cls.client("iam", guest).create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
        cls.client("iam", guest).attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        for name, account in cls.members.items():
            cls.open_bucket(f"{name}-open", cls.client("s3", cls.inside(account)))
        denied = organizations.create_policy(Name="no policies", Description="", Type="SERVICE_CONTROL_POLICY", Content=document(
            {"Effect": "Deny", "Action": "s3:GetBucketPolicy", "Resource": "*"}))["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=denied, TargetId=cls.members["bank"])

    @staticmethod
    def key(key, secret, token=None):
        return {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": token}

    @classmethod
    def client(cls, service, credentials=None):
        made = boto3.client(service, endpoint_url=cls.cloud.url, region_name="us-east-1", **(credentials or cls.key("test", "test")),
                            config=botocore.config.Config(retries={"max_attempts": 0}, proxies={}))
        cls.addClassCleanup(made.close)
        return made

    @classmethod
    def inside(cls, account):
        given = cls.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="e2e")["Credentials"]
        return cls.key(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    @staticmethod
    def open_bucket(name, s3):
        s3.create_bucket(Bucket=name)
        s3.delete_public_access_block(Bucket=name)
        s3.put_bucket_policy(Bucket=name, Policy=document({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                           "Resource": f"arn:aws:s3:::{name}/*"}))

    def test_is_scanned_member_by_member(self):
        scanned = self.aright("scan", "--endpoint-url", self.cloud.url, "--json", code=3).json

        self.assertEqual((scanned["evaluated"], scanned["non_compliant"], scanned["insufficient_data"]), (3, 2, 1))
        found = self.aright("findings", "--endpoint-url", self.cloud.url, "--json").json["findings"]
        self.assertEqual({one["resource"]["account"] for one in found}, {self.members["shop"], GUEST})
        [gap] = scanned["gaps"]
        self.assertEqual((gap["control"], gap["aspect"], gap["action"]), ("s3-bucket-public-read-prohibited", "Policy", "s3:GetBucketPolicy"))
        self.assertEqual((gap["resource"]["account"], gap["resource"]["id"]), (self.members["bank"], "bank-open"))
        self.assertIn("explicit deny in a service control policy", gap["why"])

    def test_tells_its_members_by_condition_keys(self):
        organization = self.client("organizations").describe_organization()["Organization"]["Id"]
        self.open_bucket("shared", self.client("s3"))
        self.client("s3").put_bucket_policy(Bucket="shared", Policy=document(
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::shared",
             "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}}}))

        self.client("s3", self.inside(self.members["shop"])).list_objects_v2(Bucket="shared")

        member = self.client("organizations", self.inside(self.members["shop"])).describe_organization()["Organization"]
        self.assertEqual(member["Id"], organization)

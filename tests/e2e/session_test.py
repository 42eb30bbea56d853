"""What an execution is made as: a session of the account's role, cut to the plan, in an account where IAM decides."""

import json

from harness import Server, Story, serving

ACCOUNT, BUCKET = "111122223333", "acme-open"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/aright"
POLICY = f"""
targets: [{{account: "{ACCOUNT}", regions: [us-east-1], role: "{ROLE}"}}]
controls: [{{id: s3-bucket-public-read-prohibited}}]
decide: [{{name: at once, decision: automatic}}]
"""
PUBLIC = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                  "Resource": f"arn:aws:s3:::{BUCKET}/*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                                                 "Action": "sts:AssumeRole"}]}


class ASession(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.home / "aright.yaml").write_text(POLICY)
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox", "--empty", "--authorize", "--account", f"{ACCOUNT}:test:test"))
        setup = cls("test_is_cut_to_the_plan")
        setup.aws(cls.cloud, "iam", "create-role", "--role-name", "aright", "--assume-role-policy-document", json.dumps(TRUST))
        setup.aws(cls.cloud, "iam", "attach-role-policy", "--role-name", "aright", "--policy-arn",
                  "arn:aws:iam::aws:policy/AdministratorAccess")
        setup.aws(cls.cloud, "s3api", "create-bucket", "--bucket", BUCKET)
        setup.aws(cls.cloud, "s3api", "delete-public-access-block", "--bucket", BUCKET)
        setup.aws(cls.cloud, "s3api", "put-bucket-policy", "--bucket", BUCKET, "--policy", json.dumps(PUBLIC))
        cls.server = cls.enterClassContext(serving(cls.home, cls.cloud))

    def events(self, name):
        found = self.aws(self.cloud, "cloudtrail", "lookup-events", "--lookup-attributes",
                         f"AttributeKey=EventName,AttributeValue={name}")["Events"]
        return [json.loads(event["CloudTrailEvent"]) for event in found]

    def test_is_cut_to_the_plan(self):
        fixed = self.eventually("the bucket is set right", lambda: [
            r for r in self.aright("executions", "--json").json["executions"] if r["status"] == "Success"])[0]
        session = f"aright-{fixed['id']}"

        closing = self.events("PutBucketPublicAccessBlock")
        self.assertEqual([event["userIdentity"]["arn"] for event in closing],
                         [f"arn:aws:sts::{ACCOUNT}:assumed-role/aright/{session}"])

        assumed = [e["requestParameters"] for e in self.events("AssumeRole") if e["requestParameters"]["roleSessionName"] == session]
        policy = json.loads(assumed[0]["policy"])
        writes = [one for one in policy["Statement"] if "s3:PutBucketPublicAccessBlock" in one["Action"]]
        self.assertEqual([one["Resource"] for one in writes], [[f"arn:aws:s3:::{BUCKET}"]])
        self.assertFalse(any("s3:*" in one["Action"] for one in policy["Statement"]))

        keys = self.aws(self.cloud, "sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "me",
                        "--policy", json.dumps(policy))["Credentials"]
        me = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
              "AWS_SESSION_TOKEN": keys["SessionToken"]}
        self.aws(self.cloud, "s3api", "list-buckets", **me)
        self.assert_aws_refuses("AccessDenied", self.cloud, "s3api", "delete-bucket-policy", "--bucket", BUCKET, **me)
        self.assert_aws_refuses("AccessDenied", self.cloud, "iam", "create-user", "--user-name", "mallory", **me)

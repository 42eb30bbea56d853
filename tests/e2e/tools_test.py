"""Findings of Security Hub, seen from there: found, suppressed, set right, excepted; our own, put there."""

import json

from harness import ACCOUNT, Server, Story, serving

PRODUCT = "arn:aws:securityhub:us-east-1::product/aws/securityhub"


class Tools(Story):
    def setUp(self):
        self.cloud = self.enterContext(Server(self.home, "sandbox"))

    def policy(self, text):
        (self.home / "aright.yaml").write_text(f"""
targets: [{{account: "{ACCOUNT}", regions: [us-east-1]}}]
controls: [{{id: s3-bucket-public-read-prohibited}}]
{text}""")

    def public_bucket(self, name):
        self.aws(self.cloud, "s3api", "create-bucket", "--bucket", name)
        self.aws(self.cloud, "s3api", "delete-public-access-block", "--bucket", name)
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
        self.aws(self.cloud, "s3api", "put-bucket-policy", "--bucket", name, "--policy",
                 json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    def found(self, bucket, **more):
        """One of Security Hub's findings about a bucket; its Id is the bucket's name."""
        finding = {
            "SchemaVersion": "2018-10-08", "Id": bucket, "ProductArn": PRODUCT, "GeneratorId": "security-control/S3.2",
            "AwsAccountId": ACCOUNT, "CreatedAt": "2024-05-01T10:00:00Z", "UpdatedAt": "2024-05-01T10:00:00Z",
            "Title": "S3 buckets should block public read access", "Description": "…", "Types": ["Effects"],
            "Severity": {"Label": "CRITICAL"}, "Workflow": {"Status": "NEW"}, "RecordState": "ACTIVE",
            "Compliance": {"Status": "FAILED"}, "ProductFields": {"ControlId": "S3.2"},
            "Resources": [{"Type": "AwsS3Bucket", "Id": f"arn:aws:s3:::{bucket}", "Region": "us-east-1"}]} | more
        self.aws(self.cloud, "securityhub", "batch-import-findings", "--findings", json.dumps([finding]))
        return finding

    def in_hub(self, id, comparison="EQUALS"):
        filters = json.dumps({"Id": [{"Value": id, "Comparison": comparison}]})
        found = self.aws(self.cloud, "securityhub", "get-findings", "--filters", filters)["Findings"]
        return found[0] if found else None

    def tell(self, finding, state):
        event = {"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported", "account": ACCOUNT,
                 "detail": {"findings": [finding]}}
        self.aright("events", "put", text=json.dumps(event), state=state)

    def blocked(self, bucket):
        return self.run_program(["/usr/bin/aws", "--endpoint-url", self.cloud.url, "s3api", "get-public-access-block",
                                 "--bucket", bucket], None).code == 0

    def test_a_finding_that_is_set_right_is_resolved_there_and_one_that_is_suppressed_stays(self):
        self.policy("""
decide: [{name: at once, decision: automatic}]
security_hub:
  update_findings: true
  automation_rules:
    - RuleName: websites are public
      RuleOrder: 1
      Criteria: {ResourceId: [{Comparison: PREFIX, Value: "arn:aws:s3:::website"}]}
      Actions:
        - Type: FINDING_FIELDS_UPDATE
          FindingFieldsUpdate: {Workflow: {Status: SUPPRESSED}, Note: {Text: it is a website, UpdatedBy: ann}}
""")
        with serving(self.home, self.cloud, state="hub"):
            # What the scan at the start does not see, only Security Hub tells of.
            self.eventually("that scan", lambda: self.aright("ledger", "show", "scans", state="hub", code=None).code == 0)
            for bucket in ("papers", "website"):
                self.public_bucket(bucket)
                self.tell(self.found(bucket), "hub")
            right = self.eventually("a finding that is resolved", lambda: self.in_hub("papers")
                                    if self.in_hub("papers")["Workflow"]["Status"] == "RESOLVED" else None)
            left = self.eventually("one that is suppressed", lambda: self.in_hub("website")
                                   if self.in_hub("website")["Workflow"]["Status"] == "SUPPRESSED" else None)
            self.assertEqual(right["Note"]["UpdatedBy"], "aright")
            self.assertEqual(right["UserDefinedFields"]["aright/stage"], "resolved")
            self.assertEqual(right["UpdatedAt"], "2024-05-01T10:00:00Z")
            self.assertIn("it is a website", left["Note"]["Text"])
            self.assertTrue(self.blocked("papers"))
            self.assertFalse(self.blocked("website"))
            entries = self.aright("ledger", "show", "--json", state="hub").json["size"]
            self.tell(right, "hub")
            self.eventually("that it was heard", lambda: self.aright("ledger", "show", "--json", state="hub").json["size"]
                            >= entries + 2)
            self.assertEqual(self.in_hub("papers"), right, "what aright wrote is no reason to write again")

    def test_our_own_are_put_there_and_an_exception_leaves_one_alone_until_it_is_ended(self):
        self.policy("""
decide: [{name: ask, decision: approval}]
security_hub: {import_findings: true}
""")
        self.public_bucket("site")
        with serving(self.home, self.cloud, state="own"):
            def here():
                listed = self.aright("findings", "--json", "--status", "all", state="own").json["findings"]
                return next((one for one in listed if one["resource"]["id"] == "site"), None)
            self.aright("scan", state="own", code=3)
            finding = self.eventually("our finding", here)["id"]

            def told(status):
                return self.eventually(status, lambda: (there := self.in_hub(f"aright/{finding}"))
                                       and there["Compliance"]["Status"] == status and there)
            there = told("FAILED")
            self.assertEqual((there["GeneratorId"], there["RecordState"]),
                             ("aright/s3-bucket-public-read-prohibited", "ACTIVE"))
            self.assertIn("sets it right", there["Remediation"]["Recommendation"]["Text"])
            self.eventually("that it is asked for", lambda: here()["stage"] == "awaiting_approval")
            self.aright("exceptions", "set", finding, "-m", "until Friday", state="own")
            held = self.aright("exceptions", "list", "--json", state="own").json["exceptions"]
            self.assertEqual([(one["finding"], one["exception"]["message"]) for one in held], [(finding, "until Friday")])
            self.eventually("that it waits", lambda: here()["stage"] == "deferred")
            self.aright("exceptions", "end", finding, state="own")
            self.eventually("that it is asked for again", lambda: here()["stage"] == "awaiting_approval")
            self.aright("approve", finding, "-m", "Friday", state="own")
            self.assertEqual(told("PASSED")["RecordState"], "ARCHIVED")

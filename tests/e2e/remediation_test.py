"""One server over a sandbox of its own: from the finding to the fix and back, as an operator types it."""

import contextlib
import json
import re

import botocore.session
import botocore.validate

from harness import Server, Story, serving

BUCKET, SSH = "s3-bucket-public-read-prohibited", "restricted-ssh"


class Remediation(Story):
    policy = "aright.yaml"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")

    def setUp(self):
        """Each story has an account and a server to itself."""
        self.cloud = self.enterContext(Server(self.home, "sandbox"))
        self.running = self.enterContext(contextlib.ExitStack())
        self.server = self.running.enter_context(serving(self.home, self.cloud))
        self.addCleanup(lambda: (self.home / "state/ledger.db").unlink(missing_ok=True))

    def finding(self, control, resource=None):
        """The open finding of that control, once the server's first scan has found it."""
        def look():
            found = self.aright("findings", "--control", control, "--json").json["findings"]
            return [f for f in found if resource in (None, f["resource"]["id"])]
        return self.eventually(f"a finding of {control}", look)[0]

    def waiting(self, finding):
        """The finding's remediation, once it waits for approval."""
        def look():
            return self.finding(SSH)["stage"] == "awaiting_approval" and self.finding(SSH)
        return self.eventually(f"{finding} waits for approval", look)["remediation"]

    def closed(self, bucket):
        told = self.run_program(["/usr/bin/aws", "--endpoint-url", self.cloud.url, "s3api", "get-public-access-block",
                                 "--bucket", bucket], None)
        self.assertTrue(told.code == 0 or "(NoSuchPublicAccessBlockConfiguration)" in told.err, told)
        return told.code == 0 and all(told.json["PublicAccessBlockConfiguration"].values())

    def world_open_ports(self, group):
        rules = self.aws(self.cloud, "ec2", "describe-security-groups", "--group-ids", group)["SecurityGroups"][0]
        return sorted(rule["FromPort"] for rule in rules["IpPermissions"]
                      if "0.0.0.0/0" in [allowed["CidrIp"] for allowed in rule["IpRanges"]])

    def test_findings_go_out_in_the_formats_of_others(self):
        finding = self.finding(BUCKET)
        asff = self.aright("findings", "--format", "asff").json
        of_asff = next(one for one in asff if one["ProductFields"]["aright/finding"] == finding["id"])
        self.assertEqual((of_asff["Resources"][0]["Type"], of_asff["Compliance"]["Status"]), ("AwsS3Bucket", "FAILED"))
        model = botocore.session.get_session().get_service_model("securityhub").operation_model("BatchImportFindings")
        for one in asff:  # younger than Debian's botocore
            self.assertRegex(one["Compliance"].pop("SecurityControlId", "S3.1"), r"^[A-Za-z0-9]+\.[0-9]+$")
        report = botocore.validate.ParamValidator().validate({"Findings": asff}, model.input_shape)
        self.assertFalse(report.has_errors(), report.generate_report())
        ocsf = self.aright("findings", "--format", "ocsf").json
        self.assertIn((2003, 1, finding["id"]), [(one["class_uid"], one["activity_id"], one["finding_info"]["uid"]) for one in ocsf])
        groups = self.aright("findings", "--group-by", "control", "--json").json["groups"]
        self.assertEqual(sum(group["findings"] for group in groups), len(asff))
        self.assertIn("did you mean 'severity'", self.aright("findings", "--group-by", "severty", code=2).err)

    def test_a_trail_that_is_told_twice_is_heard_once(self):
        record = {"eventID": "e-1", "eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl", "awsRegion": "us-east-1",
                  "recipientAccountId": "111122223333", "eventTime": "2024-05-01T10:00:00Z",
                  "requestParameters": {"bucketName": "acme-reports"}}
        trail = json.dumps({"Records": [record, record | {"eventID": "e-2"}]})
        (self.home / "trails").mkdir(exist_ok=True)
        (self.home / "trails/one.json").write_text(trail)
        for words, text in ((("trails",), None), ((), trail)):
            self.assertEqual(self.aright("events", "put", *words, "--json", text=text).json, {"events": 2})
        heard = self.aright("ledger", "show", "--from", "1", "--limit", "10000", "--json").json["entries"]
        self.assertEqual(sum(entry["kind"] == "signal_received" for entry in heard), 2)
        told = self.aright("events", "put", code=2, text='{"source": "x"}\n')
        self.assertIn(":1: ", told.err)

    def test_a_public_bucket_is_closed_and_opened_again(self):
        scan = self.aright("scan", "--json", code=3).json
        self.assertGreater(scan["non_compliant"], 0)
        finding = self.finding(BUCKET, "acme-reports")
        self.assertEqual((finding["severity"], finding["status"]), ("critical", "open"))
        self.assertFalse(self.closed("acme-reports"))

        plan = self.aright("plan", finding["id"], "--json").json
        self.assertEqual([write["operation"] for write in plan["writes"]], ["PutPublicAccessBlock"])
        self.assertEqual([write["operation"] for write in plan["inverse"]], ["DeletePublicAccessBlock"])
        self.assertTrue(plan["reversible"])
        told = self.aright("plan", finding["id"]).out
        for part in ("PolicyStatus/IsPublic: true → false", "s3:PutPublicAccessBlock", "s3:DeletePublicAccessBlock"):
            self.assertIn(part, told)
        self.assertFalse(self.closed("acme-reports"), "a plan changes nothing")

        unsure = self.aright("fix", finding["id"], code=1, text="n\n")
        self.assertIn("--yes", unsure.err)
        self.assertRegex(unsure.out, r"Plan [0-9a-f]{64}  can be taken back")
        self.assertFalse(self.closed("acme-reports"), "whoever says no gets nothing")

        fixed = self.aright("fix", finding["id"], "--yes", "--json").json
        self.assertEqual(fixed["stage"], "resolved")
        self.assertTrue(self.closed("acme-reports"))
        self.assertNotIn(finding["id"], [f["id"] for f in self.aright("findings", "--json").json["findings"]])
        resolved = self.aright("findings", "--status", "resolved", "--json").json["findings"]
        self.assertIn(finding["id"], [f["id"] for f in resolved])

        back = self.aright("rollback", finding["id"], "-m", "try it", "--json").json
        self.assertEqual(back["stage"], "rolled_back")
        self.assertFalse(self.closed("acme-reports"))
        self.assertTrue(self.aws(self.cloud, "s3api", "get-bucket-policy-status", "--bucket",
                                 "acme-reports")["PolicyStatus"]["IsPublic"])

    def test_what_was_agreed_to_is_what_is_done(self):
        finding = self.finding(BUCKET, "acme-reports")["id"]
        for how in ("hash", "question"):
            with self.subTest(how):
                if how == "hash":
                    seen = self.aright("plan", finding, "--json").json["hash"]
                    done = self.aright("fix", finding, "--plan", seen, "--json").json
                else:
                    told = self.aright("fix", finding, text="y\n").out
                    seen = told.partition("Plan ")[2][:64]
                    latest = self.aright("rollback", finding, "--json").json
                    done = self.aright("ledger", "show", latest["id"], "--json").json["entries"]
                    done = [entry["body"]["plan"] for entry in done if entry["kind"] == "planned"][0] | {"stage": "resolved"}
                    done["plan_hash"] = done["hash"]
                self.assertEqual((done["stage"], done["plan_hash"]), ("resolved", seen))
            if how == "hash":
                self.aright("rollback", finding)

    def test_a_plan_that_no_longer_holds_changes_nothing(self):
        finding = self.finding(BUCKET, "acme-reports")["id"]
        seen = self.aright("plan", finding, "--json").json["hash"]
        self.aws(self.cloud, "s3api", "put-public-access-block", "--bucket", "acme-reports", "--public-access-block-configuration",
                 "BlockPublicAcls=true,IgnorePublicAcls=false,BlockPublicPolicy=false,RestrictPublicBuckets=false")

        told = self.aright("fix", finding, "--plan", seen, code=1).out

        self.assertIn("the plan is void: changed since: ", told)
        self.assertIn("PublicAccessBlockConfiguration", told)
        self.assertIn(f"Nothing was changed. Look at it anew: aright plan {finding}", told)
        self.assertFalse(self.closed("acme-reports"))
        self.assertIn("AR-0018", self.aright("fix", finding, "--plan", "0" * 64, code=1).err)
        anew = self.aright("plan", finding, "--json").json["hash"]
        self.assertEqual(self.aright("fix", finding, "--plan", anew, "--json").json["stage"], "resolved")
        self.assertTrue(self.closed("acme-reports"))

    def test_the_record_tells_who_did_what_and_why(self):
        finding = self.finding(BUCKET, "acme-reports")["id"]
        remediation = self.aright("fix", finding, "--yes", "--json").json
        execution = remediation["executions"][0]["id"]

        why = self.aright("why", finding).out
        for part in ("lets everyone read it", "a person asked for it", "planned 1 write", "resolved"):
            self.assertIn(part, why)
        trace = self.aright("why", finding, "--json").json["trace"]
        for name in ("acme-reports", "arn:aws:s3:::acme-reports"):
            told = self.aright("why", name, "--json").json["findings"]
            self.assertIn(trace, [one["trace"] for one in told if one["finding"] == finding], name)
        self.assertIn("no finding is about", self.aright("why", "nobody", code=1).err)
        self.assertEqual(trace, sorted(trace, key=lambda line: line["time"]))

        listed = self.aright("executions", "--json").json["executions"]
        self.assertIn((execution, "Success"), [(one["id"], one["status"]) for one in listed])
        told = self.aright("executions", execution, "--json").json
        self.assertEqual([(step["StepName"], step["StepStatus"]) for step in told["StepExecutions"]],
                         [("BlockPublicAccess", "Success"), ("ProveItIsBlocked", "Success")])

        kinds = [entry["kind"] for entry in self.aright("ledger", "show", execution, "--json").json["entries"]]
        self.assertLess(kinds.index("call_intended"), kinds.index("call_returned"), "intent before effect")
        self.assertEqual(len(self.aright("ledger", "show", "--limit", "3").out.splitlines()), 3)
        verdict = self.aright("ledger", "verify", "--json").json
        self.assertTrue(verdict["ok"])
        # Notices are still being sent, each with its entry: the second look may find more than the first.
        said = re.match(r"sound: (\d+) entries, head [0-9a-f]{64}", self.aright("ledger", "verify").out)
        self.assertGreaterEqual(int(said[1]), verdict["entries"])

    def test_the_review_counts_what_was_done(self):
        finding = self.finding(BUCKET, "acme-reports")["id"]
        self.aright("fix", finding, "--yes")
        review = self.aright("report", "--since", "1h", "--json").json
        row = next(one for one in review["controls"] if one["control"] == BUCKET)
        self.assertEqual((row["findings"]["resolved"], row["remediations"]["fixed"], row["rates"]["success"]), (1, 1, 1))
        self.assertEqual(row["times"]["whole"]["count"], 1)
        self.assertIn(BUCKET, self.aright("report").out)
        page = self.home / "review.html"
        self.aright("report", "--format", "html", "-o", page)
        self.assertIn("Review of effectiveness", page.read_text())
        self.assertEqual(len(self.aright("report", "--format", "csv").out.splitlines()), len(review["controls"]) + 1)
        self.assertIn("is no time", self.aright("report", "--since", "yesterday", code=2).err)

    def test_all_fixes_of_a_control_are_taken_back_each_told_by_itself(self):
        self.finding(BUCKET)
        buckets = [f["id"] for f in self.aright("findings", "--control", BUCKET, "--json").json["findings"]]
        for finding in buckets:
            self.aright("fix", finding, "--yes")
        self.assertIn("nothing was taken back", self.aright("rollback", "--control", BUCKET, text="n\n", code=1).err)
        told = self.aright("rollback", "--control", BUCKET, "--since", "1h", "--yes", "-m", "wrong", "--json").json
        self.assertEqual([one["stage"] for one in told["rollbacks"]], ["rolled_back"] * len(buckets))
        self.assertEqual(len(self.aright("findings", "--control", BUCKET, "--json").json["findings"]), len(buckets))
        self.assertIn("No fix of", self.aright("rollback", "--control", BUCKET, "--yes").out)
        self.aright("rollback", code=2)

    def test_all_that_a_plan_did_is_taken_back_by_its_hash(self):
        finding = self.finding(BUCKET, "acme-reports")["id"]
        plan = self.aright("fix", finding, "--yes", "--json").json["plan_hash"]
        self.assertIn("nothing was taken back", self.aright("rollback", "--plan", plan, text="n\n", code=1).err)
        told = self.aright("rollback", "--plan", plan[:12], "--yes", "-m", "the plan was wrong", "--json").json
        self.assertEqual([one["stage"] for one in told["rollbacks"]], ["rolled_back"])
        self.assertIn("is rolled_back", self.aright("rollback", "--plan", plan, "--yes", code=1).err)
        unknown = self.aright("rollback", "--plan", "0123456789abcdef", "--yes", code=None)
        self.assertIn("no remediation has a plan whose hash begins with 0123456789abcdef", unknown.err)
        self.assertEqual(unknown.code, self.aright("rollback", "rem_01J00000000000000000000000", code=None).code, "as all that is not found")
        self.assertIn("AR-0006", self.aright("rollback", "--control", "unheard", "--yes", code=None).err)
        self.assertIn("at least 8 digits", self.aright("rollback", "--plan", plan[:4], "--yes", code=2).err)
        self.aright("rollback", finding, "--plan", plan, code=2)

    def test_an_edited_ledger_is_found_out(self):
        self.finding(BUCKET, "acme-reports")
        self.running.close()
        ledger = self.home / "state/ledger.db"
        text = ledger.read_bytes()
        self.assertIn(b"acme-reports", text)
        (self.home / "edited.db").write_bytes(text.replace(b"acme-reports", b"acme-rep0rts"))

        self.assertTrue(self.aright("ledger", "verify", ledger, "--json").json["ok"])
        edited = self.aright("ledger", "verify", "edited.db", "--json", code=3).json
        self.assertFalse(edited["ok"])
        self.assertGreater(edited["fault"]["position"], 0)

    def test_what_needs_approval_waits_until_a_person_agrees(self):
        finding = self.finding(SSH)
        group = finding["resource"]["id"]
        self.waiting(finding["id"])
        self.assertEqual(self.world_open_ports(group), [22, 443, 3389])

        approved = self.aright("approve", finding["id"], "-m", "agreed", "--json").json

        self.assertEqual(approved["stage"], "resolved")
        self.assertEqual([(a["principal"], a["comment"]) for a in approved["approvals"]], [("operator", "agreed")])
        self.assertEqual(self.world_open_ports(group), [443])
        self.aright("rollback", finding["id"])
        self.assertEqual(self.world_open_ports(group), [22, 443, 3389])

    def test_a_plan_is_approved_by_its_hash(self):
        finding = self.finding(SSH)
        remediation = self.waiting(finding["id"])
        plan = next(one["plan_hash"] for one in self.aright("approvals", "--json").json["approvals"] if one["remediation"] == remediation)
        self.assertIn("AR-0018", self.aright("approve", "0123456789", code=1).err)
        self.assertEqual(self.aright("approve", plan[:12], "-m", "agreed", "--json").json["stage"], "resolved")

    def test_what_is_rejected_is_left_alone(self):
        finding = self.finding(SSH)
        remediation = self.waiting(finding["id"])

        self.assertIn("say why you reject it, for whoever asked: with -m", self.aright("reject", remediation, code=2).err)
        rejected = self.aright("reject", remediation, "-m", "not today", "--json").json

        self.assertEqual(rejected["stage"], "closed")
        self.assertIn(22, self.world_open_ports(finding["resource"]["id"]))
        nothing = self.aright("approve", remediation, code=1)
        self.assertIn("nothing of", nothing.err)

    def test_who_asks_for_a_fix_does_not_approve_it(self):
        finding = self.finding(SSH)
        self.aright("reject", self.waiting(finding["id"]), "-m", "not today")
        asked = self.aright("fix", finding["id"], "--yes", "--json").json
        self.assertEqual(asked["stage"], "awaiting_approval")

        refused = self.aright("approve", asked["id"], code=1)

        self.assertIn("AR-0012", refused.err)
        other = self.aright("approve", asked["id"], "--server", self.server.url, "--token", "token of ana", "--json").json
        self.assertEqual(other["stage"], "resolved")

    def test_a_runbook_of_ones_own_runs_by_itself(self):
        run = self.aright("runbook", "run", "E2E-TagBucket", "-p", "BucketName=acme-logs", "-p", "Owner=ana", "--json").json
        self.assertEqual(run["AutomationExecutionStatus"], "Success")
        self.assertEqual(self.aws(self.cloud, "s3api", "get-bucket-tagging", "--bucket", "acme-logs")["TagSet"],
                         [{"Key": "owner", "Value": "ana"}])

        failed = self.aright("runbook", "run", "E2E-TagBucket", "-p", "BucketName=nobodys", "-p", "Owner=ana", code=1)
        self.assertRegex(failed.out, r"PutTag +aws:executeAwsApi +Failed")
        self.assertIn("Owner is required", self.aright("runbook", "run", "E2E-TagBucket", "-p", "BucketName=b", code=2).err)
        self.assertIn("aright runbook list", self.aright("runbook", "run", "Unheard", code=1).err)

    def test_commands_work_alone_when_no_server_runs(self):
        finding = self.finding(BUCKET, "acme-reports")["id"]
        self.running.close()
        nobody = self.aright("findings", code=1)
        self.assertIn("AR-0015", nobody.err)
        self.assertIn("aright serve", nobody.err)
        alone = ("--policy", "aright.yaml", "--endpoint-url", self.cloud.url, "--json")

        self.aright("scan", *alone, code=3)
        self.assertIn(finding, [f["id"] for f in self.aright("findings", *alone).json["findings"]])
        self.assertEqual(len(self.aright("plan", finding, *alone).json["writes"]), 1)
        self.assertEqual(self.aright("fix", finding, "--yes", *alone).json["stage"], "resolved")
        self.assertTrue(self.closed("acme-reports"))
        self.assertEqual(self.aright("rollback", finding, *alone).json["stage"], "rolled_back")
        self.assertFalse(self.closed("acme-reports"))
        self.assertTrue(self.aright("ledger", "verify", "--json").json["ok"])

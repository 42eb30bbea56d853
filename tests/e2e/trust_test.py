"""What keeps automatic fixes trustworthy, attacked from outside: plans that are broken, breakers, alarms, autonomy that is
earned and lost, messages in queues, and what others wrote into names and tags."""

import json
import threading
import time

from harness import ACCOUNT, Server, Story, request, serving
from people_test import Chat

BUCKET = "s3-bucket-public-read-prohibited"
POLICY = """
targets: [{account: "111122223333", regions: [us-east-1]}]
controls: [{id: s3-bucket-public-read-prohibited}]
"""
# Writes what nobody saw: another value in each run.
CAPRICE = """
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Tag
    action: aws:executeScript
    inputs:
      Runtime: python3.11
      Handler: tag
      InputPayload: {bucket: "{{ Bucket }}"}
      Script: |
        import boto3, os
        def tag(events, context):
            boto3.client("s3").put_bucket_tagging(
                Bucket=events["bucket"], Tagging={"TagSet": [{"Key": "seen", "Value": os.urandom(8).hex()}]})
"""
BY_CAPRICE = POLICY + """
runbooks: {Caprice: caprice.yaml}
remediations:
  - ConfigRuleName: s3-bucket-public-read-prohibited
    TargetId: Caprice
    Parameters: {Bucket: {ResourceValue: {Value: RESOURCE_ID}}}
    Automatic: true
    MaximumAutomaticAttempts: 1
breaker: {failures: 2, pause_s: 3}
"""
HOSTILE = "<script>alert(1)</script> `rm -rf` <!channel> @channel [x](https://evil.example) =1+1"


class Trust(Story):
    def setUp(self):
        self.cloud = self.enterContext(Server(self.home, "sandbox", "--empty"))
        (self.home / "caprice.yaml").write_text(CAPRICE)
        self.addCleanup(lambda: [path.unlink() for path in (self.home / "state").glob("ledger.db*")])

    def make_public(self, *buckets):
        for bucket in buckets:
            self.aws(self.cloud, "s3api", "create-bucket", "--bucket", bucket)
            self.open_again(bucket)

    def open_again(self, bucket):
        self.aws(self.cloud, "s3api", "delete-public-access-block", "--bucket", bucket)
        self.aws(self.cloud, "s3api", "put-bucket-policy", "--bucket", bucket, "--policy", json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                     "Resource": f"arn:aws:s3:::{bucket}/*"}]}))

    def findings(self):
        return {one["resource"]["id"]: one for one in self.aright("findings", "--control", BUCKET, "--status", "all", "--json").json["findings"]}

    def stage(self, bucket):
        return self.findings().get(bucket, {}).get("stage")

    def scan(self):
        self.aright("scan", code=None)

    def test_what_no_plan_holds_is_not_written_and_opens_the_breaker(self):
        (self.home / "aright.yaml").write_text(BY_CAPRICE)
        self.make_public("odd-1", "odd-2")
        with serving(self.home, self.cloud):
            self.scan()
            self.eventually("both failed", lambda: {self.stage(one) for one in ("odd-1", "odd-2")} == {"escalated"}, 120)
            why = self.aright("why", self.findings()["odd-1"]["id"]).out
            self.assertIn("plan_violation: AR-0004", why)
            for bucket in ("odd-1", "odd-2"):
                self.assert_aws_refuses("NoSuchTagSet", self.cloud, "s3api", "get-bucket-tagging", "--bucket", bucket)

            breakers = self.aright("brakes", "--json").json["breakers"]
            self.assertEqual([one["control"] for one in breakers], [BUCKET])
            self.make_public("odd-3", "odd-4")
            self.scan()
            self.eventually("one is on trial, and it fails", lambda: "escalated" in {self.stage("odd-3"), self.stage("odd-4")}, 120)
            other = ({self.stage("odd-3"), self.stage("odd-4")} - {"escalated"}).pop()
            self.assertIn(other, ("ready", "deferred"), "and the other waits for the next")
            brakes = self.aright("brakes", "--json").json
            self.assertTrue({one["state"] for one in brakes["breakers"]} <= {"open", "half_open"}, brakes)
            self.assertTrue(all("the breaker is open" in one["reason"] for one in brakes["held"]), brakes)

    def test_an_approval_says_at_once_what_holds_the_fix(self):
        (self.home / "aright.yaml").write_text(BY_CAPRICE.replace("Automatic: true", "Automatic: false").replace("pause_s: 3", "pause_s: 3600") +
                                               "decide: [{name: ask, decision: approval}]\n")
        self.make_public("odd-1", "odd-2", "odd-3", "odd-4")
        with serving(self.home, self.cloud):
            self.scan()
            self.eventually("all ask", lambda: {one["stage"] for one in self.findings().values()} == {"awaiting_approval"})
            for bucket in ("odd-1", "odd-2"):
                self.aright("approve", self.findings()[bucket]["id"], code=1)
            for bucket, more in (("odd-3", ()), ("odd-4", ("halt",))):
                if more:
                    self.aright("halt", "-m", "an incident")
                begun = time.monotonic()
                told = self.aright("approve", self.findings()[bucket]["id"], "-m", "go on")
                self.assertLess(time.monotonic() - begun, 20)
                self.assertRegex(told.out, "approved by operator(.|\n)*It waits: .*" + ("writes are halted" if more else "the breaker is open"))
                self.assertIn("goes on by itself", told.out)

    def test_an_approval_of_what_changed_since_does_nothing_and_says_so(self):
        (self.home / "aright.yaml").write_text(POLICY + "decide: [{name: ask, decision: approval}]\n")
        self.make_public("logs")
        with serving(self.home, self.cloud):
            self.scan()
            self.eventually("it asks", lambda: self.stage("logs") == "awaiting_approval")
            self.aws(self.cloud, "s3api", "put-public-access-block", "--bucket", "logs", "--public-access-block-configuration", "BlockPublicAcls=true")
            told = self.aright("approve", self.findings()["logs"]["id"], code=1)
            self.assertIn("Nothing was changed: the plan that you approved is void", told.out)
            self.aright("approve", self.findings()["logs"]["id"])
            self.assertEqual(self.stage("logs"), "resolved")

    def test_an_execution_has_a_session_that_may_write_to_its_plans_resources_alone(self):
        anybody = {"Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}}
        everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
        (self.home / "aright.yaml").write_text(POLICY.replace("regions", f'role: "arn:aws:iam::{ACCOUNT}:role/aright", regions') + """
decide: [{name: at once, decision: automatic}]
""")
        with Server(self.home, "sandbox", "--empty", "--authorize") as self.cloud:
            self.aws(self.cloud, "iam", "create-role", "--role-name", "aright", "--assume-role-policy-document", json.dumps(anybody))
            self.aws(self.cloud, "iam", "put-role-policy", "--role-name", "aright", "--policy-name", "all", "--policy-document", json.dumps(everything))
            self.make_public("logs")
            with serving(self.home, self.cloud):
                self.scan()
                self.eventually("it is fixed in a session of its own", lambda: self.stage("logs") == "resolved")
                started = [entry for entry in self.aright("ledger", "show", "--json").json["entries"] if entry["kind"] == "execution_started"]
                self.assertEqual([entry["body"]["session"] for entry in started], ["resources"])

    def test_an_alarm_that_goes_off_after_the_fix_takes_it_back(self):
        (self.home / "aright.yaml").write_text(POLICY + """
decide: [{name: at once, decision: automatic}]
health_checks: [{name: no errors, alarm: site-5xx}]
verification: [{health: [no errors], soak_s: 6, every_s: 1, on_failure: rollback}]
""")
        state = lambda value: self.aws(self.cloud, "cloudwatch", "set-alarm-state", "--alarm-name", "site-5xx", "--state-value", value, "--state-reason", "a test")
        self.aws(self.cloud, "cloudwatch", "put-metric-alarm", "--alarm-name", "site-5xx", "--metric-name", "5xx", "--namespace", "Site",
                 "--statistic", "Sum", "--period", "60", "--evaluation-periods", "1", "--threshold", "1", "--comparison-operator", "GreaterThanThreshold")
        state("ALARM")
        self.make_public("site")
        with serving(self.home, self.cloud):
            self.scan()
            held = self.eventually("it waits for the alarm", lambda: self.aright("brakes", "--json").json["held"])
            self.assertIn("the check 'no errors' fails: it is in state ALARM", held[0]["reason"])
        state("OK")
        (self.home / "state/ledger.db").unlink()
        with serving(self.home, self.cloud):
            self.scan()
            self.eventually("it is fixed, and soaks", lambda: self.stage("site") == "verifying")
            state("ALARM")
            self.eventually("it is taken back", lambda: self.stage("site") == "rolled_back")
            self.assert_aws_refuses("NoSuchPublicAccessBlockConfiguration", self.cloud, "s3api", "get-public-access-block", "--bucket", "site")
            self.assertIn("the check 'no errors' fails", self.aright("why", self.findings()["site"]["id"]).out)

    def test_autonomy_is_earned_step_by_step_and_lost_at_once(self):
        (self.home / "aright.yaml").write_text(POLICY + """
decide: [{name: what proved itself, decision: earned}]
autonomy: {approval: 20, canary: 34, automatic: 40}
canaries: [{waves: [all], pause_s: 0}]
""")
        level = lambda: next(one for one in self.aright("autonomy", "--json").json["controls"] if one["control"] == BUCKET)["level"]
        with serving(self.home, self.cloud):
            self.make_public("a-1")
            self.scan()
            self.eventually("nobody trusts it yet", lambda: self.stage("a-1") == "closed")
            self.aright("fix", self.findings()["a-1"]["id"], "--yes")
            self.assertEqual(level(), "approval")
            self.make_public("a-2")
            self.scan()
            self.eventually("it asks", lambda: self.stage("a-2") == "awaiting_approval")
            self.aright("approve", self.findings()["a-2"]["remediation"])
            self.assertEqual(level(), "canary")
            self.make_public("a-3")
            self.scan()
            self.eventually("it goes by itself", lambda: self.stage("a-3") == "resolved")
            self.assertEqual(level(), "automatic")
            self.aright("rollback", self.findings()["a-3"]["remediation"], "-m", "it broke the site")
            self.assertEqual(level(), "observe")
            self.assertIn("took a fix back", self.aright("autonomy").out)
            self.make_public("a-4")
            self.scan()
            self.eventually("it is watched again", lambda: self.stage("a-4") == "closed")

    def test_messages_arrive_in_a_topic_a_queue_and_on_a_bus(self):
        queue = {}
        for name in ("direct", "by-topic", "by-bus"):
            queue[name] = self.aws(self.cloud, "sqs", "create-queue", "--queue-name", name)["QueueUrl"]
        arn = lambda name: f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        topic = self.aws(self.cloud, "sns", "create-topic", "--name", "told")["TopicArn"]
        self.aws(self.cloud, "sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn("by-topic"))
        self.aws(self.cloud, "events", "put-rule", "--name", "told", "--event-pattern", '{"source": [{"prefix": "aright"}]}')
        self.aws(self.cloud, "events", "put-targets", "--rule", "told", "--targets", f"Id=1,Arn={arn('by-bus')}")
        (self.home / "aright.yaml").write_text(POLICY + f"""
decide: [{{name: at once, decision: automatic}}]
notify:
  - {{name: queue, sqs: "{arn('direct')}", on: [resolved]}}
  - {{name: topic, sns: "{topic}", on: [resolved]}}
  - {{name: bus, events: "arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default", on: [resolved]}}
  - {{name: nowhere, sqs: "{arn('nowhere')}", on: [resolved]}}
""")
        def first(name):
            got = self.aws(self.cloud, "sqs", "receive-message", "--queue-url", queue[name]).get("Messages")
            return got and json.loads(got[0]["Body"])
        self.make_public("told")
        with serving(self.home, self.cloud) as server:
            self.scan()
            direct = self.eventually("the queue has it", lambda: first("direct"))
            self.assertEqual((direct["kind"], direct["body"]["resource"]["id"]), ("resolved", "told"))
            by_topic = self.eventually("the topic's subscriber has it", lambda: first("by-topic"))
            self.assertEqual(json.loads(by_topic["Message"])["id"], direct["id"])
            by_bus = self.eventually("the rule of the bus has it", lambda: first("by-bus"))
            self.assertEqual(by_bus["detail"]["id"], direct["id"])
            # A queue that is not there may still come.
            self.assertEqual({one["name"]: one["dead"] for one in self.channels()}, {"queue": 0, "topic": 0, "bus": 0, "nowhere": 0})
            self.eventually("what cannot be delivered is told", lambda: "nowhere/" in server.errors())

    def channels(self):
        place = json.loads((self.home / "state/server.json").read_text())
        return json.loads(request(f"{place['url']}/api/v1/channels", token=place["token"])[2])["channels"]

    def test_an_address_that_is_refused_is_not_tried_again(self):
        chat = Chat()
        threading.Thread(target=chat.server.serve_forever, daemon=True).start()
        self.addCleanup(chat.server.server_close)
        self.addCleanup(chat.server.shutdown)
        (self.home / "aright.yaml").write_text(POLICY + f"""
decide: [{{name: at once, decision: automatic}}]
notify: [{{name: inside, webhook: "{chat.url}", on: [resolved]}}]
""")
        self.make_public("inside")
        with serving(self.home, self.cloud) as server:
            self.scan()
            self.eventually("it is given up", lambda: [one["dead"] for one in self.channels()] == [1], 20)
            self.assertEqual(chat.heard, [])
            self.assertIn("internal", self.channels()[0]["dead_error"])
            self.assertEqual(server.errors().count("inside/"), 1, server.errors())

    def test_what_others_wrote_is_text_wherever_it_is_shown(self):
        chats = [Chat(), Chat()]
        for chat in chats:
            threading.Thread(target=chat.server.serve_forever, daemon=True).start()
            self.addCleanup(chat.server.server_close)
            self.addCleanup(chat.server.shutdown)
        (self.home / "aright.yaml").write_text(POLICY + f"""
decide: [{{name: at once, decision: approval}}]
notify:
  - {{name: slack, webhook: "{chats[0].url}", format: slack, allow_internal: true}}
  - {{name: teams, webhook: "{chats[1].url}", format: teams, allow_internal: true}}
""")
        self.make_public("hostile")
        self.aws(self.cloud, "s3api", "put-bucket-tagging", "--bucket", "hostile", "--tagging",
                 json.dumps({"TagSet": [{"Key": "note", "Value": HOSTILE.replace("`", "").replace("<", "").replace(">", "").replace("!", "").replace("[", "").replace("]", "").replace("(", "").replace(")", "")}]}))
        with serving(self.home, self.cloud) as server:
            place = json.loads((self.home / "state/server.json").read_text())
            self.scan()
            self.eventually("it asks", lambda: self.stage("hostile") == "awaiting_approval")
            finding = {"SchemaVersion": "2018-10-08", "Id": "f-1 " + HOSTILE, "ProductArn": "arn:aws:securityhub:us-east-1::product/x/y",
                       "GeneratorId": HOSTILE, "AwsAccountId": ACCOUNT, "Types": ["x"], "CreatedAt": "2026-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z",
                       "Severity": {"Label": "HIGH"}, "Title": HOSTILE, "Description": HOSTILE,
                       "Resources": [{"Type": "Other", "Id": HOSTILE, "Region": "us-east-1"}], "Workflow": {"Status": "NEW"}, "RecordState": "ACTIVE"}
            event = {"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported", "account": ACCOUNT, "region": "us-east-1",
                     "resources": [], "detail": {"findings": [finding]}}
            self.assertEqual(request(f"{server.url}/api/v1/signals", "POST", event, place["token"])[0], 200)
            remediation = self.findings()["hostile"]["remediation"]
            plan = json.loads(request(f"{server.url}/api/v1/remediations/{remediation}", token=place["token"])[2])["plan"]["hash"]
            answer = request(f"{server.url}/api/v1/remediations/{remediation}/reject", "POST", {"plan_hash": plan, "comment": HOSTILE}, place["token"])
            self.assertEqual(answer[0], 200, answer)
            self.aright("exceptions", "set", self.findings()["hostile"]["id"], "-m", HOSTILE, "--owner", HOSTILE, "--until", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7 * 86_400)))
            self.eventually("the chats heard", lambda: all(chat.heard for chat in chats))

            page = self.aright("report", "--format", "html").out
            self.assertNotIn("<script", page)
            self.assertIn("&lt;script&gt;", page)
            for said in chats[0].heard:
                text = json.dumps(said)
                for raw in ("<!channel>", "<script>"):
                    self.assertNotIn(raw, text)
            for said in chats[1].heard:
                self.assertNotIn("<script>", json.dumps(said).replace("\\\\<", ""))
            for line in self.aright("report", "--format", "csv").out.splitlines():
                self.assertFalse(any(cell.lstrip('"').startswith("=") for cell in line.split(",")), line)

"""Events from brokers, while what takes them and what keeps them is killed: nothing is lost, and nothing comes twice."""

import contextlib
import json
import sqlite3
import tempfile
import time
import unittest

import boto3
import botocore.config

from harness import ACCOUNT, Server, Story, serving
from jetstream import NATS_SERVER, NatsServer

BUCKETS = [f"acme-{n}" for n in range(6)]
EVENTS = 240
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}
POLICY = f"""
targets: [{{account: "{ACCOUNT}", regions: [us-east-1]}}]
controls: [{{id: s3-bucket-public-read-prohibited}}]
decide: [{{name: at once, decision: automatic}}]
limits: [{{everything: true, starts: 1000}}]
scan_every_s: 2592000
"""


def event(identity, bucket):
    """As CloudTrail tells EventBridge that somebody opened a bucket."""
    detail = {"eventID": identity, "eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy", "awsRegion": "us-east-1",
              "recipientAccountId": ACCOUNT, "requestParameters": {"bucketName": bucket}}
    return json.dumps({"id": identity, "source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "account": ACCOUNT,
                       "region": "us-east-1", "time": "2024-05-01T10:00:00Z", "detail": detail})


class Brokers(Story):
    def setUp(self):
        self.cloud = self.enterContext(Server(self.home, "sandbox"))
        settings = {"endpoint_url": self.cloud.url, "region_name": "us-east-1", "aws_access_key_id": "test",
                    "aws_secret_access_key": "test", "config": botocore.config.Config(proxies={})}
        self.s3, self.sqs, self.trail = (boto3.client(name, **settings) for name in ("s3", "sqs", "cloudtrail"))
        for client in (self.s3, self.sqs, self.trail):
            self.addCleanup(client.close)
        self.state = self._testMethodName

    def policy(self, text):
        (self.home / "aright.yaml").write_text(POLICY + text)

    def serving(self):
        return serving(self.home, self.cloud, state=self.state)

    def kill(self, server):
        server.kill()
        (self.home / self.state / "server.json").unlink()

    def rows(self, query):
        with contextlib.closing(sqlite3.connect(f"file:{self.home / self.state / 'ledger.db'}?mode=ro", uri=True)) as file:
            return file.execute(query).fetchall()

    def bodies(self, kind):
        return [json.loads(body) for body, in self.rows(f"select body from entries where kind = '{kind}'")]

    def signals(self):
        return self.rows("select count(*) from entries where kind = 'signal_received'")[0][0]

    def refused(self):
        return self.rows("select count(*) from entries where kind = 'source_refused'")[0][0]

    def open_buckets(self):
        """After the first scan, so that only events tell of them."""
        self.eventually("the first scan", lambda: self.rows("select 1 from entries where stream = 'scans'"))
        for bucket in BUCKETS:
            self.s3.create_bucket(Bucket=bucket)
            self.s3.delete_public_access_block(Bucket=bucket)
            text = json.loads(json.dumps(OPEN))
            text["Statement"][0]["Resource"] = f"arn:aws:s3:::{bucket}/*"
            self.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(text))

    def resolved(self):
        found = self.aright("findings", "--status", "resolved", "--json", state=self.state).json["findings"]
        return sorted({f["resource"]["id"] for f in found} & set(BUCKETS))

    def assert_each_bucket_was_closed_once(self):
        self.eventually("each bucket closed", lambda: self.resolved() == BUCKETS, seconds=180)
        for bucket in BUCKETS:
            block = self.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
            self.assertTrue(all(block.values()), bucket)
        opened = self.bodies("remediation_opened")
        self.assertEqual(sorted(one["resource"]["id"] for one in opened if one["opened_by"] != "scan"), BUCKETS)
        writes = [one["call"]["input"]["Bucket"] for one in self.bodies("call_intended")]
        self.assertEqual(sorted(set(writes) & set(BUCKETS)), BUCKETS)
        self.assertEqual(len(writes), len(opened), "each write once")
        told = self.trail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PutBucketPublicAccessBlock"}])
        self.assertEqual(len(told["Events"]), len(opened), "and so the cloud counts")
        self.assertTrue(self.aright("ledger", "verify", "--json", state=self.state).json["ok"])

    def killed_in_between(self, send):
        """Two servers are killed while they take what `send` sends; the third one comes to the end of it."""
        with self.serving() as server:
            self.open_buckets()
            send(range(0, EVENTS // 2))
            self.eventually("some of them", lambda: self.signals() > 0)
            self.kill(server)
        send(range(EVENTS // 2, EVENTS))
        with self.serving() as server:
            before = self.signals()
            self.eventually("more of them", lambda: before == EVENTS or self.signals() > before, seconds=120)
            self.kill(server)
        return self.serving()

    def assert_each_event_is_one_signal(self):
        # Those in flight when a worker was killed come again when their time there is over.
        self.eventually("all of them", lambda: self.signals() >= EVENTS, seconds=150)
        self.assertEqual(self.signals(), EVENTS)
        self.assertEqual(self.rows("select count(distinct stream) from entries where kind = 'signal_received'")[0][0], EVENTS)

    @unittest.skipUnless(NATS_SERVER, "Debian's nats-server is not installed")
    def test_a_stream_while_workers_and_the_broker_are_killed(self):
        broker = NatsServer(self.enterContext(tempfile.TemporaryDirectory(prefix="aright-nats-")))
        self.addCleanup(broker.kill)
        with broker.client() as nats:
            for stream in ("EVENTS", "NOTICES"):
                nats.ask(f"$JS.API.STREAM.CREATE.{stream}", {"name": stream, "subjects": [f"{stream.lower()}.>"], "storage": "file"})
        self.policy(f"""
sources: [{{name: bus, nats: {{server: "{broker.url}", stream: EVENTS, subject: events.aws, ack_wait_s: 10}}}}]
notify: [{{name: out, nats: {{server: "{broker.url}", subject: notices.aright}}, on: [resolved]}}]
""")

        def send(numbers):
            with broker.client() as nats:
                for n in numbers:
                    for copy in range(2):  # the same event, as two messages
                        nats.publish("events.aws", event(f"event-{n}", BUCKETS[n % len(BUCKETS)]), f"{n}-{copy}")
                nats.publish("events.aws", "this is no event", f"poison-{numbers[0]}")
        with self.killed_in_between(send):
            broker.kill()
            time.sleep(0.5)
            broker.start()
            with broker.client() as nats:
                nats.publish("events.aws", event("event-0", BUCKETS[0]), "again")
            self.assert_each_event_is_one_signal()
            self.assert_each_bucket_was_closed_once()

            def consumer():
                with broker.client() as nats:
                    told = nats.ask("$JS.API.CONSUMER.INFO.EVENTS.aright", None)
                return told["num_pending"], told["num_ack_pending"]
            self.eventually("all of it acknowledged", lambda: consumer() == (0, 0), seconds=90)
            self.assertIn(self.refused(), range(2, 5), "each once, but for those of which a killed worker told no more")

            def notices():
                with broker.client() as nats:
                    return nats.ask("$JS.API.STREAM.INFO.NOTICES", None)["state"]["messages"]
            fixed = len(self.bodies("resolved"))
            self.eventually("a notice for each", lambda: notices() >= fixed)
            self.assertEqual(notices(), fixed, "JetStream knows by its id what was sent twice")

    def test_a_queue_while_workers_are_killed(self):
        dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]

        def redrive_after(count):
            return {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead",
                                                 "maxReceiveCount": count})}
        queue = self.sqs.create_queue(QueueName="events", Attributes=redrive_after(10))["QueueUrl"]
        self.policy(f"""
sources: [{{name: queue, queue: "arn:aws:sqs:us-east-1:{ACCOUNT}:events"}}]
""")

        def send(numbers):
            for n in numbers:
                self.sqs.send_message(QueueUrl=queue, MessageBody=event(f"event-{n}", BUCKETS[n % len(BUCKETS)]))
            self.sqs.send_message(QueueUrl=queue, MessageBody=event(f"event-{numbers[0]}", BUCKETS[0]))
            self.sqs.send_message(QueueUrl=queue, MessageBody="this is no event")
        with self.killed_in_between(send):
            self.assert_each_event_is_one_signal()
            self.assert_each_bucket_was_closed_once()

            self.sqs.set_queue_attributes(QueueUrl=queue, Attributes=redrive_after(2))

            def waiting(url):
                names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
                told = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
                return sum(map(int, told.values()))
            self.eventually("nothing left but the dead", lambda: waiting(queue) == 0 and waiting(dead) == 2, seconds=180)
            self.assertGreaterEqual(self.refused(), 2)

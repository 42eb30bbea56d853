"""A fleet that takes from brokers, while a worker is killed and the brokers come and go."""

import collections
import contextlib
import itertools
import json
import tempfile
import threading
import unittest
import urllib.parse

import botocore.config

from fleet import LEASE_SECONDS, FleetStory, opened
from harness import ACCOUNT, Server
from jetstream import NATS_SERVER, NatsServer
from wire import Wire

GROUPS = [f"data-{number}" for number in range(6)]  # a bucket, and the message group that tells of it
EVENTS_OF_GROUP, EVENTS_OF_STREAM = 40, 240
RECEIVES_MAX = 20
HIDDEN_SECONDS = 30  # what was received and is neither taken nor deleted


class QueueService:
    """SQS in a process of its own, behind a wire. When it goes, calls are cut off in the middle, and it comes back with what it said it has.

    It writes its state when it ends, so it is told to end once nobody can reach it any more.
    """

    def __init__(self, home):
        self.home, self.port = home, 0
        self._start()
        self.port = urllib.parse.urlsplit(self.server.url).port
        self.wire = Wire(self.port)

    def _start(self):
        self.server = Server(self.home, "sandbox", "--empty", "--speed", 1, "--file", "queues.json", "--port", self.port)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.wire.port}"

    def goes_and_comes_back(self):
        self.wire.reset()
        self.server.stop()
        self._start()
        self.wire.heal()

    def close(self):
        self.wire.close()
        self.server.stop()


class FleetAtBrokers(FleetStory):
    def setUp(self):
        super().setUp()
        self.queues = self.enterContext(contextlib.closing(QueueService(self.home)))
        patient = botocore.config.Config(retries={"total_max_attempts": 20, "mode": "standard"}, proxies={})
        self.sqs = self.client("sqs", self.queues.url, config=patient)
        self.dead = self.sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        self.queue = self.sqs.create_queue(QueueName="events.fifo", Attributes={"FifoQueue": "true"} | self.redrive_after(RECEIVES_MAX))["QueueUrl"]
        self.broker = NatsServer(self.enterContext(tempfile.TemporaryDirectory(prefix="aright-nats-")))
        self.addCleanup(self.broker.kill)
        with self.broker.client() as nats:
            nats.ask("$JS.API.STREAM.CREATE.EVENTS", {"name": "EVENTS", "subjects": ["events.>"], "storage": "file"})
        self.numbers = itertools.count()
        policy = (self.home / "fleet.yaml").read_text()
        self.policy = "brokers.yaml"
        (self.home / self.policy).write_text(policy + f"""
scan_every_s: 2592000
limits: [{{everything: true, starts: 1000}}]
sources:
  - {{name: queue, queue: "arn:aws:sqs:us-east-1:{ACCOUNT}:events.fifo"}}
  - {{name: stream, nats: {{server: "{self.broker.url}", stream: EVENTS, subject: events.aws, ack_wait_s: 10}}}}
""")

    @staticmethod
    def redrive_after(count):
        return {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead.fifo", "maxReceiveCount": count})}

    def worker(self, name, **more):
        """It finds SQS in another place than the cloud."""
        return Server(self.home, "serve", "--port", "0", "--state", self.state_of(name), "--policy", self.policy, "--store", self.store, "--aws",
                      "--worker", name, "--lease", LEASE_SECONDS, AWS_ENDPOINT_URL=self.cloud.url, AWS_ENDPOINT_URL_SQS=self.queues.url, **more)

    def put(self, group, text):
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=text, MessageGroupId=group, MessageDeduplicationId=str(next(self.numbers)))

    def fill_queue(self, numbers):
        """The groups one in another, each event as two messages, and poison in the middle of one."""
        for number in numbers:
            for group in GROUPS:
                for _ in range(2):
                    self.put(group, json.dumps(opened(f"{group}/{number:03}", group)))
        self.put("poisoned", "this is no event")

    def fill_stream(self, numbers):
        with self.broker.client() as nats:
            for number in numbers:
                bucket = GROUPS[number % len(GROUPS)]
                for copy in range(2):
                    nats.publish("events.aws", json.dumps(opened(f"stream/{number:03}", bucket)), f"{number}-{copy}")

    def entries(self, kind, what):
        return [one for (one,) in self.postgres.ask(f"select {what} from fleet{self.fleets}.entries where kind = '{kind}' order by position")]

    def events(self):
        """Their ids, as they came on record."""
        return [json.loads(body)["body"]["id"] for body in self.entries("signal_received", "body")]

    def waiting(self, url):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(map(int, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))

    def unacknowledged(self):
        with self.broker.client() as nats:
            told = nats.ask("$JS.API.CONSUMER.INFO.EVENTS.aright", None)
        return told["num_pending"] + told["num_ack_pending"]

    def assert_each_event_once_and_groups_in_order(self):
        of_groups = [f"{group}/{number:03}" for group in GROUPS for number in range(EVENTS_OF_GROUP)]
        everything = of_groups + [f"stream/{number:03}" for number in range(EVENTS_OF_STREAM)]
        self.eventually("all of them", lambda: len(self.events()) >= len(everything), 300)
        came = self.events()
        self.assertEqual(collections.Counter(came), collections.Counter(everything))
        for group in GROUPS:
            ours = [one for one in came if one.startswith(group + "/")]
            self.assertEqual(ours, sorted(ours), "in the order of their group")

    def assert_each_judged_once(self):
        signals = set(self.entries("signal_received", "stream"))
        self.eventually("each is judged", lambda: set(self.entries("signal_handled", "stream")) == signals, 120)
        self.assertEqual(len(self.entries("signal_handled", "stream")), len(signals))

    def assert_poison_holds_back_its_own_group_only(self):
        """What cannot be read is hidden until its time is over, and those of its group with it."""
        before = len(self.entries("source_refused", "stream"))
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes=self.redrive_after(1))
        self.put(GROUPS[0], "this is no event either")
        self.eventually("it is refused", lambda: len(self.entries("source_refused", "stream")) > before)
        for group in GROUPS:
            self.put(group, json.dumps(opened(f"{group}/behind", group)))

        def behind():
            return [event.partition("/")[0] for event in self.events() if event.endswith("/behind")]
        self.eventually("all that are not behind it", lambda: len(behind()) >= len(GROUPS) - 1)
        self.assertEqual(sorted(behind()), GROUPS[1:], "its own group waits")
        self.eventually("and the one that is, when it is dead", lambda: GROUPS[0] in behind(), 2 * HIDDEN_SECONDS)

    @unittest.skipUnless(NATS_SERVER, "Debian's nats-server is not installed")
    def test_three_take_from_a_queue_and_a_stream_while_one_is_killed_and_both_brokers_come_and_go(self):
        workers = {name: self.enterContext(self.worker(name)) for name in "abc"}
        self.eventually("the first scan", lambda: self.entries("scanned", "stream"))
        self.make_public_buckets(len(GROUPS))
        half = EVENTS_OF_GROUP // 2
        senders = [threading.Thread(target=self.fill_queue, args=(range(half),)),
                   threading.Thread(target=self.fill_stream, args=(range(EVENTS_OF_STREAM // 2),))]
        for sender in senders:
            sender.start()
        for enough in (20, 60, 100):
            self.eventually("some of them", lambda enough=enough: len(self.events()) >= enough, 120)
            self.queues.goes_and_comes_back()
        for sender in senders:
            sender.join()
        workers.pop("c").kill()
        self.broker.kill()
        self.broker.start()
        self.fill_queue(range(half, EVENTS_OF_GROUP))
        self.fill_stream(range(EVENTS_OF_STREAM // 2, EVENTS_OF_STREAM))
        self.queues.goes_and_comes_back()
        self.assert_each_event_once_and_groups_in_order()
        self.assert_each_judged_once()
        self.assert_each_closed_once(GROUPS)
        self.assert_poison_holds_back_its_own_group_only()
        self.eventually("nothing is left but the dead", lambda: (self.waiting(self.queue), self.waiting(self.dead)) == (0, 3), 120)
        self.eventually("and all of the stream is acknowledged", lambda: self.unacknowledged() == 0)

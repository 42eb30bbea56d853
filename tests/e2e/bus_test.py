"""Event rules of a running aright: where events go, when rules run by themselves, and events that come back."""

import gzip
import http.server
import json
import threading

from harness import ACCOUNT, Server, Story, serving

QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"


def event(name, **detail):
    return json.dumps({"id": name, "source": "my.shop", "detail-type": "order", "account": ACCOUNT, "detail": detail}) + "\n"


class Receiver:
    """A webhook that remembers what it got; its port is known before it listens."""

    def __init__(self):
        self.heard = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server.server_bind()  # nobody else gets the port, and nobody answers yet
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/in"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self):
        self.server.server_activate()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Bus(Story):
    def setUp(self):
        self.cloud = self.enterContext(Server(self.home, "sandbox"))

    def policy(self, text):
        (self.home / "aright.yaml").write_text(f'targets: [{{account: "{ACCOUNT}", regions: [us-east-1]}}]\n{text}')

    def queue(self, name):
        return self.aws(self.cloud, "sqs", "create-queue", "--queue-name", name)["QueueUrl"]

    def received(self, url):
        answer = self.aws(self.cloud, "sqs", "receive-message", "--queue-url", url, "--max-number-of-messages", "10",
                          "--message-attribute-names", "All")
        return answer.get("Messages", [])

    def serving(self, state):
        return serving(self.home, self.cloud, state=state)

    def test_an_event_goes_on_to_a_bus_of_the_cloud(self):
        url = self.queue("shop")
        bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/shop"
        self.aws(self.cloud, "events", "create-event-bus", "--name", "shop")
        self.aws(self.cloud, "events", "put-rule", "--event-bus-name", "shop", "--name", "keep", "--event-pattern", '{"source": ["my.shop"]}')
        self.aws(self.cloud, "events", "put-targets", "--event-bus-name", "shop", "--rule", "keep", "--targets", f"Id=1,Arn={QUEUE}shop")
        self.policy(f'rules: [{{name: on, pattern: {{source: [my.shop]}}, targets: [{{Arn: "{bus}"}}]}}]\n')
        with self.serving("beyond"):
            self.aright("events", "put", text=event("1", price=5), state="beyond")
            heard = self.eventually("the queue behind the other bus has it", lambda: self.received(url))
            self.assertEqual([json.loads(one["Body"])["detail"] for one in heard], [{"price": 5}])

    def test_a_queue_gets_what_matches_and_the_dead_letter_queue_what_cannot_be_delivered(self):
        jobs, dead = self.queue("jobs"), self.queue("dead")
        self.policy(f"""
rules:
  - name: orders
    pattern: {{source: [my.shop], detail: {{total: [{{numeric: [">", 10]}}]}}}}
    targets:
      - Id: jobs
        Arn: {QUEUE}jobs
        InputTransformer: {{InputPathsMap: {{total: $.detail.total}}, InputTemplate: '{{"pay": <total>}}'}}
      - {{Id: nobody, Arn: "{QUEUE}nobody", DeadLetterConfig: {{Arn: "{QUEUE}dead"}}}}
""")
        with self.serving("targets"):
            self.aright("events", "put", text=event("small", total=5) + event("big", total=50), state="targets")
            got = self.eventually("a job", lambda: self.received(jobs))
            self.assertEqual([json.loads(one["Body"]) for one in got], [{"pay": 50}])
            letter = self.eventually("a dead letter", lambda: self.received(dead))[0]
            self.assertEqual(json.loads(letter["Body"])["id"], "big")
            told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
            told.pop("ERROR_MESSAGE")
            self.assertEqual(told, {"RULE_ARN": "aright:rule/orders", "TARGET_ARN": QUEUE + "nobody",
                                    "ERROR_CODE": "NO_RESOURCE", "RETRY_ATTEMPTS": "0"})

    def test_what_was_to_be_sent_when_the_server_was_killed_is_sent_by_the_next(self):
        hook = self.enterContext(Receiver())
        self.policy(f"""
rules:
  - {{name: orders, pattern: {{source: [my.shop]}}, targets: [{{Id: hook, Arn: "aright:webhook/hook", InputPath: $.id}}]}}
notify: [{{name: hook, webhook: "{hook.url}", allow_internal: true, on: [escalated]}}]
""")
        with self.serving("killed") as server:
            self.aright("events", "put", text="".join(event(f"order-{n}") for n in range(20)), state="killed")
            server.kill()
            (self.home / "killed/server.json").unlink()
        hook.answer()
        with self.serving("killed"):
            self.eventually("all of them", lambda: len(set(hook.heard)) == 20)
        self.assertEqual(set(hook.heard), {json.dumps(f"order-{n}") for n in range(20)})

    def test_a_schedule_runs_and_its_events_are_on_record(self):
        beats = self.queue("beats")
        self.policy(f"""
rules: [{{name: beat, schedule: "cron(* * * * ? *)", targets: [{{Id: queue, Arn: "{QUEUE}beats"}}]}}]
""")
        with self.serving("schedules"):
            got = self.eventually("a beat", lambda: self.received(beats), seconds=150)
            told = json.loads(got[0]["Body"])
            self.assertEqual((told["source"], told["detail-type"]), ("aws.events", "Scheduled Event"))
            self.assertTrue(told["time"].endswith(":00Z"))

    def test_archived_events_come_back_to_the_rule_that_is_asked_for(self):
        one, two = self.queue("one"), self.queue("two")
        self.policy(f"""
rules:
  - {{name: first, pattern: {{source: [my.shop]}}, targets: [{{Id: queue, Arn: "{QUEUE}one"}}]}}
  - {{name: second, pattern: {{source: [my.shop]}}, targets: [{{Id: queue, Arn: "{QUEUE}two"}}]}}
archives: [{{name: orders, pattern: {{detail: {{total: [50]}}}}}}]
""")
        with self.serving("archive"):
            self.aright("events", "put", text=event("small", total=5) + event("big", total=50), state="archive")
            seen = set()

            def names(queue):
                seen.update(json.loads(m["Body"])["id"] for m in self.received(queue))
                return seen == {"small", "big"}
            self.eventually("both, at the first rule", lambda: names(one))
            seen.clear()
            self.eventually("both, at the second rule", lambda: names(two))
            for queue in (one, two):
                self.aws(self.cloud, "sqs", "purge-queue", "--queue-url", queue)
            self.aright("events", "replay", "back", "--archive", "orders", "--from", "2020-01-01T00:00:00Z",
                        "--rule", "second", state="archive")
            back = self.eventually("the big one", lambda: self.received(two))
            told = json.loads(back[0]["Body"])
            self.assertEqual((told["id"], told["replay-name"]), ("big", "back"))
            self.assertEqual(self.received(one), [])
            listed = self.aright("events", "archive", "--json", state="archive").json
            self.assertEqual([one["name"] for one in listed["archives"]], ["orders"])
            self.assertEqual([(r["name"], r["state"], r["events"]) for r in listed["replays"]], [("back", "completed", 1)])
            told = self.aright("events", "replay", "back", "--archive", "orders", "--from", "2020-01-01T00:00:00Z",
                               code=1, state="archive")
            self.assertIn("give this one another name", told.err)

    def test_sources_are_fetched_and_what_cannot_be_read_is_on_record(self):
        events, jobs = self.queue("events"), self.queue("jobs-of-sources")
        self.aws(self.cloud, "s3api", "create-bucket", "--bucket", "trail")
        prefix = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/"

        def upload(name, *ids):
            records = [{"eventID": one, "eventSource": "s3.amazonaws.com", "eventName": "PutBucketAcl", "awsRegion": "us-east-1",
                        "recipientAccountId": ACCOUNT, "eventTime": "2024-05-01T10:00:00Z"} for one in ids]
            (self.home / "log.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
            self.aws(self.cloud, "s3api", "put-object", "--bucket", "trail", "--key", prefix + name, "--body", "log.json.gz")

        def send(body):
            self.aws(self.cloud, "sqs", "send-message", "--queue-url", events, "--message-body", body)

        self.policy(f"""
rules:
  - name: all
    pattern: {{source: [my.shop, aws.s3]}}
    targets: [{{Id: jobs, Arn: "{QUEUE}jobs-of-sources", InputPath: $.id}}]
sources:
  - {{name: queue, queue: "{QUEUE}events"}}
  - {{name: trail, bucket: trail, prefix: {prefix}, every_s: 1}}
""")
        upload("2024/05/01/a_CloudTrail_1.json.gz", "listed-1", "listed-2")
        with self.serving("sources"):
            upload("elsewhere/a_CloudTrail_2.json.gz", "told-of")
            key = prefix + "elsewhere/a_CloudTrail_2.json.gz"
            send(event("plain"))
            send(json.dumps({"Type": "Notification", "Message": event("wrapped")}))
            send("nonsense")
            send(json.dumps({"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "trail"}, "object": {"key": key}}}]}))
            seen = []

            def all_seen():
                for message in self.received(jobs):
                    seen.append(json.loads(message["Body"]))
                    self.aws(self.cloud, "sqs", "delete-message", "--queue-url", jobs, "--receipt-handle", message["ReceiptHandle"])
                return set(seen) == {"listed-1", "listed-2", "told-of", "plain", "wrapped"}
            self.eventually("each of them", all_seen)
            self.assertEqual(len(seen), 5, "each once, also what both sources told")
            refused = self.aright("ledger", "show", "source/queue", "--json", state="sources").json["entries"]
            self.assertEqual([one["kind"] for one in refused], ["source_refused"])
            self.aws(self.cloud, "sqs", "set-queue-attributes", "--queue-url", events, "--attributes", "VisibilityTimeout=0")
            self.assertEqual(self.received(events), [])

    def test_files_directories_and_standard_input_are_told(self):
        jobs = self.queue("jobs-of-files")
        self.policy(f"""
rules: [{{name: all, pattern: {{source: [my.shop]}}, targets: [{{Id: jobs, Arn: "{QUEUE}jobs-of-files", InputPath: $.id}}]}}]
""")
        (self.home / "incoming").mkdir()
        (self.home / "incoming/1.jsonl").write_text(event("one") + "\n" + event("two"))
        (self.home / "incoming/2.json").write_text(event("three"))
        (self.home / "incoming/readme.txt").write_text("no event")
        with self.serving("files"):
            self.assertIn("3 events", self.aright("events", "put", "incoming", state="files").out)
            self.aright("events", "put", "-", text=event("four") + event("one"), state="files")
            self.assertIn("standard input:2", self.aright("events", "put", text=event("five") + "{\n", code=2, state="files").err)
            seen = set()

            def all_seen():
                seen.update(json.loads(one["Body"]) for one in self.received(jobs))
                return seen == {"one", "two", "three", "four", "five"}
            self.eventually("each of them", all_seen)

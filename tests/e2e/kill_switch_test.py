"""How soon nothing is written any more, seen at the cloud, by each way to say stop, while many fixes are under way."""

import http.client
import http.server
import json
import signal
import threading
import time
import urllib.parse

import boto3
from botocore.config import Config

from harness import Server, Story, request, serving

BUCKETS = 60
POLICY = """
targets: [{account: "111122223333", regions: [us-east-1]}]
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
"""


class Door:
    """Before the sandbox: passes everything on, and notes when each fix's write came."""

    def __init__(self, cloud):
        self.sent, door = [], self
        below = urllib.parse.urlsplit(cloud.url).netloc

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                if self.command == "PUT" and "publicAccessBlock" in self.path:
                    door.sent.append(time.monotonic())
                    time.sleep(0.05)  # so that many are under way
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                line = http.client.HTTPConnection(below, timeout=60)
                line.request(self.command, self.path, body, dict(self.headers))
                answer = line.getresponse()
                text = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(text)
                line.close()

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_port


class KillSwitch(Story):
    def setUp(self):
        (self.home / "aright.yaml").write_text(POLICY)
        cloud = self.enterContext(Server(self.home, "sandbox"))
        self.door = Door(cloud)
        threading.Thread(target=self.door.server.serve_forever, daemon=True).start()
        self.addCleanup(self.door.server.server_close)
        self.addCleanup(self.door.server.shutdown)
        s3 = boto3.client("s3", endpoint_url=cloud.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                          config=Config(retries={"max_attempts": 1}))
        for at in range(BUCKETS):
            s3.create_bucket(Bucket=f"load-{at}")
            s3.delete_public_access_block(Bucket=f"load-{at}")
            s3.put_bucket_policy(Bucket=f"load-{at}", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::load-{at}/*"}]}))

    def stop_by(self, say):
        with serving(self.home, self.door, state=f"state-{self._testMethodName}") as server:
            self.eventually("fixes are under way", lambda: len(self.door.sent) >= 3)
            begun = time.monotonic()
            say(server)
            said = time.monotonic()
            time.sleep(3)
            last = max(self.door.sent)
            print(f"{self._testMethodName}: {len(self.door.sent)} of {BUCKETS + 1} writes were sent, the last of them "
                  f"{(last - begun) * 1000:.0f} ms after the word, which took {(said - begun) * 1000:.0f} ms to say")
            self.assertLess(len(self.door.sent), BUCKETS, "all was done before: this says nothing")
            self.assertLess(last - begun, 1.0 + (said - begun))

    def test_by_the_command(self):
        self.stop_by(lambda server: self.aright("halt", "-m", "stop", state=f"state-{self._testMethodName}"))

    def test_by_the_api_as_the_console_does(self):
        def say(server):
            token = json.loads((self.home / f"state-{self._testMethodName}" / "server.json").read_text())["token"]
            self.assertEqual(request(server.url + "/api/v1/halt", "POST", {"on": True, "reason": "stop"}, token)[0], 200)
        self.stop_by(say)

    def test_by_a_file(self):
        self.stop_by(lambda server: (self.home / f"state-{self._testMethodName}" / "halt").write_text("stop\n"))

    def test_by_a_signal(self):
        self.stop_by(lambda server: server.process.send_signal(signal.SIGUSR1))

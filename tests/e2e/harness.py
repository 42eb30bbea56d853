"""The binary under test, its servers, and the clients that talk to them.

ARIGHT_BINARY names the binary. Everything happens in temporary directories, on loopback, on ports that the system picks.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

BINARY = os.path.abspath(os.environ["ARIGHT_BINARY"]) if os.environ.get("ARIGHT_BINARY") else ""
TESTDATA = pathlib.Path(__file__).resolve().parent / "testdata"

ACCOUNT = "111122223333"
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
COMMAND_SECONDS_MAX = 120
LOOK_EVERY_SECONDS = 0.05


def environment(home, **more):
    """Nothing of the developer's own AWS settings, proxies or aright server comes through."""
    kept = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "NOTIFY_SOCKET", "WATCHDOG_USEC") if name in os.environ}
    return kept | {
        "HOME": str(home), "LC_ALL": "C.UTF-8", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
    } | more


class Outcome:
    """What a program that ran to its end left: `code`, `out`, `err`."""

    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit code {self.code}\n{self.out}{self.err}"


class Server:
    """A running `aright serve` or `aright sandbox`; `hello` is the first line that it printed.

    As a context it is told to stop at the end, and must then exit with 0. `way_in`: the command that starts it elsewhere.
    """

    def __init__(self, home, *arguments, way_in=(), **environ):
        self.home = home
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([*way_in, BINARY, "--json", *map(str, arguments)], cwd=home, env=environment(home, **environ),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, text=True)
        guard = threading.Timer(START_SECONDS_MAX, self.process.kill)
        guard.start()
        line = self.process.stdout.readline()
        guard.cancel()
        if not line:
            raise AssertionError(f"{arguments[0]} did not start: code {self.process.wait()}\n{self.errors()}")
        self.hello = json.loads(line)
        self.url = self.hello["url"]

    def errors(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        guard = threading.Timer(STOP_SECONDS_MAX, self.process.kill)
        guard.start()
        code = self.process.wait()
        guard.cancel()
        self.process.stdout.close()
        errors = self.errors()
        self.log.close()
        if code != 0:
            raise AssertionError(f"stopped with code {code}\n{errors}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.process.stdout.closed:
            self.stop()


@contextlib.contextmanager
def serving(home, cloud, policy="aright.yaml", state="state"):
    """`aright serve` over another process' sandbox. At the end it must leave no address behind."""
    with Server(home, "serve", "--port", "0", "--state", state, "--policy", policy, "--endpoint-url", cloud.url) as server:
        yield server
    if (pathlib.Path(home) / state / "server.json").exists():
        raise AssertionError("a server that stopped left its server.json")


class Story(unittest.TestCase):
    """A test with a home of its own for each class."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not BINARY:
            raise RuntimeError("ARIGHT_BINARY names no binary")
        cls.home = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="aright-e2e-")))

    @classmethod
    def bring(cls, name):
        """Copies a file or directory of testdata into the home."""
        source, to = TESTDATA / name, cls.home / name
        shutil.copytree(source, to) if source.is_dir() else shutil.copy(source, to)
        return to

    def run_program(self, arguments, code, text=None, **more):
        outcome = Outcome(subprocess.run([str(a) for a in arguments], cwd=self.home, env=environment(self.home, **more),
                                         input=text or "", capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX))
        if code is not None:
            self.assertEqual(outcome.code, code, f"{' '.join(map(str, arguments[1:]))}: {outcome}")
        return outcome

    def aright(self, *arguments, code=0, text=None, state="state"):
        """Runs the binary over the state directory that a server of this story uses."""
        return self.run_program([BINARY, "--state", state, *arguments], code, text)

    def aws(self, cloud, *arguments, code=0, **more):
        """Debian's AWS CLI; gives what it printed, taken as JSON."""
        outcome = self.run_program(["/usr/bin/aws", "--endpoint-url", cloud.url, "--output", "json", *arguments], code, **more)
        return outcome.json if outcome.out.strip() else {}

    def assert_aws_refuses(self, error, cloud, *arguments, **more):
        outcome = self.run_program(["/usr/bin/aws", "--endpoint-url", cloud.url, *arguments], None, **more)
        self.assertNotEqual(outcome.code, 0, outcome)
        self.assertIn(f"({error})", outcome.err)
        return outcome.err

    def eventually(self, what, ready, seconds=60):
        """The first true answer of `ready`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if answer := ready():
                return answer
            time.sleep(LOOK_EVERY_SECONDS)
        self.fail(f"not within {seconds} s: {what}")


def request(url, method="GET", body=None, token=None, headers=None, seconds=COMMAND_SECONDS_MAX):
    """(status, content type, text) of one HTTP request."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}) | (headers or {})
    data = None if body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        answer = opener.open(urllib.request.Request(url, data, headers, method=method), timeout=seconds)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers.get_content_type(), answer.read().decode()

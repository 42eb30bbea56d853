"""Debian's nats-server in a test's hands, and as much of NATS as a publisher needs."""

import contextlib
import json
import pathlib
import secrets
import shutil
import socket
import subprocess
import tempfile
import time

NATS_SERVER = shutil.which("nats-server", path="/usr/sbin:/usr/local/bin:/usr/bin") or ""
START_SECONDS_MAX = 60


class NatsClient:
    """One connection, one question at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.lines = self.socket.makefile("rb")
        self.inbox = "_INBOX." + secrets.token_hex(8)
        self.lines.readline()  # INFO
        self.say('CONNECT {"verbose":false,"headers":true,"no_responders":true}', f"SUB {self.inbox} 1", "PING")

    def say(self, *lines):
        self.socket.sendall("".join(line + "\r\n" for line in lines).encode())

    def answer(self):
        while line := self.lines.readline():
            words = line.split()
            if words[0] == b"PING":
                self.say("PONG")
            elif words[0] == b"-ERR":
                raise AssertionError(line)
            elif words[0] in (b"MSG", b"HMSG"):
                body = self.lines.read(int(words[-1]) + 2)[:-2]
                return body[int(words[-2]):] if words[0] == b"HMSG" else body
        raise ConnectionError("the server has gone")

    def ask(self, subject, body):
        text = json.dumps(body) if body else ""
        self.say(f"PUB {subject} {self.inbox} {len(text)}", text)
        told = json.loads(self.answer())
        if "error" in told:
            raise AssertionError(told["error"])
        return told

    def publish(self, subject, text, identity):
        """Returns when the stream has it."""
        head = f"NATS/1.0\r\nNats-Msg-Id: {identity}\r\n\r\n"
        self.say(f"HPUB {subject} {self.inbox} {len(head)} {len(head) + len(text)}", head + text)
        return json.loads(self.answer())

    def close(self):
        self.lines.close()
        self.socket.close()


class NatsServer:
    """Debian's, with JetStream, on loopback; it can be killed, and started again with what it kept."""

    def __init__(self, home):
        self.home, self.port, self.process = pathlib.Path(home), -1, None
        self.start()

    def start(self):
        ports = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        self.process = subprocess.Popen(
            [NATS_SERVER, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", self.home / "kept", "-l", self.home / "nats.log",
             "--ports_file_dir", ports], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            for file in ports.iterdir():
                with contextlib.suppress(ValueError):  # it is being written
                    self.port = int(json.loads(file.read_text())["nats"][0].rpartition(":")[2])
                    return
            time.sleep(0.05)
        raise AssertionError("nats-server did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def client(self):
        return contextlib.closing(NatsClient(self.port))

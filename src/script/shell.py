#!/usr/bin/python3
"""A shell script as a function: takes it from the Runtime API, runs it, and tells its exit code and what it printed.

It stands in the jail as `bootstrap`. What the script starts and leaves behind ends with it.
"""
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/"
SCRIPT = os.path.join(tempfile.gettempdir(), ".script.sh")
KEPT = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN", "AWS_EC2_METADATA_DISABLED", "AWS_SSM_INSTANCE_ID", "AWS_SSM_REGION_NAME", "HOME", "LANG",
        "TMPDIR")
STOPPED = 137  # the code of a script that was killed for its time
CHUNK_BYTES = 64 << 10
READ_SECONDS_MAX = 5  # after the script's end, for what it left behind


class Stream:
    """The beginning of what is printed; the rest is read and forgotten, so that nobody waits for a full pipe."""

    def __init__(self, source, most):
        self.source, self.most, self.kept = source, most, bytearray()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while chunk := self.source.read1(CHUNK_BYTES):
            self.kept += chunk[: self.most - len(self.kept)]

    def text(self):
        self.thread.join(READ_SECONDS_MAX)
        return bytes(self.kept).decode("utf-8", "replace")


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(order):
    with open(SCRIPT, "w", encoding="utf-8") as out:
        out.write(order["script"])
    os.chmod(SCRIPT, 0o700)
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment["PATH"] = "/var/task/bin:/usr/bin:/bin"
    try:
        process = subprocess.Popen(["/bin/sh", "-c", SCRIPT], cwd=order["directory"] or tempfile.gettempdir(), env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
    except OSError as error:
        return {"code": 1, "out": "", "err": f"{order['directory']}: {os.strerror(error.errno)}", "timed_out": False}
    out, err = (Stream(source, order["output_bytes"]) for source in (process.stdout, process.stderr))
    timed_out = False
    try:
        process.wait(order["seconds"])
    except subprocess.TimeoutExpired:
        timed_out = True
    end(process)
    status = process.wait()
    code = STOPPED if timed_out else 128 - status if status < 0 else status
    return {"code": code, "out": out.text(), "err": err.text(), "timed_out": timed_out}


def main():
    with urllib.request.urlopen(API + "next") as event:
        request, order = event.headers["Lambda-Runtime-Aws-Request-Id"], json.load(event)
    answer = json.dumps(run(order)).encode()
    urllib.request.urlopen(urllib.request.Request(f"{API}{request}/response", answer)).close()
    time.sleep(3600)  # the jail ends now, and this with it


main()

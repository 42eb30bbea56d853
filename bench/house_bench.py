#!/usr/bin/python3
"""The figures of the house as a whole, from the binary that people run: how long it takes to start, what a server at rest
holds, and how long a public bucket stays public.

    bench/house_bench.py build/release/aright            prints a table
    bench/house_bench.py build/release/aright --json

Exit code 1 when an aim is missed. Everything is on loopback and in a temporary directory.
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

import boto3

STARTS = 20
BUCKETS = 20
REST_SECONDS = 3
WAIT_SECONDS_MAX = 60
LOOK_EVERY_SECONDS = 0.002

POLICY = """
targets:
  - {account: "111122223333", regions: [us-east-1]}
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
"""

# What each figure should be at most. docs/contributing/testing.md speaks of them.
AIMS = {"serve_resident_mb": 40, "signal_to_verified_ms": 100}


def environment(home):
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}


@contextlib.contextmanager
def serving(binary, home):
    """A server and how long it took until it answered: (its first line, its process, milliseconds)."""
    (home / "aright.yaml").write_text(POLICY)
    began = time.monotonic()
    process = subprocess.Popen([binary, "--json", "serve", "--port", "0", "--state", "state"], cwd=home, env=environment(home),
                               stdout=subprocess.PIPE, text=True)
    try:
        hello = json.loads(process.stdout.readline())
        yield hello, process, (time.monotonic() - began) * 1000
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(WAIT_SECONDS_MAX)
        process.stdout.close()


def start_ms(binary, home):
    took = []
    for _ in range(STARTS):
        began = time.monotonic()
        subprocess.run([binary, "version"], check=True, capture_output=True, env=environment(home))
        took.append((time.monotonic() - began) * 1000)
    return statistics.median(took)


def resident_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return kilobytes / 1024


class Api:
    def __init__(self, home):
        note = json.loads((home / "state/server.json").read_text())
        self.url, self.token = note["url"], note["token"]
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path):
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})
        with self.opener.open(asked, timeout=WAIT_SECONDS_MAX) as answer:
            return json.load(answer)

    def is_resolved(self, bucket):
        return any(one["resource"]["id"] == bucket for one in self.get("/remediations?stage=resolved")["remediations"])


def open_and_wait(s3, api, bucket):
    """Milliseconds from the call that opens the bucket to the fresh read that proves it closed."""
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                      "Resource": f"arn:aws:s3:::{bucket}/*"}]}
    began = time.monotonic()
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    while not api.is_resolved(bucket):
        if time.monotonic() - began > WAIT_SECONDS_MAX:
            raise SystemExit(f"{bucket} was not set right")
        time.sleep(LOOK_EVERY_SECONDS)
    return (time.monotonic() - began) * 1000


def measure(binary):
    with tempfile.TemporaryDirectory(prefix="aright-bench-") as directory:
        home = pathlib.Path(directory)
        figures = {"binary_mb": os.path.getsize(binary) / 2**20, "start_ms": start_ms(binary, home)}
        with serving(binary, home) as (hello, process, ready):
            figures["serve_ready_ms"] = ready
            time.sleep(REST_SECONDS)
            figures["serve_resident_mb"] = resident_mb(process)
            s3 = boto3.client("s3", endpoint_url=hello["url"], region_name="us-east-1", aws_access_key_id="test",
                              aws_secret_access_key="test")
            api = Api(home)
            took = [open_and_wait(s3, api, f"bench-{number}") for number in range(BUCKETS)]
            figures["signal_to_verified_ms"] = statistics.median(took)
            figures["signal_to_verified_worst_ms"] = max(took)
            figures["serve_resident_after_mb"] = resident_mb(process)
            s3.close()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measure(os.path.abspath(asked.binary))
    missed = [name for name, most in AIMS.items() if figures[name] > most]
    if asked.json:
        print(json.dumps({"figures": {name: round(value, 1) for name, value in figures.items()}, "missed": missed}))
    else:
        for name, value in figures.items():
            aim = f"   aim: {AIMS[name]} at most" if name in AIMS else ""
            print(f"{name:<28} {value:>8.1f}{aim}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())

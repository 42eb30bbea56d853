#!/usr/bin/env python3
"""What growth costs: the same server with ten and a hundred times as much of one thing.

    bench/growth_bench.py BINARY [--sizes 100,1000,10000] [--controls 2,20,200]

First resources grow alone: buckets of which nothing is found. Then findings: buckets that are public, and left so. Then executions, and
with them the ledger: public buckets of which each one is closed. Last controls, over a hundred buckets. Prints time, memory and disk for
each unit, and how they grow with the size: 1.00 is as the size grows (n), n log n from 1,000 to 10,000 is 1.33 at the base of ten.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))
CREATORS = 8
TOKEN = "token of ana"
WAIT_SECONDS_MAX = 3600


def policy(controls, decision):
    return json.dumps({
        "targets": [{"account": "111122223333", "regions": ["us-east-1"]}],
        "controls": [{"id": control} for control in controls],
        "decide": [{"name": "all of them", "decision": decision}],
        "limits": [{"everything": True, "running": 256}],
        "scan_every_s": 2592000,
        "principals": [{"name": "ana", "roles": ["admin"], "token_sha256": "968f792b0aab9225d82fd3e4106a93698747116721b1953fcd5dcdd613808ca1"}],
    })


class House:
    """A sandbox with so many buckets, and a server over it."""

    def __init__(self, room, buckets, controls, decision, public=True):
        from harness import Server, request
        self.request, self.state = request, room / "state"
        (room / "aright.yaml").write_text(policy(controls, decision))
        self.cloud = Server(room, "sandbox", "--empty")
        self.server = Server(room, "serve", "--port", "0", "--state", self.state, "--policy", "aright.yaml", "--endpoint-url", self.cloud.url)
        self.ask("scan", "POST", {})  # a server scans when it starts: that one is over
        self.rest_mebibytes = self.mebibytes()
        self.rest_kilobytes = self.disk_kilobytes()
        self.make(buckets, public)

    def make(self, buckets, public):
        import boto3
        import botocore.config

        s3 = boto3.client("s3", endpoint_url=self.cloud.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                          config=botocore.config.Config(s3={"addressing_style": "path"}, max_pool_connections=CREATORS))

        def some(numbers):
            for number in numbers:
                name = f"data-{number}"
                s3.create_bucket(Bucket=name)
                if not public:
                    continue
                s3.delete_public_access_block(Bucket=name)
                s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}]}))
        with concurrent.futures.ThreadPoolExecutor(CREATORS) as pool:
            list(pool.map(some, [range(first, buckets, CREATORS) for first in range(CREATORS)]))

    def ask(self, path, method="GET", body=None):
        status, _, text = self.request(self.server.url + "/api/v1/" + path, method, body, TOKEN, seconds=WAIT_SECONDS_MAX)
        if status != 200:
            raise SystemExit(f"{path}: {status} {text}")
        return json.loads(text)

    def mebibytes(self):
        lines = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def disk_kilobytes(self):
        return sum(file.stat().st_size for file in self.state.iterdir() if file.is_file()) / 1000

    def room(self):
        """What it takes up more than with nothing in it."""
        return {"disk kB": self.disk_kilobytes() - self.rest_kilobytes, "memory kB": (self.mebibytes() - self.rest_mebibytes) * 1024}

    def close(self):
        self.server.stop()
        self.cloud.stop()


def timed(act):
    begin = time.monotonic()
    told = act()
    return time.monotonic() - begin, told


def look(size, public):
    """At so many buckets, twice, in which something is to be found or not."""
    with tempfile.TemporaryDirectory(prefix="aright-growth-") as room:
        house = House(pathlib.Path(room), size, ["s3-bucket-public-read-prohibited"], "manual", public)
        scan_s, told = timed(lambda: house.ask("scan", "POST", {}))
        if told["findings_opened"] != (size if public else 0):
            raise SystemExit(f"{told['findings_opened']} findings of {size} buckets")
        again_s, _ = timed(lambda: house.ask("scan", "POST", {}))
        page_s, _ = timed(lambda: house.ask("findings"))
        figures = {"scan ms": scan_s * 1e3, "again ms": again_s * 1e3, **house.room(), "page ms": page_s * 1e3 * size}
        house.close()
    return figures


def mend(size):
    """So many public buckets: found, and closed."""
    with tempfile.TemporaryDirectory(prefix="aright-growth-") as room:
        house = House(pathlib.Path(room), size, ["s3-bucket-public-read-prohibited"], "automatic")
        scan_s, told = timed(lambda: house.ask("scan", "POST", {}))
        if told["findings_opened"] != size:
            raise SystemExit(f"{told['findings_opened']} findings of {size} buckets")

        def drain():
            end = time.monotonic() + WAIT_SECONDS_MAX
            while time.monotonic() < end:
                if house.ask("overview")["findings"].get("resolved", 0) == size:
                    return
                time.sleep(0.2)
            raise SystemExit("the remediations did not end")
        drain_s, _ = timed(drain)
        page_s, _ = timed(lambda: house.ask("findings"))
        verify_s, told = timed(lambda: json.loads(subprocess.run(
            [os.environ["ARIGHT_BINARY"], "--state", str(house.state), "--json", "ledger", "verify"], capture_output=True, text=True, check=True).stdout))
        figures = {"scan ms": scan_s * 1e3, "fix ms": drain_s * 1e3, "verify ms": verify_s * 1e3, "entries": told["entries"],
                   **house.room(), "page ms": page_s * 1e3 * size}
        house.close()
    return figures


def judge(controls):
    """By so many controls, a hundred buckets."""
    known = json.loads(subprocess.run([os.environ["ARIGHT_BINARY"], "--json", "controls", "list"], capture_output=True, text=True, check=True).stdout)
    names = [one["id"] for one in known["controls"]]
    with tempfile.TemporaryDirectory(prefix="aright-growth-") as room:
        house = House(pathlib.Path(room), 100, names[:controls], "manual")
        first_s, _ = timed(lambda: house.ask("scan", "POST", {}))
        again_s, _ = timed(lambda: house.ask("scan", "POST", {}))
        figures = {"scan ms": first_s * 1e3, "again ms": again_s * 1e3, "disk kB": house.disk_kilobytes(), "memory kB": house.mebibytes() * 1024}
        house.close()
    return min(controls, len(names)), figures


def table(title, rows, grows=True):
    print(title)
    names = list(rows[0][1])
    print(f"{'':>8}" + "".join(f"{name:>12}" for name in names) + "   for each")
    for size, figures in rows:
        print(f"{size:>8}" + "".join(f"{figures[name] / size:>12.3f}" for name in names))
    for (small, before), (large, after) in zip(rows, rows[1:]):
        if grows:
            print(f"{'×' + str(large // small):>8}" + "".join(f"{after[name] / before[name] / (large / small):>12.2f}" for name in names))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binary")
    options.add_argument("--sizes", default="100,1000,10000")
    options.add_argument("--controls", default="2,20,200")
    said = options.parse_args()
    os.environ["ARIGHT_BINARY"] = os.path.abspath(said.binary)
    sizes = [int(size) for size in said.sizes.split(",")]
    table("resources of which nothing is found", [(size, look(size, public=False)) for size in sizes])
    table("findings that are left to people", [(size, look(size, public=True)) for size in sizes])
    table("executions: each found and closed, and on the ledger", [(size, mend(size)) for size in sizes])
    table("controls over 100 buckets", [judge(count) for count in map(int, said.controls.split(","))])


if __name__ == "__main__":
    main()

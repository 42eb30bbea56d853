#!/usr/bin/env python3
"""What growth costs: the same server with ten and a hundred times as much of one thing.

    bench/growth_bench.py BINARY [--sizes 100,1000,10000] [--controls 2,20,200] [--postgres] [--only SECTION…]

First resources grow alone: buckets of which nothing is found. Then findings: buckets that are public, and left so. Then executions, and
with them the ledger: public buckets of which each one is closed. Then events about buckets of which nothing is found. Last controls, over a hundred
buckets. Prints time, memory and disk for each unit, and how they grow with the size: 1.00 is as the size grows (n), n log n from 1,000 to
10,000 is 1.33 at the base of ten. With --postgres the ledger is in a PostgreSQL of its own, and its tables are the disk.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))
CREATORS = 8
TOKEN = "token of ana"
SETTLE_SECONDS = 10
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

    postgres, houses = None, 0

    def __init__(self, room, buckets, controls, decision, public=True):
        from harness import Server, request
        self.request, self.state = request, room / "state"
        House.houses += 1
        store = ["--store", f"{self.postgres.url}#house{self.houses}"] if self.postgres else []
        self.place = store or ["--state", str(self.state)]
        (room / "aright.yaml").write_text(policy(controls, decision))
        self.cloud = Server(room, "sandbox", "--empty")
        self.server = Server(room, "serve", "--port", "0", "--state", self.state, "--policy", "aright.yaml", "--endpoint-url", self.cloud.url,
                             *store)
        self.ask("scan", "POST", {})  # a server scans when it starts: that one is over
        self.rest_mebibytes = self.mebibytes()
        self.rest_kilobytes = self.disk_kilobytes()
        print(f"at rest: {self.rest_mebibytes:.0f} MiB of memory", file=sys.stderr)
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

    def processor_ms(self):
        words = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def disk_kilobytes(self):
        if self.postgres:
            tables = f"select sum(pg_total_relation_size(c.oid)) from pg_class c where relkind = 'r' and relnamespace = 'house{self.houses}'::regnamespace"
            return int(self.postgres.ask(tables)[0][0]) / 1000
        return sum(map(self.settled_bytes, ("ledger.db", "seen.db"))) / 1000

    def settled_bytes(self, name):
        """Of what the file is once its log is written into it."""
        if not (self.state / name).exists():
            return 0
        with contextlib.closing(sqlite3.connect(f"file:{self.state / name}?mode=ro", uri=True)) as file:
            return file.execute("pragma page_count").fetchone()[0] * file.execute("pragma page_size").fetchone()[0]

    def resolved(self):
        sql = "select count(*) from documents where kind = 'finding' and status = 'resolved'"
        if self.postgres:
            return int(self.postgres.ask(sql.replace("documents", f"house{self.houses}.documents"))[0][0])
        with contextlib.closing(sqlite3.connect(f"file:{self.state / 'ledger.db'}?mode=ro", uri=True)) as file:
            return file.execute(sql).fetchone()[0]

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
        processor_ms = house.processor_ms()
        scan_s, told = timed(lambda: house.ask("scan", "POST", {}))
        if told["findings_opened"] != size:
            raise SystemExit(f"{told['findings_opened']} findings of {size} buckets")

        def drain():
            end = time.monotonic() + WAIT_SECONDS_MAX
            while time.monotonic() < end:
                if house.resolved() == size:
                    return
                time.sleep(0.2)
            raise SystemExit("the remediations did not end")
        drain_s, _ = timed(drain)
        processor_ms = house.processor_ms() - processor_ms
        page_s, _ = timed(lambda: house.ask("findings"))
        verify_s, told = timed(lambda: json.loads(subprocess.run(
            [os.environ["ARIGHT_BINARY"], *house.place, "--json", "ledger", "verify"], capture_output=True, text=True, check=True).stdout))
        figures = {"scan ms": scan_s * 1e3, "fix ms": drain_s * 1e3, "verify ms": verify_s * 1e3, "entries": told["entries"],
                   "CPU ms": processor_ms, **house.room(), "page ms": page_s * 1e3 * size}
        house.close()
    return figures


def hear(size):
    """So many events about a hundred buckets of which nothing is found, and each of them judged."""
    from fleet import opened
    with tempfile.TemporaryDirectory(prefix="aright-growth-") as room:
        house = House(pathlib.Path(room), 100, ["s3-bucket-public-read-prohibited"], "manual", public=False)
        rest_kilobytes, processor_ms = house.disk_kilobytes(), house.processor_ms()

        def tell(numbers):
            for number in numbers:
                house.ask("signals", "POST", opened(f"event-{number}", f"data-{number % 100}"))

        def told():
            with concurrent.futures.ThreadPoolExecutor(CREATORS) as pool:
                list(pool.map(tell, [range(first, size, CREATORS) for first in range(CREATORS)]))
            time.sleep(SETTLE_SECONDS)
        seconds, _ = timed(told)
        figures = {"judge ms": (seconds - SETTLE_SECONDS) * 1e3, "CPU ms": house.processor_ms() - processor_ms,
                   "disk kB": house.disk_kilobytes() - rest_kilobytes}
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
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--only", nargs="+", choices=["resources", "findings", "executions", "events", "controls"])
    said = options.parse_args()
    os.environ["ARIGHT_BINARY"] = os.path.abspath(said.binary)
    sizes = [int(size) for size in said.sizes.split(",")]
    sections = {
        "resources": lambda: table("resources of which nothing is found", [(size, look(size, public=False)) for size in sizes]),
        "findings": lambda: table("findings that are left to people", [(size, look(size, public=True)) for size in sizes]),
        "executions": lambda: table("executions: each found and closed, and on the ledger", [(size, mend(size)) for size in sizes]),
        "events": lambda: table("events, each judged", [(size, hear(size)) for size in sizes]),
        "controls": lambda: table("controls over 100 buckets", [judge(count) for count in map(int, said.controls.split(","))]),
    }
    with contextlib.ExitStack() as stack:
        if said.postgres:
            from postgres import Postgres
            House.postgres = stack.enter_context(Postgres())
        for name in said.only or sections:
            sections[name]()


if __name__ == "__main__":
    main()

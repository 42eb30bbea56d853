#!/usr/bin/env python3
"""Workflows of three durable steps: aright on PostgreSQL (one to four workers) and on SQLite, and DBOS on the same PostgreSQL.

    bench/fleet_bench.py [--seconds 5] [--rounds 3] [--without-peer]

Runs take turns, so that a busy machine is busy for all of them; prints medians, and ratios to the peer.
DBOS needs Node 20 (named by NODE, else `node`); without it, it is left out, and said so.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))
from postgres import PROGRAMS, Postgres  # noqa: E402

BENCH = HERE.parent / "build" / "release" / "fleet_bench"
PEER = HERE / "peers" / "dbos"
CONCURRENCIES = (32, 256)


def figures(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{words[0]}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def peer():
    node = os.environ.get("NODE", "node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if not version or int(version[1:].split(".")[0]) < 20:
        print(f"without DBOS: it needs Node 20, and {node} is {version or 'not there'}")
        return None
    room = HERE.parent / "build" / "npm" / "dbos"
    room.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "bench.mjs"):
        shutil.copy(PEER / name, room / name)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=room, check=True)
    return [node, room / "bench.mjs"]


class Runs:
    def __init__(self, postgres, seconds, dbos):
        self.postgres, self.seconds, self.dbos, self.places = postgres, seconds, dbos, 0

    def fresh_database(self):
        self.places += 1
        name = f"bench{self.places}"
        subprocess.run([PROGRAMS / "createdb", "-h", self.postgres.home, "-U", "aright", "--template=template0", "--locale=C", name], check=True)
        return f"postgresql://aright@localhost/{name}?host={self.postgres.home}"

    def aright(self, workers, concurrency):
        return figures([BENCH, self.fresh_database() + "#bench", workers, concurrency, self.seconds])

    def sqlite(self, concurrency):
        with tempfile.TemporaryDirectory(prefix="aright-bench-") as room:
            return figures([BENCH, pathlib.Path(room) / "ledger.db", 1, concurrency, self.seconds])

    def writes(self, concurrency):
        return figures([BENCH, self.fresh_database() + "#bench", 1, concurrency, self.seconds, "writes"])

    def peer(self, concurrency):
        return figures([*self.dbos, self.fresh_database(), concurrency, self.seconds])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--without-peer", action="store_true")
    said = options.parse_args()
    dbos = None if said.without_peer else peer()
    with Postgres() as postgres:
        runs = Runs(postgres, said.seconds, dbos)
        print(f"{'':28}{'concurrency':>12}{'workflows/s':>13}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'peer':>8}")
        for concurrency in CONCURRENCIES:
            kinds = {"DBOS, PostgreSQL": lambda c=concurrency: runs.peer(c)} if dbos else {}
            for workers in (1, 2, 4):
                kinds[f"aright, PostgreSQL, {workers} worker{'s' if workers > 1 else ''}"] = lambda w=workers, c=concurrency: runs.aright(w, c)
            kinds["PostgreSQL, steps that write"] = lambda c=concurrency: runs.writes(c)
            kinds["aright, SQLite"] = lambda c=concurrency: runs.sqlite(c)
            got = {name: [] for name in kinds}
            for _ in range(said.rounds):
                for name, run in kinds.items():
                    got[name].append(run())
            base = statistics.median(one["workflows_per_second"] for one in got["DBOS, PostgreSQL"]) if dbos else None
            for name, all_of_it in got.items():
                middle = {key: statistics.median(one[key] for one in all_of_it) for key in all_of_it[0]}
                ratio = f"{middle['workflows_per_second'] / base:.1f}×" if base else ""
                print(f"{name:28}{concurrency:>12}{middle['workflows_per_second']:>13.0f}{middle['p50_ms']:>9.1f}"
                      f"{middle['p99_ms']:>9.1f}{middle['cpu_ms_per_workflow']:>9.2f}{ratio:>8}", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Events from a broker to the decision about them: throughput, latency at half of it, and whether memory stays flat.

    bench/broker_bench.py BINARY [--events 20000] [--seconds 20] [--soak-minutes 0]

A stream of JetStream (Debian's nats-server, on loopback, its files on the disk) is filled with events about twenty buckets; then a
server with its ledger in a file takes them: from the first that it has on record to the last that it has judged is the throughput. Then
events come at half of that rate: from the moment each is published to the moment its judgement is on record is the latency. Events of one
resource that come together are judged together. With --soak-minutes that goes on for so long, and the server's memory is told each minute.
"""

import argparse
import contextlib
import json
import os
import pathlib
import sqlite3
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))
BUCKETS = 20
WAIT_SECONDS_MAX = 1800
HUNDRED = 100


class House:
    """A broker, a cloud with buckets that are closed, and a server that takes the broker's events."""

    def __init__(self, room):
        import boto3
        import botocore.config
        from brokers_test import POLICY, NatsServer, event
        from harness import Server
        self.room, self.event, self.server_class = pathlib.Path(room), event, Server
        self.broker = NatsServer(self.room)
        self.nats = self.broker.client().thing
        self.nats.ask("$JS.API.STREAM.CREATE.EVENTS", {"name": "EVENTS", "subjects": ["events.>"], "storage": "file"})
        self.cloud = Server(self.room, "sandbox", "--empty")
        s3 = boto3.client("s3", endpoint_url=self.cloud.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                          config=botocore.config.Config(proxies={}))
        for number in range(BUCKETS):
            s3.create_bucket(Bucket=f"data-{number}")
        source = f'{{name: bus, nats: {{server: "nats://127.0.0.1:{self.broker.port}", stream: EVENTS, subject: events.aws}}}}'
        (self.room / "aright.yaml").write_text(POLICY + f"sources: [{source}]\n")
        self.published, self.server = {}, None

    def publish(self):
        number = len(self.published)
        identity = f"event-{number}"
        self.published[identity] = time.time() * 1000
        self.nats.publish("events.aws", self.event(identity, f"data-{number % BUCKETS}"), identity)

    def serve(self):
        self.server = self.server_class(self.room, "serve", "--port", "0", "--state", self.room / "state", "--policy", "aright.yaml",
                                        "--endpoint-url", self.cloud.url)

    def rows(self, query):
        with contextlib.closing(sqlite3.connect(f"file:{self.room / 'state' / 'ledger.db'}?mode=ro", uri=True)) as file:
            return file.execute(query).fetchall()

    def wait_until_judged(self, count):
        end = time.monotonic() + WAIT_SECONDS_MAX
        while self.rows("select count(*) from entries where kind = 'signal_handled'")[0][0] < count:
            if time.monotonic() > end:
                raise SystemExit(f"not all of {count} events were judged")
            time.sleep(0.2)

    def mebibytes(self):
        lines = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def close(self):
        if self.server:
            self.server.stop()
        self.cloud.stop()
        self.broker.kill()


def throughput(house, events):
    for _ in range(events):
        house.publish()
    house.serve()
    house.wait_until_judged(events)
    first, = house.rows("select min(time_ms) from entries where kind = 'signal_received'")[0]
    last, = house.rows("select max(time_ms) from entries where kind = 'signal_handled'")[0]
    return events / (last - first) * 1000


def latencies(house, rate, seconds):
    """Milliseconds, sorted; and how many were published in a second."""
    known, begin = len(house.published), time.monotonic()
    next_minute = begin
    while (now := time.monotonic()) < begin + seconds:
        if now >= next_minute:
            print(f"  {(now - begin) / 60:4.0f} min: {house.mebibytes():.1f} MiB, {len(house.published)} events", flush=True)
            next_minute += 60
        if len(house.published) - known < (now - begin) * rate:
            house.publish()
        else:
            time.sleep(0.0005)
    sent = len(house.published) - known
    house.wait_until_judged(len(house.published))
    judged = house.rows("select json_extract(r.body, '$.body.id'), h.time_ms from entries r join entries h on h.stream = r.stream"
                        f" where r.kind = 'signal_received' and h.kind = 'signal_handled' and r.position > "
                        f"(select position from entries where kind = 'signal_received' order by position limit 1 offset {known - 1})")
    return sorted(at - house.published[identity] for identity, at in judged), sent / seconds


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binary")
    options.add_argument("--events", type=int, default=20_000)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--soak-minutes", type=float, default=0)
    said = options.parse_args()
    os.environ["ARIGHT_BINARY"] = os.path.abspath(said.binary)
    with tempfile.TemporaryDirectory(prefix="aright-broker-") as room:
        house = House(room)
        peak = throughput(house, said.events)
        print(f"{said.events} events that waited: {peak:.0f} judged in a second, ledger included")
        took, rate = latencies(house, peak / 2, said.soak_minutes * 60 or said.seconds)
        at = [took[len(took) * share // HUNDRED] for share in (50, 99)]
        print(f"{rate:.0f} a second, {len(took)} events: p50 {at[0]:.0f} ms, p99 {at[1]:.0f} ms; {house.mebibytes():.1f} MiB at the end")
        house.close()


if __name__ == "__main__":
    main()

"""A fleet under siege: faults at random, one after the other and one over the other, while buckets go on to be opened.

Half a minute of it in the tests; by hand as long as one likes. It prints what happened, and how much memory the workers hold:

    ARIGHT_SIEGE_SECONDS=1200 ARIGHT_SIEGE_SEED=7 ARIGHT_BINARY=../../build/release/aright /usr/bin/python3 -B -m unittest siege_test
"""

import collections
import contextlib
import os
import pathlib
import random
import signal
import time

from fleet import ANA, LEASE_SECONDS, FleetStory, opened
from harness import request
from wire import Wire

SECONDS = float(os.environ.get("ARIGHT_SIEGE_SECONDS", "30"))
SEED = int(os.environ.get("ARIGHT_SIEGE_SEED", "1"))
WORKERS = "abc"
BUCKETS_AT_ONCE = 3
MEMORY_EVERY_SECONDS = 60
LONGEST_SECONDS = LEASE_SECONDS + 1.5  # of a fault that ends by itself


class Member:
    """A worker with a wire to the database and one to the cloud. A fault is a method that says for how long it shall last."""

    def __init__(self, story, name):
        self.story, self.name, self.lives, self.suffers_until = story, name, 0, 0
        self.database = Wire(story.postgres.home / ".s.PGSQL.5432")
        self.cloud = Wire(int(story.cloud.url.rsplit(":", 1)[1]))
        self.start()

    def start(self):
        self.lives += 1
        name = self.name if self.lives == 1 else f"{self.name}{self.lives}"
        store = f"postgresql://aright@127.0.0.1:{self.database.port}/postgres#fleet{self.story.fleets}"
        self.server = self.story.worker(name, store=store, cloud=f"http://127.0.0.1:{self.cloud.port}")

    def is_killed(self, _):
        self.server.kill()
        self.start()
        return 0

    def stands_still(self, seconds):
        self.server.process.send_signal(signal.SIGSTOP)
        return seconds

    def loses_the_database(self, seconds):
        self.database.cut()
        return seconds

    def loses_the_cloud(self, seconds):
        self.cloud.cut()
        return seconds

    def breaks_with_the_database(self, _):
        self.database.reset()
        return 0.3

    def breaks_with_the_cloud(self, _):
        self.cloud.reset()
        return 0.3

    def has_a_slow_database(self, seconds):
        self.database.slow(0.05)
        return seconds

    def recover(self):
        self.suffers_until = 0
        self.server.process.send_signal(signal.SIGCONT)
        self.database.slow(0)
        for wire in (self.database, self.cloud):
            wire.heal()

    def resident_mebibytes(self):
        lines = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def close(self):
        self.recover()
        self.server.stop()
        self.database.close()
        self.cloud.close()


MISFORTUNES = {Member.is_killed: 6, Member.stands_still: 2, Member.loses_the_database: 2, Member.loses_the_cloud: 1,
               Member.breaks_with_the_database: 2, Member.breaks_with_the_cloud: 3, Member.has_a_slow_database: 1}
DATABASE_KILLED_OF_TEN = 1


class Siege(FleetStory):
    def setUp(self):
        super().setUp()
        self.dice, self.happened, self.names, self.untold = random.Random(SEED), collections.Counter(), [], []
        self.members = [self.enterContext(contextlib.closing(Member(self, name))) for name in WORKERS]

    def well(self):
        return [member for member in self.members if not member.suffers_until]

    def misfortune(self):
        if self.dice.randrange(10) < DATABASE_KILLED_OF_TEN:
            self.happened["the database is killed"] += 1
            self.postgres.kill()
            time.sleep(self.dice.uniform(0, 1))
            self.postgres.start()
        elif self.well():
            member = self.dice.choice(self.well())
            fault = self.dice.choices(list(MISFORTUNES), MISFORTUNES.values())[0]
            self.happened["a worker " + fault.__name__.replace("_", " ")] += 1
            if lasts := fault(member, self.dice.uniform(0.2, LONGEST_SECONDS)):
                member.suffers_until = time.monotonic() + lasts

    def open_buckets(self):
        new = self.make_public_buckets(BUCKETS_AT_ONCE, f"siege-{len(self.names)}")
        self.names += new
        self.untold += new

    def tell(self):
        """Who was told and said so has to keep it; all else is told again."""
        if not self.well():
            return
        url = self.dice.choice(self.well()).server.url
        with contextlib.suppress(OSError, ValueError):
            while self.untold and request(url + "/api/v1/signals", "POST", opened("of " + self.untold[0], self.untold[0]), ANA)[0] == 200:
                self.untold.pop(0)

    def test_whatever_happens_each_bucket_is_closed_once(self):
        begin = next_look = time.monotonic()
        while (now := time.monotonic()) < begin + SECONDS:
            for member in self.members:
                if member.suffers_until and now >= member.suffers_until:
                    member.recover()
            self.open_buckets()
            self.tell()
            if now >= next_look:
                next_look = now + MEMORY_EVERY_SECONDS
                print(f"{now - begin:6.0f} s: {len(self.names)} buckets, {self.resolved()} resolved;",
                      ", ".join(f"{member.resident_mebibytes():.0f} MiB" for member in self.members), flush=True)
            self.misfortune()
            time.sleep(self.dice.uniform(0.1, 1.2))
        for member in self.members:
            member.recover()
        self.eventually("all are told", lambda: self.tell() or not self.untold)
        self.assert_each_closed_once(self.names, 300)
        print(f"seed {SEED}: {len(self.names)} buckets, each closed once;", ", ".join(f"{many} times {what}" for what, many in sorted(self.happened.items())))

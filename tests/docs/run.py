#!/usr/bin/python3 -B
"""Runs every command of README.md and docs/, and compares what it prints: see README.md beside this file.

    tests/docs/run.py [--binary FILE] [--jobs N] [--tell] [PAGE...]
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import sys
import time

import index
import page
import session
import snippets
import spoken

SOURCE = pathlib.Path(__file__).resolve().parents[2]
JOBS = 3


def pages_of(names):
    """(name, text) of each page, in reading order of their names."""
    paths = [pathlib.Path(name).resolve() for name in names] or [SOURCE / "README.md", *sorted((SOURCE / "docs").rglob("*.md"))]
    return [(str(path.relative_to(SOURCE)), path.read_text()) for path in paths]


class Outcome:
    def __init__(self, name, text, binary, tell):
        begin = time.monotonic()
        self.name, self.run, self.faults, self.not_run = name, 0, [], []
        try:
            one = session.Session(name, text, binary, SOURCE, print if tell else lambda _: None)
            self.not_run = [command for command in one.page.commands if command.not_run]
            self.faults = one.faults
            try:
                if len(self.not_run) < len(one.page.commands):
                    one.run()
            finally:
                self.run = one.run_count
        except page.Fault as fault:
            self.faults.append(str(fault))
        except RuntimeError as error:  # a server or a shell of the page
            self.faults.append(f"{name}: {error}")
        self.seconds = time.monotonic() - begin


def tell(outcomes, seconds):
    """Prints what was run, and what was not and why. Gives whether all of it is true."""
    reasons = collections.Counter(command.not_run for outcome in outcomes for command in outcome.not_run)
    for fault in [fault for outcome in outcomes for fault in outcome.faults]:
        print(fault, file=sys.stderr)
    pages = [outcome for outcome in outcomes if outcome.run]
    print(f"{sum(outcome.run for outcome in outcomes)} commands of {len(pages)} pages were run in {seconds:.0f} s; "
          f"{sum(reasons.values())} were not run")
    for reason, count in reasons.most_common():
        print(f"  {count:3}  {reason}")
    return not any(outcome.faults for outcome in outcomes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=os.environ.get("ARIGHT_BINARY", SOURCE / "build/release/aright"))
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--tell", action="store_true", help="print what each command prints, to be put into the page")
    parser.add_argument("pages", nargs="*", help="else all")
    options = parser.parse_args()
    binary = pathlib.Path(options.binary).resolve()
    if not binary.exists():
        sys.exit(f"no such program: {binary}")

    begin = time.monotonic()
    pages = pages_of(options.pages)
    faults = spoken.faults_of(pages, (SOURCE / "docs/reference/cli.md").read_text())
    faults += snippets.faults_of(pages, binary) + index.faults_of(pages)
    faults += index.figure_faults_of((SOURCE / "README.md").read_text(), index.counts_of(SOURCE))
    # Long pages first, so that none is left at the end.
    pages.sort(key=lambda one: one[1].count("\n$ "), reverse=True)
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda one: Outcome(*one, binary, options.tell), pages):
            outcomes.append(outcome)
            if outcome.run or outcome.not_run or outcome.faults:
                print(f"{outcome.name}: {outcome.run} run, {len(outcome.not_run)} not run, {outcome.seconds:.1f} s"
                      f"{', FAILED' if outcome.faults else ''}", flush=True)
    for fault in faults:
        print(fault, file=sys.stderr)
    if not tell(outcomes, time.monotonic() - begin) or faults:
        sys.exit(1)


if __name__ == "__main__":
    main()

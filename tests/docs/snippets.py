"""Pieces of policies that pages show: each has to be one, as `aright policy check` has it.

A piece may speak of what stands elsewhere in the policy, or of files that the reader has.
"""

import json
import pathlib
import re
import subprocess
import tempfile

import page

TARGETS = 'targets: [{account: "111122223333", regions: [us-east-1]}]\n'
MEMBER = re.compile(r"([a-z_]+):")
ELSEWHERE = re.compile(r"there is no (principal|channel|group|ladder|health check|function|runbook) '|No such file or directory")


def policy_members(binary):
    schema = subprocess.run([binary, "policy", "schema"], capture_output=True, text=True, check=True).stdout
    return set(json.loads(schema)["properties"])


def pieces_of(text, members):
    """(line, text) of each block that holds members of a policy and nothing else."""
    lines, at = text.split("\n"), 0
    while at < len(lines):
        if not page.FENCE.match(lines[at]):
            at += 1
            continue
        begin = at + 1
        language, _, body, at = page.read_block("", lines, at)
        said = {found[1] for line in body if (found := MEMBER.match(line))}
        if language == "yaml" and said and said <= members:
            yield begin, "\n".join(body) + "\n" + ("" if "targets" in said else TARGETS)


def faults_of(pages, binary):
    members = policy_members(binary)
    faults = []
    with tempfile.TemporaryDirectory(prefix="aright-docs-") as home:
        file = pathlib.Path(home) / "piece.yaml"
        for name, text in pages:
            for line, piece in pieces_of(text, members):
                file.write_text(piece)
                told = subprocess.run([binary, "policy", "check", file], capture_output=True, text=True)
                wrong = [fault for fault in told.stderr.strip().split("\n") if not ELSEWHERE.search(fault) and " AR-" not in fault]
                if told.returncode != 0 and wrong:
                    faults.append(f"{name}:{line}: no piece of a policy: {wrong[0]}")
    return faults

"""`aright plan` on a resource of each type that has a fix: the calls, the difference, and the way back.

The controls' own tests in catalog/controls make the resources: of each control the first test that is set right by calls alone. All stand
in one account, and one scan finds them. docs/plans.md is what the plans say; `ARIGHT_WRITE=1` writes it anew.
"""

import base64
import collections
import contextlib
import json
import os
import pathlib
import re
import time
import unittest

import boto3
import botocore.config
import botocore.exceptions
import ruamel.yaml

from harness import ACCOUNT, Server, Story, serving

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/plans.md"
HEAD = """# Plans

What `aright plan` shows of one resource of each type that a control of the catalog sets right: the calls that the fix makes, what changes
by them, and the calls that take them back. `tests/e2e/plans_test.py` makes the resources in the emulated cloud, has each of them planned,
and compares this page with what the plans say.

| type | control | calls | what changes | back by |
|---|---|---|---|---|
"""
TAIL = """
## Types without a fix
Of these the catalog judges resources, and has no fix: {}.

Of these it has one that an event asks for, or that time alone makes due, so that no example stands here: {}.

Types that no control judges have no finding, and so no plan; runbooks change them, and [`aright runbook rehearse`](guide/runbooks.md) shows
what they would do. [A write of each type](rehearsed-writes.md), with what leads back from it, is rehearsed by the tests; which of their aspects
have a way back says [the coverage](coverage.md).
"""
SETTLED = 11  # seconds, in which the emulated cloud's longest "creating", ten of its minutes, is over
Example = collections.namedtuple("Example", "control type calls resource")


def read(file):
    return ruamel.yaml.YAML(typ="safe", pure=True).load(file)


def examples():
    """One of each control that has a fix, the types that controls judge, and those that they have a fix for."""
    found, judged, fixed = [], set(), set()
    for folder in sorted((ROOT / "catalog/controls").iterdir()):
        control = read(folder / "control.yaml")
        judged.add(control["resource_type"])
        if control.get("remediation"):
            fixed.add(control["resource_type"])
        tests = read(folder / "tests.yaml") if (folder / "tests.yaml").exists() else {"tests": []}
        for one in tests["tests"]:
            calls = (tests.get("given") or []) + (one.get("given") or [])
            plain = all(set(call) <= {"call", "input", "as"} for call in calls)
            if "remediation" in one and plain and not {"event", "parameters", "functions"} & (set(one) | set(tests)):
                found.append(Example(folder.name, control["resource_type"], calls, one.get("resource", ACCOUNT)))
                break
    return found, judged, fixed


class Teller:
    """Makes calls as the stories write them down: blobs in base64, ${name.Member.0} of an answer kept with `as`."""

    def __init__(self, url):
        self.url, self.clients, self.memory = url, {}, {}
        self.config = botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, inject_host_prefix=False)

    def close(self):
        for client in self.clients.values():
            client.close()

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.client(service, endpoint_url=self.url, region_name="us-east-1", config=self.config,
                                                 aws_access_key_id="test", aws_secret_access_key="test")
        return self.clients[service]

    def filled(self, value):
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if isinstance(value, dict):
            return {name: self.filled(member) for name, member in value.items()}
        if not isinstance(value, str):
            return value
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(self.recalled(found[1])), value)

    def recalled(self, path):
        here = self.memory
        for step in path.split("."):
            here = here[int(step)] if isinstance(here, list) else here[step]
        return here

    def native(self, value, shape):
        if shape.type_name == "blob" and isinstance(value, str):
            return base64.b64decode(value)
        if shape.type_name == "structure" and isinstance(value, dict):
            return {name: self.native(member, shape.members[name]) for name, member in value.items()}
        if shape.type_name == "list" and isinstance(value, list):
            return [self.native(item, shape.member) for item in value]
        return value

    def tell(self, calls):
        for call in calls:
            service, operation = call["call"].split(":")
            client = self.client(service)
            shape = client.meta.service_model.operation_model(operation).input_shape
            given = self.filled(call.get("input") or {})
            method = getattr(client, next(name for name, called in client.meta.method_to_api_mapping.items() if called == operation))
            answer = method(**(self.native(given, shape) if shape else {}))
            if "as" in call:
                self.memory[call["as"]] = answer


def counted(names):
    """`a, b ×2`: in the order in which they come first."""
    return ", ".join(f"`{name}`" + (f" ×{count}" if count > 1 else "") for name, count in collections.Counter(names).items())


def row(control, plan):
    """A line of the page. Aspects by their names: ids are other ones each time."""
    calls = counted(f"{write['service']}:{write['operation']}" for write in plan["writes"])
    aspects = dict.fromkeys(change["pointer"].split("/")[3] for change in plan["difference"] if change["pointer"].count("/") > 2)
    back = counted(f"{call['service']}:{call['operation']}" for call in plan["inverse"])
    reasons = dict.fromkeys(write["why_irreversible"] for write in plan["writes"] if write.get("why_irreversible"))
    way = "; ".join(filter(None, [back, *(f"not all: {reason}" for reason in reasons)])) or "nothing"
    return f"{control} | {calls} | {', '.join(aspects) or 'what is there'} | {way}"


class Plans(Story):
    def made(self, cloud, wanted):
        """Of each type the first example that can be made beside the others: its control, and the id of its resource."""
        made = {}
        for one in wanted:
            if one.type in made:
                continue
            with contextlib.closing(Teller(cloud.url)) as teller, \
                    contextlib.suppress(botocore.exceptions.ClientError):  # another example is in the way
                teller.tell(one.calls)
                made[one.type] = (one.control, teller.filled(one.resource))
        return made

    def planned(self, wanted):
        """What the page says of each type, as many of them as one account can hold examples of."""
        with Server(self.home, "sandbox", "--empty") as cloud:
            made = self.made(cloud, wanted)
            time.sleep(SETTLED)
            (self.home / "aright.yaml").write_text(json.dumps({
                "targets": [{"account": ACCOUNT, "regions": ["us-east-1"]}],
                "controls": [{"id": control} for control, _ in made.values()],
                "decide": [{"name": "nobody but a person", "decision": "manual"}],
            }))
            plans = {}
            state = f"state-{len(wanted)}"
            with serving(self.home, cloud, state=state):
                self.aright("scan", "--json", code=3, state=state)
                for finding in self.aright("findings", "--json", state=state).json["findings"]:
                    resource = finding["resource"]
                    control, name = made.get(resource["type"], ("", ""))
                    if finding["control"] == control and name in (resource["id"], resource.get("arn")):
                        plans[resource["type"]] = row(control, self.aright("plan", finding["id"], "--json", state=state).json)
        self.assertEqual(set(made) - set(plans), set(), "made, and not found to be out of policy")
        return plans

    def test_show_calls_difference_and_way_back_of_each_type_with_a_fix(self):
        wanted, judged, fixed = examples()
        plans = {}
        while left := [one for one in wanted if one.type not in plans]:
            more = self.planned(left)
            self.assertTrue(more, f"cannot be made: {left}")
            plans |= more
        page = HEAD + "".join(f"| `{type}` | {line} |\n" for type, line in sorted(plans.items()))
        page += TAIL.format(*(", ".join(f"`{type}`" for type in sorted(types)) for types in (judged - fixed, fixed - set(plans))))
        if os.environ.get("ARIGHT_WRITE"):
            PAGE.write_text(page)
        self.assertEqual(PAGE.read_text(), page, "docs/plans.md says otherwise: write it anew with ARIGHT_WRITE=1")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Automation documents that somebody else published, as fixes of the controls that they say they are for.

    bench/public_runbooks.py build/release/aright FOLDER…

Each document in the folders (YAML or JSON, schema 0.3) whose description names a control of Security Hub's
("FSBP v1.0.0: SQS.1"), or whose name is that of a fix of the catalog, takes the place of that control's own
fix. Then the control's tests are played: the resource must be NON_COMPLIANT before, and after the document ran
what it is after the catalog's own fix (COMPLIANT, or gone), judged by the same rule on a fresh read. A document
that wants the id that AWS Config has for a resource (db-ABC…, AIDA…) gets it. A document that is for no control and whose
name is that of a runbook of the catalog takes its place in those of the runbook's tests that succeed: it must succeed as well, and
leave the state that is expected, where one is. Prints one line for each document, and counts. A document that is for neither, or wants a parameter that nobody here can give, is counted as such.
"""

import functools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

CATALOG = pathlib.Path(__file__).resolve().parent.parent / "catalog" / "controls"
RUNBOOK_TESTS = CATALOG.parent / "runbooks" / "tests"
ROLE = "arn:aws:iam::111122223333:role/Fixer"
KNOWN = {"AutomationAssumeRole": ROLE, "AccountId": "111122223333", "AccountID": "111122223333", "Region": "us-east-1",
         "TrailRegion": "us-east-1", "Partition": "aws", "DBSnapshotType": "snapshot",
         "KmsKeyArn": "KEY", "KMSKeyArn": "KEY", "KMSKeyARN": "KEY"}
# What stands for KEY, in a world that begins with it.
KEY = {"call": "kms:CreateKey", "input": {}}
# What a document that wants an ARN is given, by the resource's type.
ARNS = {"AWS::RDS::DBCluster": "arn:aws:rds:us-east-1:111122223333:cluster:{}",
        "AWS::RDS::DBInstance": "arn:aws:rds:us-east-1:111122223333:db:{}",
        "AWS::DynamoDB::Table": "arn:aws:dynamodb:us-east-1:111122223333:table/{}",
        "AWS::CloudTrail::Trail": "arn:aws:cloudtrail:us-east-1:111122223333:trail/{}",
        "AWS::EC2::Instance": "arn:aws:ec2:us-east-1:111122223333:instance/{}",
        "AWS::EC2::Subnet": "arn:aws:ec2:us-east-1:111122223333:subnet/{}",
        "AWS::CodeBuild::Project": "arn:aws:codebuild:us-east-1:111122223333:project/{}"}
# The read that tells an id that the cloud chose, of the only resource that the test made.
IDS = {"AWS::EC2::Instance": ({"Api": "DescribeInstances"}, "$.Reservations[0].Instances[0].InstanceId"),
       "AWS::EC2::Subnet": ({"Api": "DescribeSubnets", "Filters": [{"Name": "default-for-az", "Values": ["false"]}]}, "$.Subnets[0].SubnetId")}
# The read that tells the id by which AWS Config knows a resource, and where in its answer that stands.
CONFIG_IDS = {"AWS::RDS::DBCluster": ("rds", "DescribeDBClusters", "DBClusterIdentifier", "$.DBClusters[0].DbClusterResourceId"),
              "AWS::RDS::DBInstance": ("rds", "DescribeDBInstances", "DBInstanceIdentifier", "$.DBInstances[0].DbiResourceId"),
              "AWS::IAM::Group": ("iam", "GetGroup", "GroupName", "$.Group.GroupId"),
              "AWS::IAM::Role": ("iam", "GetRole", "RoleName", "$.Role.RoleId"),
              "AWS::IAM::User": ("iam", "GetUser", "UserName", "$.User.UserId")}
# Some documents ask AWS Config for a resource's name. For them it records.
RECORDER = [{"call": "s3:CreateBucket", "input": {"Bucket": "config-111122223333"}},
            {"call": "config:PutConfigurationRecorder", "input": {"ConfigurationRecorder": {
                "name": "default", "roleARN": "arn:aws:iam::111122223333:role/config"}}},
            {"call": "config:PutDeliveryChannel", "input": {"DeliveryChannel": {
                "name": "default", "s3BucketName": "config-111122223333"}}},
            {"call": "config:StartConfigurationRecorder", "input": {"ConfigurationRecorderName": "default"}}]
ASKS_CONFIG = re.compile(r"GetResourceConfigHistory|client\(\W*config\b")
STANDARD = re.compile(r"FSBP v1\.0\.0:\s*([A-Za-z0-9]+\.\d+)")
PREFIXES = re.compile(r"^(ASR|SHARR|AWS|AWSConfigRemediation)-")


class Words(yaml.SafeLoader):
    """As YAML 1.2 reads: no and on are words."""


Words.yaml_implicit_resolvers = {first: [one for one in all_ if not one[0].endswith(("bool", "timestamp"))]
                                 for first, all_ in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def controls():
    """Of the catalog, those with a fix: by Security Hub's id, and by the fix's name."""
    by_id, by_fix = {}, {}
    for file in sorted(CATALOG.glob("*/control.yaml")):
        control = yaml.load(file.read_text(), Words)
        if not isinstance(control.get("remediation"), dict) or "runbook" not in control["remediation"]:
            continue
        control["folder"] = file.parent
        for one in str(control.get("references", {}).get("Security Hub", "")).split(","):
            by_id.setdefault(one.strip(), control)
        by_fix.setdefault(PREFIXES.sub("", control["remediation"]["runbook"]), control)
    return by_id, by_fix


def documents(folders):
    for folder in folders:
        for file in sorted(pathlib.Path(folder).rglob("*")):
            if file.suffix not in (".yaml", ".yml", ".json"):
                continue
            try:
                document = yaml.safe_load(file.read_text())
            except (yaml.YAMLError, UnicodeDecodeError):
                continue
            if isinstance(document, dict) and document.get("schemaVersion") == "0.3" and "mainSteps" in document:
                yield file, document


def meant(document, name, by_id, by_fix):
    for one in STANDARD.findall(str(document.get("description", ""))):
        if one in by_id:
            return by_id[one]
    return by_fix.get(PREFIXES.sub("", name))


def fits(value, parameter):
    """Whether it has the form that the document asks for. Java's regular expressions are nearly Python's."""
    try:
        return not isinstance(value, str) or re.search(parameter.get("allowedPattern", ""), value) is not None
    except re.error:
        return True


def parameters_for(document, control):
    """What the document is given, or the name of the parameter that nobody can give."""
    own = control["remediation"].get("parameters", {})
    given, open_ones = {}, []
    for name, parameter in document.get("parameters", {}).items():
        if name in own and (own[name] == "RESOURCE_ID" or name not in KNOWN or fits(own[name], parameter)):
            given[name] = own[name]
        elif name in KNOWN:
            given[name] = KNOWN[name]
        elif "default" not in parameter:
            open_ones.append(name)
    if "RESOURCE_ID" not in json.dumps(given) and open_ones:
        name = open_ones.pop(0)
        listed = "List" in document["parameters"][name].get("type", "String")
        given[name] = ["RESOURCE_ID"] if listed else "RESOURCE_ID"
        if "arn:" in document["parameters"][name].get("allowedPattern", "") and control["resource_type"] in ARNS:
            given[name] = "ARN"
    return (None, open_ones[0]) if open_ones else (given, "")


def config_id(aright, control, tests, test):
    """The id that AWS Config has for the test's resource."""
    service, api, member, at = CONFIG_IDS[control["resource_type"]]
    return seen(aright, tests.get("given", []) + test.get("given", []),
                {"Service": service, "Api": api, member: test["resource"]}, at)


def arn(aright, control, tests, test):
    name = test["resource"]
    if "${" in name:
        call, at = IDS[control["resource_type"]]
        name = seen(aright, tests.get("given", []) + test.get("given", []), {"Service": "ec2", **call}, at)
    return ARNS[control["resource_type"]].format(name)


@functools.cache
def key_arn(aright):
    return seen(aright, [KEY], {"Service": "kms", "Api": "ListKeys"}, "$.Keys[0].KeyArn")


def seen(aright, given, call, at):
    """What a call tells in the world that these calls make: ids come from a seed, and are the same in the same world."""
    look = {"schemaVersion": "0.3", "outputs": ["Look.Id"], "mainSteps": [
        {"name": "Look", "action": "aws:executeAwsApi", "inputs": call,
         "outputs": [{"Name": "Id", "Selector": at, "Type": "String"}]}]}
    world = {"runbook": "Look", "given": given,
             "tests": [{"name": "look", "expect": {"outputs": {"Look.Id": ["?"]}}}]}
    with tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(home)
        (folder / "Look.yaml").write_text(yaml.safe_dump(look, sort_keys=False))
        (folder / "test.yaml").write_text(yaml.safe_dump(world, sort_keys=False))
        ran = subprocess.run([aright, "runbook", "test", str(folder / "test.yaml")], capture_output=True, text=True,
                             check=False)
    found = re.search(r'is "([A-Za-z0-9:/-]+)", not "\?"', ran.stdout)
    return found[1] if found else None


def resource_for(aright, document, control, tests, test, given):
    """What the document is given for the test's resource."""
    parameters = [document["parameters"][name] for name, value in given.items() if value in ("RESOURCE_ID", ["RESOURCE_ID"])]
    wanted = any(one.get("allowedPattern", "") and not fits(test.get("resource", ""), one) for one in parameters)
    if control["resource_type"] == "AWS::SQS::Queue":
        names = [call["input"]["QueueName"] for call in tests.get("given", []) + test.get("given", [])
                 if call.get("call") == "sqs:CreateQueue"]
        url = f"https://sqs.us-east-1.amazonaws.com/111122223333/{names[0]}" if len(names) == 1 else None
        return url if url is None or all(fits(url, one) for one in parameters) else names[0]
    unsaid = control["resource_type"].startswith("AWS::IAM") and not any(one.get("allowedPattern") for one in parameters)
    asks_config = ASKS_CONFIG.search(json.dumps(document).replace("\\", ""))
    if control["resource_type"] in CONFIG_IDS and (wanted or unsaid or asks_config):
        return config_id(aright, control, tests, test)
    return None


def filled(value, resource):
    if isinstance(value, list):
        return [filled(one, resource) for one in value]
    return resource if value == "RESOURCE_ID" else value


def play(aright, file, document, control, given):
    """Each test of the control: its name, and what is wrong."""
    tests = yaml.load((control["folder"] / "tests.yaml").read_text(), Words)
    if ASKS_CONFIG.search(file.read_text()):
        tests["given"] = RECORDER + tests.get("given", [])
    if "KEY" in given.values():
        tests["given"] = [KEY] + tests.get("given", [])
        given = {name: key_arn(aright) if value == "KEY" else value for name, value in given.items()}
    told = []
    for test in tests["tests"]:
        if test.get("expect") != "NON_COMPLIANT" or "remediation" not in test:
            continue
        values = {name: arn(aright, control, tests, test) if value == "ARN" else value for name, value in given.items()}
        resource = resource_for(aright, document, control, tests, test, given)
        if resource:
            values = {name: filled(value, resource) for name, value in values.items()}
        wanted = {**test, "remediation": {"after": test["remediation"].get("after", "COMPLIANT")}}
        told += play_one(aright, file, control, {**tests, "tests": [wanted]}, values)
    return told


def play_one(aright, file, control, tests, given):
    with tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(home) / "public"
        folder.mkdir()
        mine = {key: value for key, value in control.items() if key not in ("folder", "references")}
        mine["id"] = "public"
        mine["remediation"] = {"runbook": "PublicRunbook", "parameters": given}
        (folder / "control.yaml").write_text(yaml.safe_dump(mine, sort_keys=False))
        (folder / "runbook.yaml").write_text(file.read_text())
        if (control["folder"] / "rule.guard").exists():
            (folder / "rule.guard").write_text((control["folder"] / "rule.guard").read_text())
        (folder / "tests.yaml").write_text(yaml.safe_dump({**tests, "control": "public"}, sort_keys=False))
        ran = subprocess.run([aright, "controls", "test", str(folder), "--json"], capture_output=True, text=True,
                             check=False)
        return answers(ran)


def play_as_runbook(aright, file, document):
    """In the place of the catalog's runbook of the same name: each of its tests that succeeds without faults, and what is wrong."""
    tests = yaml.load((RUNBOOK_TESTS / f"{file.stem}.yaml").read_text(), Words)
    tests["given"] = [KEY, *(RECORDER if ASKS_CONFIG.search(file.read_text()) else []), *tests.get("given", [])]
    known = {name: key_arn(aright) if value == "KEY" else value for name, value in KNOWN.items()}
    asked = document.get("parameters", {})
    needed = {name: known[name] for name, parameter in asked.items() if name in known and "default" not in parameter}
    wanted = []
    for test in tests["tests"]:
        given = {**needed, **test.get("parameters", {})}
        given = {name: value if "${" in str(value) or fits(value, asked.get(name, {})) else known.get(name)
                 for name, value in given.items()}
        expect = test.get("expect", {})
        if "faults" in test or expect.get("status") != "Success" or None in given.values():
            continue  # names are for the catalog's runbook alone, where this one takes ids
        expect = {key: expect[key] for key in ("status", "state") if key in expect}
        wanted.append({**test, "parameters": given, "expect": expect})
    if not wanted:
        return [], False
    with tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(home)
        for other in file.parent.glob(f"*{file.suffix}"):  # what it starts
            if other.stem != file.stem and f'"{other.stem}"' in file.read_text():
                (folder / other.name).write_text(other.read_text())
        (folder / f"{file.stem}{'.json' if file.suffix == '.json' else '.yaml'}").write_text(file.read_text())
        (folder / "test.yaml").write_text(yaml.safe_dump({**tests, "tests": wanted}, sort_keys=False))
        ran = subprocess.run([aright, "runbook", "test", str(folder / "test.yaml"), "--json"], capture_output=True, text=True,
                             check=False)
    return answers(ran), any("state" in test["expect"] for test in wanted)


def answers(ran):
    """Of each test that was played its name, and what was not as expected."""
    try:
        told = json.loads(ran.stdout)
    except json.JSONDecodeError:
        lines = (ran.stderr or ran.stdout).strip().splitlines()
        return [("", lines[-1] if lines else "no answer")]
    if "tests" not in told:
        return [("", told.get("message", ran.stdout.strip()))]
    return [(test.get("name", ""), "; ".join(test.get("unmet", []))) for test in told["tests"]]


def tell(counts, file, what, tests, best="compliant"):
    good = [name for name, unmet in tests if not unmet]
    refused = tests and all("InvalidAutomationExecutionParameters" in unmet for _, unmet in tests)
    how = ("not to be started" if refused else "for nothing here" if not tests else "not" if not good else
           best if len(good) == len(tests) else "in some cases")
    counts[how] += 1
    print(f"{file.stem}: {what}: {how} ({len(good)} of {len(tests)})")
    for name, unmet in tests:
        if unmet:
            print(f"    {name}: {unmet[:1000]}")


def main(aright, folders):
    by_id, by_fix = controls()
    counts = {"compliant": 0, "succeeded": 0, "in some cases": 0, "not": 0, "for nothing here": 0, "not to be started": 0}
    for file, document in documents(folders):
        control = meant(document, file.stem, by_id, by_fix)
        if control is None and (RUNBOOK_TESTS / f"{file.stem}.yaml").exists():
            tests, tells_state = play_as_runbook(aright, file, document)
            tell(counts, file, "as the runbook", tests, "compliant" if tells_state else "succeeded")
            continue
        if control is None:
            counts["for nothing here"] += 1
            continue
        given, missing = parameters_for(document, control)
        if given is None:
            counts["not to be started"] += 1
            print(f"{file.stem}: {control['id']}: nobody here knows its parameter {missing}")
            continue
        tell(counts, file, control["id"], play(aright, file, document, control, given))
    print(", ".join(f"{how}: {count}" for how, count in counts.items()))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])

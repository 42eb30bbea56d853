#!/usr/bin/env python3
"""Automation documents that somebody else published, as fixes of the controls that they say they are for.

    bench/public_runbooks.py build/release/aright FOLDER…

Each document in the folders (YAML or JSON, schema 0.3) whose description names a control of Security Hub's
("FSBP v1.0.0: SQS.1"), or whose name is that of a fix of the catalog, takes the place of that control's own
fix. Then the control's tests are played: the resource must be NON_COMPLIANT before, and COMPLIANT after the
document ran, judged by the same rule on a fresh read. Prints one line for each document, and counts. A
document that is for no control, or wants a parameter that nobody here can give, is counted as such.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

CATALOG = pathlib.Path(__file__).resolve().parent.parent / "catalog" / "controls"
ROLE = "arn:aws:iam::111122223333:role/Fixer"
KNOWN = {"AutomationAssumeRole": ROLE, "AccountId": "111122223333", "AccountID": "111122223333", "Region": "us-east-1",
         "Partition": "aws", "KmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012",
         "KMSKeyArn": "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"}
# What a document that wants an ARN is given, by the resource's type.
ARNS = {"AWS::RDS::DBCluster": "arn:aws:rds:us-east-1:111122223333:cluster:{}",
        "AWS::RDS::DBInstance": "arn:aws:rds:us-east-1:111122223333:db:{}",
        "AWS::DynamoDB::Table": "arn:aws:dynamodb:us-east-1:111122223333:table/{}",
        "AWS::CloudTrail::Trail": "arn:aws:cloudtrail:us-east-1:111122223333:trail/{}",
        "AWS::CodeBuild::Project": "arn:aws:codebuild:us-east-1:111122223333:project/{}"}
STANDARD = re.compile(r"FSBP v1\.0\.0:\s*([A-Za-z0-9]+\.\d+)")
PREFIXES = re.compile(r"^(ASR|SHARR|AWS|AWSConfigRemediation)-")


def controls():
    """Of the catalog, those with a fix: by Security Hub's id, and by the fix's name."""
    by_id, by_fix = {}, {}
    for file in sorted(CATALOG.glob("*/control.yaml")):
        control = yaml.safe_load(file.read_text())
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


def parameters_for(document, control):
    """What the document is given, or the name of the parameter that nobody can give."""
    known = {name: value for name, value in control["remediation"].get("parameters", {}).items()}
    given, open_ones = {}, []
    for name, parameter in document.get("parameters", {}).items():
        if name in known:
            given[name] = known[name]
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


def play(aright, file, control, given):
    """Each test of the control: its name, and what is wrong."""
    tests = yaml.safe_load((control["folder"] / "tests.yaml").read_text())
    ids = {test["resource"] for test in tests["tests"] if test.get("expect") == "NON_COMPLIANT" and "resource" in test}
    given = {name: ARNS[control["resource_type"]].format(*ids) if value == "ARN" and len(ids) == 1 else value
             for name, value in given.items()}
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
        tests["control"] = "public"
        tests["tests"] = [{**test, "remediation": {"after": "COMPLIANT"}} for test in tests["tests"]
                          if test.get("expect") == "NON_COMPLIANT" and "remediation" in test]
        if not tests["tests"]:
            return []
        (folder / "tests.yaml").write_text(yaml.safe_dump(tests, sort_keys=False))
        ran = subprocess.run([aright, "controls", "test", str(folder), "--json"], capture_output=True, text=True,
                             check=False)
        try:
            told = json.loads(ran.stdout)
        except json.JSONDecodeError:
            lines = (ran.stderr or ran.stdout).strip().splitlines()
            return [("", lines[-1] if lines else "no answer")]
        if "tests" not in told:
            return [("", told.get("message", ran.stdout.strip()))]
        return [(test.get("name", ""), "; ".join(test.get("unmet", []))) for test in told["tests"]]


def main(aright, folders):
    by_id, by_fix = controls()
    counts = {"compliant": 0, "in some cases": 0, "not": 0, "for no control": 0, "not to be started": 0}
    for file, document in documents(folders):
        control = meant(document, file.stem, by_id, by_fix)
        if control is None:
            counts["for no control"] += 1
            continue
        given, missing = parameters_for(document, control)
        if given is None:
            counts["not to be started"] += 1
            print(f"{file.stem}: {control['id']}: nobody here knows its parameter {missing}")
            continue
        tests = play(aright, file, control, given)
        good = [name for name, unmet in tests if not unmet]
        refused = tests and all("InvalidAutomationExecutionParameters" in unmet for _, unmet in tests)
        how = ("not to be started" if refused else "for no control" if not tests else "not" if not good else
               "compliant" if len(good) == len(tests) else "in some cases")
        counts[how] += 1
        print(f"{file.stem}: {control['id']}: {how} ({len(good)} of {len(tests)})")
        for name, unmet in tests:
            if unmet:
                print(f"    {name}: {unmet[:300]}")
    print(", ".join(f"{how}: {count}" for how, count in counts.items()))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])

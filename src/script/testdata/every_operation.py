"""Every operation of the services that remediations use: a sample of its input goes out, a sample of its output comes back.

Returns how many operations that were, and what went wrong with which.
"""
import json
from datetime import datetime, timezone

import boto3
from botocore.client import BaseClient

SERVICES = (
    "s3 s3control ec2 iam sts kms rds lambda config ssm cloudtrail sns sqs dynamodb guardduty securityhub elbv2 eks ecr ecs "
    "logs cloudwatch events secretsmanager route53 cloudfront efs redshift opensearch apigateway autoscaling acm wafv2"
).split()
DEPTH_MAX = 3
bridge = BaseClient._make_api_call.__globals__


def sample(shape, outgoing, above=()):
    """A value of the shape with every member, down to a few levels: as Python on its way out, as JSON on its way in."""
    kind = shape.type_name
    least = max(1, shape.metadata.get("min", 1))
    if getattr(shape, "is_document_type", False):
        return {"any": "thing"}
    inside = (*above, shape.name)
    if kind == "structure":
        wanted = shape.members if len(above) < DEPTH_MAX else shape.required_members
        if getattr(shape, "is_tagged_union", False):
            wanted = list(shape.members)[:1]
        return {name: sample(shape.members[name], outgoing, inside) for name in wanted if shape.members[name].name not in inside}
    if kind == "list":
        return [] if shape.member.name in inside else [sample(shape.member, outgoing, inside)] * min(least, 100)
    if kind == "map":
        return {"key": sample(shape.value, outgoing, inside)}
    if kind == "string":
        return "sample".ljust(least, "x")[: max(least, shape.metadata.get("max", 10**6))]
    if kind == "blob":
        return b"\x00sample\xff" if outgoing else "AHNhbXBsZf8="
    if kind == "timestamp":
        return datetime(2024, 5, 1, 10, tzinfo=timezone.utc) if outgoing else "2024-05-01T10:00:00Z"
    return {"boolean": True, "float": 1.5, "double": 1.5}.get(kind, least)


def check(client, method, model):
    """What went wrong, or None."""
    answer = {} if model.output_shape is None else sample(model.output_shape, outgoing=False)
    asked = []

    def ask(message):
        asked.append(json.loads(json.dumps(message))["call"])
        return {"output": answer}

    BaseClient._make_api_call = bridge["bridged_call"](ask)
    given = {} if model.input_shape is None else sample(model.input_shape, outgoing=True)
    output = getattr(client, method)(**given)
    metadata = output.pop("ResponseMetadata")
    if asked[0]["operation"] != model.name or metadata["HTTPStatusCode"] != model.http.get("responseCode", 200):
        return f"asked {asked}"
    if model.has_streaming_output:
        return None if next(iter(output.values())) is not None else "no body"
    back = {} if model.output_shape is None else bridge["encode"](model.output_shape, output)
    return None if back == answer else f"{back} is not {answer}"


def main(events, context):
    count, faults = 0, {}
    for service in SERVICES:
        client = boto3.client(service)
        for method, name in client._PY_TO_OP_NAME.items():
            count += 1
            try:
                fault = check(client, method, client.meta.service_model.operation_model(name))
            except Exception as error:
                fault = f"{type(error).__name__}: {error}"[:300]
            if fault:
                faults[f"{service}:{name}"] = fault
    return {"count": count, "faults": faults}

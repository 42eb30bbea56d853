"""Revokes ingress that lets the whole world reach a risky port of a security group.

Understands an AWS Config custom-rule event and an EventBridge event; leaves 80 and 443 alone.
"""
import json

import boto3

WORLD = ("0.0.0.0/0", "::/0")
OPEN_TO_ALL = {80, 443}


def group_id_of(event):
    if "invokingEvent" in event:  # AWS Config
        item = json.loads(event["invokingEvent"])["configurationItem"]
        return item["resourceId"]
    detail = event["detail"]  # EventBridge: CloudTrail, Config compliance change, Security Hub
    if "resourceId" in detail:
        return detail["resourceId"]
    if "findings" in detail:
        return detail["findings"][0]["Resources"][0]["Id"].rpartition("/")[2]
    return detail["requestParameters"]["groupId"]


def is_risky(permission):
    """All traffic, or a range of ports other than exactly one that is meant to be open to all."""
    if permission["IpProtocol"] not in ("tcp", "udp", "6", "17", "-1"):
        return False
    first, last = permission.get("FromPort"), permission.get("ToPort")
    return not (first == last and first in OPEN_TO_ALL)


def world_part(permission):
    """The same permission, cut down to what is open to the world; None when nothing is."""
    ranges = [{"CidrIp": r["CidrIp"]} for r in permission.get("IpRanges", []) if r["CidrIp"] in WORLD]
    ranges6 = [{"CidrIpv6": r["CidrIpv6"]} for r in permission.get("Ipv6Ranges", []) if r["CidrIpv6"] in WORLD]
    if not ranges and not ranges6:
        return None
    part = {"IpProtocol": permission["IpProtocol"]}
    for key in ("FromPort", "ToPort"):
        if key in permission:
            part[key] = permission[key]
    if ranges:
        part["IpRanges"] = ranges
    if ranges6:
        part["Ipv6Ranges"] = ranges6
    return part


def handler(event, context):
    group_id = group_id_of(event)
    ec2 = boto3.client("ec2")
    group = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    parts = [world_part(p) for p in group.get("IpPermissions", []) if is_risky(p)]
    revoked = [p for p in parts if p]
    if revoked:
        ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=revoked)
    print(f"{group_id}: revoked {len(revoked)} permissions")
    return {"group_id": group_id, "revoked": revoked}

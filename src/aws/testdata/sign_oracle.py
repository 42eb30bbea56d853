"""Prints requests that botocore signed, one JSON object a line: the oracle of signature_test.cc."""
import datetime
import json
import random
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.compat
import botocore.credentials

WHEN = datetime.datetime(2024, 5, 1, 10, 0, 0)


class Frozen(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return WHEN

    @classmethod
    def now(cls, tz=None):
        return WHEN.replace(tzinfo=tz)


botocore.auth.datetime.datetime = Frozen if hasattr(botocore.auth.datetime, "datetime") else None
if hasattr(botocore.auth, "get_current_datetime"):
    botocore.auth.get_current_datetime = lambda **_: WHEN

CASES = [
    ("GET", "/", {}, "", "ec2", "us-east-1"),
    ("POST", "/", {"Content-Type": "application/x-amz-json-1.1"}, '{"a":1}', "ssm", "eu-west-1"),
    ("GET", "/?b=2&a=1&a=0&c", {}, "", "iam", "us-east-1"),
    ("GET", "/x?k=%20%2F~%2B", {"My-Header": "  a   b  "}, "", "lambda", "us-east-1"),
    ("GET", "/functions/arn%3Aaws%3Alambda/%C3%BC", {}, "", "lambda", "us-east-1"),
    ("GET", "/a/./b/../c//d/", {}, "", "execute-api", "us-east-1"),
    ("PUT", "/bucket/a%20b/../c//%C3%BC", {"x-amz-acl": "private"}, "body", "s3", "us-west-2"),
    ("GET", "/bucket?policy", {}, "", "s3", "us-west-2"),
]

GENERATED = 300
SEED = 20240501


def encoded(text):
    return urllib.parse.quote(text, safe="-_.~")


def generated(draw):
    """A request as clients put it on the wire: everything encoded, in any order, with whatever people write."""
    texts = ("a", "B", "b c", "", "\u00fc", "\u1234/\U0001f600", "x+y", "a=b&c", "~-_.", "%", "..", ".", "a:b@c,d;e", "*'()!$")
    service = draw.choice(("s3", "ec2", "iam", "lambda", "execute-api"))
    steps = [draw.choice(("", ".", "..", *texts)) for _ in range(draw.randrange(6))]
    query = [encoded(draw.choice(texts[:4]) + draw.choice(texts)) + "=" + encoded(draw.choice(texts))
             for _ in range(draw.randrange(5))]
    query += draw.sample(query, min(len(query), draw.randrange(2)))
    target = "/" + "/".join(encoded(step) for step in steps) + ("?" + "&".join(query) if query else "")
    spaces = lambda: " " * draw.randrange(4)
    headers = {f"X-Amz-Meta-{name}": f"{spaces()}{draw.choice(texts[:3])}{spaces()}c{spaces()}" for name in draw.sample("abc", draw.randrange(4))}
    method = draw.choice(("GET", "PUT", "POST", "DELETE", "HEAD"))
    body = "" if method in ("GET", "HEAD", "DELETE") else draw.choice(("", "{}", "Action=X&a=%20", "\u00fc\n\u1234"))
    return method, target, headers, body, service, draw.choice(("us-east-1", "eu-central-1", "us-gov-west-1"))


draw = random.Random(SEED)
CASES += [generated(draw) for _ in range(GENERATED)]


def sign(auth, token, case):
    method, target, headers, body, service, region = case
    credentials = botocore.credentials.Credentials("AKIDEXAMPLE", "wJalr/secret", token)
    url = "https://example.amazonaws.com" + target
    request = botocore.awsrequest.AWSRequest(method, url, dict(headers), body.encode())
    request.context["payload_signing_enabled"] = True
    auth(credentials, service, region).add_auth(request)
    return request


for case in CASES:
    header_auth = botocore.auth.S3SigV4Auth if case[4] == "s3" else botocore.auth.SigV4Auth
    query_auth = botocore.auth.S3SigV4QueryAuth if case[4] == "s3" else botocore.auth.SigV4QueryAuth
    for token in (None, "session/token=="):
        request = sign(header_auth, token, case)
        signed = sign(query_auth, token, (case[0], case[1], {}, "") + case[4:])
        print(json.dumps({
            "method": case[0], "target": case[1], "headers": case[2], "body": case[3],
            "service": case[4], "region": case[5], "token": token or "",
            "authorization": request.headers["Authorization"],
            "presigned": signed.url.removeprefix("https://example.amazonaws.com"),
        }))

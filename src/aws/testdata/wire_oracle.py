"""Says how botocore writes the inputs given and what it reads in the responses given.

Reads a JSON list of {service, operation, input, output, response: {status, headers, body}, failure:
{status, headers, body}} from the file named first and writes, to the file named second, for every case
that botocore's models know too: {service, operation, protocol, input, output, request: {method, target,
headers, body}, parsed, failed}, where input and output are left with the members that botocore knows,
and failed is the error's code and message. Bodies travel as base64.
"""
import base64
import datetime
import json
import sys
from urllib.parse import quote, urlencode

import botocore.session
from botocore import parsers, serialize
from botocore.awsrequest import HeadersDict
from botocore.utils import percent_encode_sequence

SESSION = botocore.session.get_session()


def known(shape, value):
    """What of `value` the shape has, with bytes where it wants bytes."""
    if value is None:
        return None
    if shape.type_name == "structure":
        if getattr(shape, "is_document_type", False):
            return value
        return {name: known(shape.members[name], item) for name, item in value.items()
                if name in shape.members}
    if shape.serialization.get("jsonvalue") or not isinstance(value, (dict, list, str)):
        return value
    if shape.type_name == "list":
        return [known(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: known(shape.value, item) for key, item in value.items()}
    return base64.b64decode(value) if shape.type_name == "blob" else value


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).isoformat(
            timespec="milliseconds" if value.microsecond else "seconds")
        return text.replace("+00:00", "Z")
    return value


def written(operation, value):
    request = serialize.create_serializer(operation.service_model.metadata["protocol"],
                                          include_validation=False) \
        .serialize_to_request(value, operation)
    query = request["query_string"]
    if isinstance(query, dict):
        query = percent_encode_sequence(query)
    body = request["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    if isinstance(body, str):
        body = body.encode()
    path = request["url_path"]
    if query:
        path += ("&" if "?" in path else "?") + query
    # Python's own spelling in headers was a fault of this release.
    headers = {name: text.lower() if text in ("True", "False") else text
               for name, text in request["headers"].items()}
    return {"method": request["method"], "target": path, "headers": headers,
            "body": base64.b64encode(body).decode()}


def headers_of(response):
    headers = HeadersDict()
    for name, text in response["headers"].items():
        headers[name] = text
    return headers


def failure(operation, response):
    parser = parsers.create_parser(operation.service_model.metadata["protocol"])
    parsed = parser.parse({"headers": headers_of(response), "status_code": response["status"],
                           "body": base64.b64decode(response["body"])}, operation.output_shape)
    return parsed["Error"]["Code"] + ": " + parsed["Error"]["Message"]


def read(operation, response):
    parser = parsers.create_parser(operation.service_model.metadata["protocol"])
    headers = headers_of(response)
    shape = operation.output_shape
    payload = shape.serialization.get("payload") if shape else None
    raw = payload and shape.members[payload].type_name == "blob"
    body = b"" if raw else base64.b64decode(response["body"])  # raw bodies are streamed elsewhere
    parsed = parser.parse({"headers": headers, "status_code": response["status"], "body": body},
                          shape)
    parsed.pop("ResponseMetadata", None)
    if payload and not response["body"]:
        parsed.pop(payload, None)  # an empty value stands for the body that is not there
    elif raw:
        parsed[payload] = base64.b64decode(response["body"])
    # Empty maps of headers, and the one element that may say nothing.
    return {name: value for name, value in plain(parsed).items()
            if value != {} or shape.members[name].type_name != "map"}


def answer(case):
    try:
        model = SESSION.get_service_model(case["service"])
    except Exception:  # botocore's packaged models may be older than ours
        return None
    if case["operation"] not in model.operation_names:
        return None
    operation = model.operation_model(case["operation"])
    shape_in, shape_out = operation.input_shape, operation.output_shape
    value = known(shape_in, case["input"]) if shape_in else {}
    expected = known(shape_out, case["output"]) if shape_out else {}
    try:
        request = written(operation, value)
    except KeyError:  # a label that botocore's older model calls otherwise
        return None
    try:
        parsed = read(operation, case["response"])
    except Exception as error:
        if "one and only one member set" in str(error):
            return None  # a random union
        parsed = {"error": str(error)[:200]}
    return {"service": case["service"], "operation": case["operation"],
            "protocol": model.metadata["protocol"], "input": plain(value),
            "output": plain(expected), "request": request, "parsed": parsed,
            "failed": failure(operation, case["failure"])}


with open(sys.argv[1], encoding="utf-8") as cases:
    answers = [found for found in map(answer, json.load(cases)) if found]
with open(sys.argv[2], "w", encoding="utf-8") as out:
    json.dump(answers, out)

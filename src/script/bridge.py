"""Puts aright's door under botocore: the moment botocore.client is imported, clients stop speaking HTTP.

Parameter handlers and validation, exceptions, paginators, waiters and resources stay botocore's own. What used to be
sent and parsed is one question and one answer: members as the SDK names them, timestamps as ISO 8601, blobs as base64.
"""
import base64
import functools
import http.client
import io
import json
import os
import uuid
from datetime import datetime, timezone
from urllib.parse import urlsplit

import botocore
import botocore.credentials
import botocore.endpoint
import botocore.exceptions
import botocore.loaders
import botocore.signers
import botocore.validate
from botocore.response import StreamingBody
from botocore.utils import parse_timestamp, parse_to_aware_datetime

GLOBAL_REGIONS = {
    "aws-global": "us-east-1",
    "aws-cn-global": "cn-north-1",
    "aws-us-gov-global": "us-gov-west-1",
    "aws-iso-global": "us-iso-east-1",
    "aws-iso-b-global": "us-isob-east-1",
}
OWN_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class NotPossibleInScript(botocore.exceptions.BotoCoreError):
    fmt = "{what}"


def refuse(what):
    raise NotPossibleInScript(what=what)


class Credentials(botocore.credentials.Credentials):
    """Stand for the identity of the execution, which signs outside of the jail. There is nothing in them to steal."""

    def __init__(self):
        super().__init__("none", "none", None, "execution")


EXECUTION = Credentials()


class Resolver:
    def load_credentials(self):
        if os.environ.get("AWS_ACCESS_KEY_ID"):
            refuse(OTHER_IDENTITY)
        return EXECUTION


OTHER_IDENTITY = (
    "A script's AWS calls are made with the identity of its execution; credentials of its own, such as those of an "
    "assumed role, cannot be used here. Let the execution assume the role instead."
)
NO_SIGNING = "A script holds no credentials and so cannot sign: presigned URLs and tokens are not possible here."


def encode(shape, value):
    """A parameter as the door wants it."""
    if value is None or getattr(shape, "is_document_type", False):
        return value
    kind = shape.type_name
    if kind == "structure":
        return {k: encode(shape.members[k], v) for k, v in value.items() if k in shape.members and v is not None}
    if kind == "list":
        return [encode(shape.member, v) for v in value]
    if kind == "map":
        return {k: encode(shape.value, v) for k, v in value.items()}
    if kind == "blob":
        if hasattr(value, "read"):
            value = value.read()
        return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
    if kind == "timestamp":
        at = parse_to_aware_datetime(value).astimezone(timezone.utc)
        return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{at.microsecond // 1000:03}" if at.microsecond else "") + "Z"
    if kind in ("float", "double"):
        return float(value)
    if kind == "string" and shape.serialization.get("jsonvalue"):
        return json.dumps(value)
    return value


def decode(shape, value):
    """The door's answer as botocore's parsers would have given it."""
    if value is None or getattr(shape, "is_document_type", False):
        return value
    kind = shape.type_name
    if kind == "structure":
        return {k: decode(shape.members[k], v) for k, v in value.items() if k in shape.members and v is not None}
    if kind == "list":
        return [decode(shape.member, v) for v in value]
    if kind == "map":
        return {k: decode(shape.value, v) for k, v in value.items()}
    if kind == "blob":
        return base64.b64decode(value)
    if kind == "timestamp":
        return parse_timestamp(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "string" and not isinstance(value, str):
        return json.dumps(value)
    return value


def decode_output(model, output):
    shape = model.output_shape
    if shape is None:
        return {}
    parsed = decode(shape, output)
    for name, member in shape.members.items():
        if member.serialization.get("location") == "headers":
            parsed.setdefault(name, {})
    if model.name == "GetBucketLocation":
        parsed.setdefault("LocationConstraint", None)  # us-east-1, as boto3 says it
    if model.has_event_stream_output:
        refuse(f"{model.name} answers with a stream of events, which is not possible here.")
    if model.has_streaming_output:
        name = shape.serialization["payload"]
        body = parsed.get(name, b"")
        body = body.encode() if isinstance(body, str) else body
        parsed[name] = StreamingBody(io.BytesIO(body), len(body))
    return parsed


class Answer:
    """What after-call handlers want to see of HTTP."""

    raw = None
    content = b""
    text = ""

    def __init__(self, status):
        self.status_code, self.headers = status, {}


def parsed_error(model, error):
    status, code, message = error["status"], error["code"], error["message"]
    if model.http.get("method") == "HEAD":  # has no body to say more
        code, message = str(status), http.client.responses.get(status, message)
    return {"Error": {"Code": code, "Message": message}}


def check_identity(client):
    if client._request_signer._credentials is not EXECUTION:
        refuse(OTHER_IDENTITY)


def validate(client, params, model):
    if not hasattr(client._serializer, "_param_validator"):  # the client asked for no validation
        return
    report = botocore.validate.ParamValidator().validate(params, model.input_shape)
    if report.has_errors():
        raise botocore.exceptions.ParamValidationError(report=report.generate_report())


def bridged_call(ask):
    def _make_api_call(self, operation_name, api_params):
        check_identity(self)
        model = self._service_model.operation_model(operation_name)
        context = {
            "client_region": self.meta.region_name,
            "client_config": self.meta.config,
            "has_streaming_input": model.has_streaming_input,
            "auth_type": model.auth_type,
        }
        given = set(api_params)
        params = self._emit_api_params(api_params, model, context)
        for name in model.idempotent_members:
            if name not in given:  # the door fills it in: the same after a restart, as no random token would be
                params.pop(name, None)
        if model.input_shape is not None:
            validate(self, params, model)
        answer = ask(
            {
                "call": {
                    "service": self._service_model.service_name,
                    "operation": operation_name,
                    "region": GLOBAL_REGIONS.get(self.meta.region_name, self.meta.region_name) or "",
                    "input": encode(model.input_shape, params) if model.input_shape is not None else {},
                }
            }
        )
        error = answer.get("error")
        parsed = parsed_error(model, error) if error else decode_output(model, answer["output"])
        status = error["status"] if error else model.http.get("responseCode", 200)
        parsed["ResponseMetadata"] = {
            "RequestId": str(uuid.UUID(bytes=os.urandom(16), version=4)),
            "HTTPStatusCode": status,
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        }
        service_id = self._service_model.service_id.hyphenize()
        self.meta.events.emit(
            f"after-call.{service_id}.{operation_name}",
            http_response=Answer(status),
            parsed=parsed,
            model=model,
            context=context,
        )
        if error:
            raise self.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation_name)
        return parsed

    return _make_api_call


def refuse_signing(*args, **kwargs):
    refuse(NO_SIGNING)


class NoEndpoint:
    """In place of connections, TLS and retries, which every client would prepare otherwise."""

    def __init__(self, host):
        self.host = host

    def make_request(self, operation_model, request_dict):
        refuse("A script has no network.")

    def close(self):
        pass


def create_endpoint(self, service_model, region_name, endpoint_url, **kwargs):
    return NoEndpoint(endpoint_url)


def with_known_endpoint(create_client):
    def create(self, service_name, *args, **kwargs):
        url = kwargs.get("endpoint_url")
        if url is not None:
            host = urlsplit(url).hostname or ""
            if not host.endswith(OWN_HOSTS):
                refuse(f"A script's calls go to AWS; the endpoint {url} cannot be reached from here.")
        return create_client(self, service_name, *args, **kwargs)

    return create


def without_rulesets(self, service_name, api_version=None):
    """Where a request would go is decided outside; rules about hosts are only slow to load."""
    raise botocore.exceptions.UnknownServiceError(service_name=service_name, known_service_names="")


def shared(create_loader):
    """One reader of service descriptions for all sessions: each description is read once."""
    return functools.lru_cache(maxsize=None)(create_loader)


def install(client_module, ask):
    botocore.loaders.create_loader = shared(botocore.loaders.create_loader)
    client = client_module.BaseClient
    client._make_api_call = bridged_call(ask)
    creator = client_module.ClientCreator
    creator.create_client = with_known_endpoint(creator.create_client)
    creator._load_service_endpoints_ruleset = without_rulesets
    botocore.endpoint.EndpointCreator.create_endpoint = create_endpoint
    botocore.credentials.create_credential_resolver = lambda *args, **kwargs: Resolver()
    signer = botocore.signers.RequestSigner
    signer.sign = signer.get_auth_instance = signer.generate_presigned_url = refuse_signing
    botocore.signers.S3PostPresigner.generate_presigned_post = refuse_signing

"""Makes calls as boto3, or as Debian's AWS CLI, for whoever writes them down a line at a time.

Arguments: boto3 or awscli, a fifo to read from, a fifo to write to. A line in: {url, service, operation, region, account, input, expect} in
the shapes of the service model, blobs in base64. A line out: {output, expect}, {error: code}, or {unknown: why} where the client is older than
the operation or a member, or checks the input itself. `expect` comes back without members that the client is too old to show.
"""
import base64
import contextlib
import datetime
import io
import json
import os
import re
import sys

MODE, SOURCE, SINK = sys.argv[1:]
source, sink = open(SOURCE), open(SINK, "w", buffering=1)  # first: the other side waits for it
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="", AWS_CLI_AUTO_PROMPT="off")
sys.path = [place for place in sys.path if place and "testdata" not in place]


def plain(value):
    """An answer as the service model has it."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def known(value, shape):
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: known(member, shape.members[name]) for name, member in value.items() if name in shape.members}
    if shape.type_name == "list" and isinstance(value, list):
        return [known(item, shape.member) for item in value]
    return value


def native(value, shape):
    """An input with bytes where the model has blobs."""
    if shape.type_name == "blob" and isinstance(value, str):
        return base64.b64decode(value)
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: native(member, shape.members[name]) if name in shape.members else member for name, member in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [native(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: native(member, shape.value) for name, member in value.items()}
    return value


class Boto3:
    def __init__(self):
        import boto3
        import botocore
        import botocore.config
        self.botocore = botocore
        self.config = botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"},
                                             inject_host_prefix=False, parameter_validation=True)
        self.session = boto3.Session()
        self.clients, self.url = {}, None

    def client(self, ask):
        if self.url != ask["url"]:
            self.clients, self.url = {}, ask["url"]
        key = ask["service"], ask["region"], ask["account"]
        if key not in self.clients:
            self.clients[key] = self.session.client(ask["service"], endpoint_url=ask["url"], region_name=ask["region"], config=self.config,
                                                    aws_access_key_id=ask["account"], aws_secret_access_key="test")
            self.clients[key].meta.events.unregister("after-call.iam", self.botocore.handlers.json_decode_policies)
        return self.clients[key]

    def call(self, ask):
        import botocore.exceptions as wrong
        try:
            client = self.client(ask)
            if ask["operation"] not in client.meta.service_model.operation_names:
                return {"unknown": "there is no such operation"}
            model = client.meta.service_model.operation_model(ask["operation"])
            name = self.botocore.xform_name(ask["operation"])
            answer = getattr(client, name)(**native(ask["input"], model.input_shape) if model.input_shape else {})
            return {"output": plain(answer), "expect": known(ask["expect"], model.output_shape)}
        except wrong.ClientError as error:
            return {"error": error.response["Error"]["Code"]}
        except (wrong.ParamValidationError, wrong.UnknownServiceError, wrong.UnsupportedS3ControlArnError) as error:
            return {"unknown": str(error)}


class Cli:
    def __init__(self):
        from awscli.clidriver import create_clidriver
        self.make = create_clidriver
        self.models = create_clidriver().session
        self.drivers = {}

    def call(self, ask):
        from awscli.botocore import xform_name
        from awscli.botocore.handlers import json_decode_policies
        os.environ.update(AWS_ACCESS_KEY_ID=ask["account"], AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION=ask["region"], AWS_MAX_ATTEMPTS="1")
        service = {"s3": "s3api", "config": "configservice"}.get(ask["service"], ask["service"])
        out, err = io.StringIO(), io.StringIO()
        arguments = ["--endpoint-url", ask["url"], "--region", ask["region"], "--output", "json", "--no-paginate", "--cli-binary-format", "base64",
                     service, xform_name(ask["operation"], "-"), "--cli-input-json", json.dumps(ask["input"])]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                if ask["account"] not in self.drivers or service == "ec2":  # its own arguments are there but once
                    driver = self.drivers[ask["account"]] = self.make()
                    driver.session.unregister("after-call.iam", json_decode_policies)
                code = self.drivers[ask["account"]].main(arguments)
            except SystemExit as end:
                code = end.code
        if code == 0:
            model = self.models.get_service_model(ask["service"]).operation_model(ask["operation"])
            return {"output": json.loads(out.getvalue()) if out.getvalue().strip() else {}, "expect": known(ask["expect"], model.output_shape)}
        refused = re.search(r"An error occurred \(([^)]+)\)", err.getvalue())
        return {"error": refused[1]} if refused else {"unknown": err.getvalue()[-400:]}


caller = Boto3() if MODE == "boto3" else Cli()
for line in source:
    try:
        os.environ["HTTP_PROXY"] = json.loads(line)["url"]  # S3 Control puts the account before the host's name
        answer = caller.call(json.loads(line))
    except Exception as error:  # what is wrong here is told there, by name
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), file=sink)

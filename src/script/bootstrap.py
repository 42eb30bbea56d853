"""The first thing that runs in a jail: takes the program from the control socket, tightens the limits, runs the handler.

Everything comes and goes as one JSON document a line on descriptor 3. This code is trusted; what it runs is not.
"""
import sys

sys.path[:] = filter(None, sys.path)  # not the folder we happen to be in

import importlib
import importlib.machinery
import json
import os
import resource
import socket
import threading
import time

TASK_ROOT = "/var/task"
PACKAGES = "/usr/lib/python3/dist-packages"
ADDRESS_SPACE_EXTRA = 1 << 30  # mapped but never filled: shared libraries, the allocator's reserves
FILES_MAX = 1024
PRELOADED_SERVICES = ("sts", "iam", "s3", "ec2")  # what remediations ask most
NEVER_NEEDED = ("awscrt", "urllib3.contrib.pyopenssl")  # optional to botocore, slow to load, of no use without a network
RESULT_BYTES_MAX = 6 << 20
ERROR_CHARACTERS_MAX = 32 << 10
FRAMES_MAX = 100  # the innermost


def encode(value, default=None):
    """Fails for what is no JSON: NaN, half of a surrogate pair."""
    return json.dumps(value, default=default, allow_nan=False, ensure_ascii=False).encode()


class Line:
    """The other end of the control socket. One request and its answer at a time, whatever the thread."""

    def __init__(self):
        os.set_inheritable(3, False)
        os.register_at_fork(after_in_child=self.close)
        self.socket = socket.socket(fileno=3)
        self.reader = self.socket.makefile("rb")
        self.lock = threading.Lock()
        self.trouble = None

    def close(self):
        self.trouble = "AWS calls are only possible from the script's first process, not from one it forked"
        self.socket.detach()
        os.close(3)

    def send(self, message):
        self.socket.sendall(encode(message) + b"\n")

    def receive(self):
        line = self.reader.readline()
        if not line:
            os._exit(1)
        return json.loads(line)

    def ask(self, message):
        question = encode(message) + b"\n"
        with self.lock:
            if self.trouble:
                raise RuntimeError(self.trouble)
            # Whatever cuts in here, a signal's exception for one, leaves an answer behind that belongs to nobody.
            self.trouble = "an earlier AWS call was interrupted; no other can be made after it"
            self.socket.sendall(question)
            answer = self.receive()
            self.trouble = None
            return answer


class BridgeFinder:
    """Lets the bridge change botocore.client at the moment it is imported, and costs nothing where it never is."""

    def __init__(self, source, line):
        self.source, self.line = source, line

    def find_spec(self, name, path, target=None):
        if name != "botocore.client":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None:
            return None
        load = spec.loader.exec_module

        def load_and_bridge(module):
            load(module)
            names = {"__name__": "aright_bridge"}
            exec(compile(self.source, "<bridge>", "exec"), names)
            names["install"](module, self.line.ask)

        spec.loader.exec_module = load_and_bridge
        return spec


class Failure(Exception):
    """What Lambda's runtime itself complains about."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind, self.stack = kind, list(stack)


class Overtime(BaseException):
    """Slept away all the time it had. No handler of exceptions stops that."""


class Deadline:
    """When an event's time is over. The function's initialisation comes before its first event, and has a time of its own;
    what it takes longer it takes of the event's."""

    def __init__(self, limits, line):
        self.line, self.at = line, 0
        self.event = limits["wall_ms"] / 1000
        self.initialisation = limits["initialisation_ms"] / 1000  # 0: there is none, or it is over

    def set(self):
        self.began = time.monotonic()
        self.at = self.began + self.initialisation + self.event

    def event_begins(self):
        if self.initialisation == 0:
            return
        self.at = min(time.monotonic(), self.began + self.initialisation) + self.event
        self.initialisation = 0
        with self.line.lock:
            self.line.send({"initialised": True})


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    def __init__(self, given, deadline):
        for name, value in given.items():
            setattr(self, name, value)
        self.identity = CognitoIdentity()
        self.client_context = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self):
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class RunbookContext(dict, LambdaContext):
    """What aws:executeScript hands over: the execution's variables, as a dict."""

    def __init__(self, variables, given, deadline):
        dict.__init__(self, variables)
        LambdaContext.__init__(self, given, deadline)


def context_of(given, deadline):
    if "variables" not in given:
        return LambdaContext(given, deadline)
    members = dict(given)
    return RunbookContext(members.pop("variables"), members, deadline)


def limit(limits):
    """For Python in this process: no thread of it runs beside another, and it maps little more than it fills."""
    bounded(
        limits,
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_DATA, limits["memory_bytes"]),
        (resource.RLIMIT_AS, limits["memory_bytes"] + ADDRESS_SPACE_EXTRA),
    )


def limit_process(limits):
    """For any program: what it really fills is watched from outside."""
    bounded(limits, (resource.RLIMIT_CPU, limits["cpu_s"] * (os.cpu_count() or 1)))


def bounded(limits, *more):
    for what, most in (
        *more,
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits["disk_bytes"]),
        (resource.RLIMIT_NOFILE, FILES_MAX),
        (resource.RLIMIT_NPROC, limits["processes_max"]),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, limits["processes_max"]),
    ):
        resource.setrlimit(what, (most, most))


def unpack(files, executables):
    import base64

    for path, content in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(base64.b64decode(content["base64"]) if isinstance(content, dict) else content.encode())
        os.chmod(path, 0o555 if path in executables else 0o444)


def stack_of(error):
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    while frames and (frames[0].filename == "<string>" or frames[0].filename.startswith("<frozen importlib")):
        frames.pop(0)
    return traceback.format_list(frames[-FRAMES_MAX:])


def load_handler(program):
    handler = program["handler"]
    module_name, dot, function = handler.rpartition(".")
    if not dot:
        module_name = program["module"]
    if not module_name or not function:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{handler}'")
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}", stack_of(error))
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").rstrip()}'
        raise Failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", [where])
    if not callable(getattr(module, function, None)):
        raise Failure("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module_name}'")
    return getattr(module, function)


def encode_extra(value):
    """Decimal becomes a float, as in Lambda; everything else that JSON lacks is an error."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def encode_result(result):
    try:
        text = encode(result, encode_extra)
    except Exception as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}")
    if len(text) > RESULT_BYTES_MAX:
        raise Failure(
            "Function.ResponseSizeTooLarge",
            f"Response payload size exceeded maximum allowed payload size ({RESULT_BYTES_MAX} bytes).",
        )
    return text


def repeat_chance(seed):
    """The same run draws the same numbers and ids: what it does can be compared with its rehearsal, and with what it
    did before a restart. os.urandom, and so the secrets module, stays as random as ever."""
    import random
    import uuid

    random.seed(seed)
    draw = random.Random(seed + " uuid").getrandbits
    uuid.uuid4 = lambda: uuid.UUID(int=draw(128), version=4)


def pass_time(ask, deadline):
    """Where time is virtual: a sleep is told to the door, takes no time, and the clocks go on by it all the same."""
    slept = 0.0
    real_time, real_monotonic = time.time, time.monotonic

    def sleep(seconds):
        nonlocal slept
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        slept += seconds
        if real_monotonic() + slept > deadline.at:
            raise Overtime()
        ask({"sleep_ms": round(seconds * 1000)})

    time.sleep = sleep
    time.time = lambda: real_time() + slept
    time.monotonic = lambda: real_monotonic() + slept


def add_exits():
    """What Python's site module, which is not loaded here, adds for programs that end by themselves."""
    import builtins

    def leave(code=None):
        raise SystemExit(code)

    builtins.exit = builtins.quit = leave


def load(program, deadline, line):
    """The handler, in the surroundings that the program names."""
    os.environ.clear()
    os.environ.update(program["environment"])
    time.tzset()
    add_exits()
    if program["time_passes"]:
        pass_time(line.ask, deadline)
    if program["context"]["aws_request_id"]:
        repeat_chance(program["context"]["aws_request_id"])
    version = f"/opt/python/lib/python3.{sys.version_info.minor}/site-packages"
    sys.path[:0] = [TASK_ROOT, *filter(os.path.isdir, (version, "/opt/python"))]
    return load_handler(program)


class Python:
    """A handler in this very process: loaded by the first event, and there for those that follow."""

    def __init__(self, line):
        self.line, self.handler = line, None

    def perform(self, program, deadline):
        if self.handler is None:
            limit(program["limits"])
            self.handler = load(program, deadline, self.line)
            deadline.event_begins()
        elif program["context"]["aws_request_id"]:
            repeat_chance(program["context"]["aws_request_id"])
        return encode_result(self.handler(program["event"], context_of(program["context"], deadline.at)))

    def report(self, program, deadline):
        """The one message that ends an event: its return or what it raised."""
        try:
            return b'{"return":' + self.perform(program, deadline) + b"}"
        except Failure as error:
            return encode_raised(error.kind, error, error.stack)
        except Overtime:
            seconds = program["limits"]["wall_ms"] / 1000
            return encode_raised("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds", [])
        except SystemExit as error:
            return encode_raised("Runtime.ExitError", exit_message(error.code), [])
        except BaseException as error:
            return encode_raised(type(error).__name__, error, stack_of(error))


class Process:
    """A handler in a process of its own, behind the Runtime API."""

    def __init__(self, source, line):
        names = {"__name__": "aright_service"}
        exec(compile(source, "<service>", "exec"), names)
        self.function = names["Function"](line.ask, limit_process)

    def report(self, program, deadline):
        return encode(self.function.perform(program, deadline))


def exit_message(code):
    """A program that ends with words says them where it ends: they are all that tells why."""
    status = code if isinstance(code, int) else 0 if code is None else 1
    words = "" if code is None or isinstance(code, int) else f": {code}"
    return f"Runtime exited with error: exit status {status}{words}"


def encode_raised(kind, error, stack):
    def clean(text):
        return text[:ERROR_CHARACTERS_MAX].encode("utf-8", "replace").decode()

    try:
        message = str(error)
    except Exception:
        message = "it cannot say what went wrong"
    return encode({"raise": {"type": clean(kind), "message": clean(message), "stack": [clean(f) for f in stack]}})


def preload():
    """What nearly every script needs, loaded before there is a script. The names must not be the script's own."""
    import boto3

    session = boto3.Session()
    for service in PRELOADED_SERVICES:
        session.client(service, region_name="us-east-1")
    return sorted({name.partition(".")[0] for name in sys.modules})


def main():
    sys.path.append(PACKAGES)
    sys.modules.update(dict.fromkeys(NEVER_NEEDED))
    line = Line()
    line.send({"ready": True})
    order = line.receive()
    sys.meta_path.insert(0, BridgeFinder(order["bridge"], line))
    if "program" not in order:
        line.send({"loaded": preload()})
        order = line.receive()
    program = order["program"]
    unpack(program.pop("files"), set(program["executables"]))
    os.chdir(TASK_ROOT)
    function = Process(order["service"], line) if "service" in order else Python(line)
    deadline = Deadline(program["limits"], line)
    while True:
        deadline.set()
        told = function.report(program, deadline)
        deadline.initialisation = 0
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        # Until the next event nobody's thread makes a call. Where there is none, the jail ends here, and every thread and
        # process in it.
        with line.lock:
            line.socket.sendall(told + b"\n")
            program.update(line.receive())


main()

"""Lambda's side of a function that is a process of its own: the Runtime API, and AWS as the function sees it.

Both are HTTP on the jail's loopback. The Runtime API hands out the one event of this run and takes its result; a request
to AWS goes out through the control socket as it is, and what comes back is its answer.
"""
import base64
import http.server
import json
import os
import subprocess
import threading
import time

HOST, RUNTIME_PORT, AWS_PORT = "127.0.0.1", 9001, 9002
PREFIX = "/2018-06-01/runtime"
BODY_BYTES_MAX = 24 << 20  # of a request to AWS
RESULT_BYTES_MAX = 6 << 20
LINE_BYTES_MAX = 64 << 10
RUNTIME_FOLDER = "/var/runtime"


class Refused(Exception):
    """A request that gets this answer."""

    def __init__(self, status, kind, message):
        super().__init__(message)
        self.status, self.kind = status, kind


class Run:
    """The events, one after the other. Each ends by the first response, error or exit, whichever comes first."""

    def __init__(self):
        self.changed = threading.Condition()
        self.program, self.deadline, self.id = None, None, ""
        self.offered = self.taken = False
        self.told = None
        self.number = 0

    def begin(self, program, deadline):
        with self.changed:
            self.program, self.deadline, self.told = program, deadline, None
            self.id = program["context"]["aws_request_id"] or "00000000-0000-4000-8000-000000000000"
            self.offered, self.taken = True, False
            self.number += 1
            self.changed.notify_all()

    def take(self):
        """The next event, as soon as there is one: the function waits for it."""
        with self.changed:
            self.changed.wait_for(lambda: self.offered)
            self.offered, self.taken = False, True
            return self.program

    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: self.told is not None)
            return self.told

    def end(self, told):
        with self.changed:
            if self.told is not None or self.program is None:
                return False
            self.told = told
            self.changed.notify_all()
            return True

    def failed(self, kind, message, stack=()):
        return self.end({"raise": {"type": kind, "message": message, "stack": list(stack)}})


class Handler(http.server.BaseHTTPRequestHandler):
    """What both servers share: whole bodies in and out, on connections that stay."""

    protocol_version = "HTTP/1.1"
    timeout = None

    def log_message(self, *arguments):
        pass

    def body(self, most):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.chunked_body(most)
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            raise Refused(400, "InvalidRequest", "Content-Length is no number")
        if not 0 <= length <= most:
            raise Refused(413, "RequestEntityTooLarge", f"more than {most} bytes")
        return self.rfile.read(length)

    def chunked_body(self, most):
        whole = bytearray()
        self.trailers = {}
        while True:
            try:
                size = int(self.rfile.readline(LINE_BYTES_MAX).split(b";")[0], 16)
            except ValueError:
                raise Refused(400, "InvalidRequest", "a chunk's size is no number")
            if size < 0 or len(whole) + size > most:
                raise Refused(413, "RequestEntityTooLarge", f"more than {most} bytes")
            if size == 0:
                break
            whole += self.rfile.read(size)
            self.rfile.readline(LINE_BYTES_MAX)
        while line := self.rfile.readline(LINE_BYTES_MAX).strip():
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers[name.lower()] = value.strip()
        return bytes(whole)

    def reply(self, status, body=b"", headers=()):
        self.send_response_only(status)
        names = set()
        for name, value in headers:
            names.add(name.lower())
            self.send_header(name, value)
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reply_json(self, status, value):
        self.reply(status, json.dumps(value).encode(), [("Content-Type", "application/json")])

    def serve(self):
        try:
            self.answer()
        except Refused as refused:
            self.close_connection = True
            self.reply_json(refused.status, {"errorType": refused.kind, "errorMessage": str(refused)})

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = serve


class RuntimeApi(Handler):
    run = None

    def answer(self):
        path = self.path.partition("?")[0]
        if self.command == "GET" and path == PREFIX + "/invocation/next":
            return self.next()
        if self.command == "POST" and path == PREFIX + "/init/error":
            return self.failed(before_first=True)
        begin, _, end = path.removeprefix(PREFIX + "/invocation/").partition("/")
        if self.command != "POST" or not path.startswith(PREFIX + "/invocation/") or end not in ("response", "error"):
            raise Refused(404, "InvalidRequest", f"{self.command} {path} is not part of the Runtime API")
        if begin != self.run.id or not self.run.taken:
            raise Refused(400, "InvalidRequestID", "Invalid request ID")
        return self.response() if end == "response" else self.failed(before_first=False)

    def next(self):
        run = self.run
        run.take()
        run.deadline.event_begins()
        context = run.program["context"]
        left = max(0, run.deadline.at - time.monotonic())
        self.reply(
            200,
            json.dumps(run.program["event"], ensure_ascii=False).encode(),
            [
                ("Content-Type", "application/json"),
                ("Lambda-Runtime-Aws-Request-Id", run.id),
                ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + left) * 1000))),
                ("Lambda-Runtime-Invoked-Function-Arn", context["invoked_function_arn"]),
                ("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0"),
            ],
        )

    def response(self):
        self.trailers = {}
        try:
            body = self.body(RESULT_BYTES_MAX)
        except Refused as refused:
            if refused.status == 413:
                self.run.failed(
                    "Function.ResponseSizeTooLarge",
                    f"Response payload size exceeded maximum allowed payload size ({RESULT_BYTES_MAX} bytes).",
                )
            raise
        broken = self.trailers.get("lambda-runtime-function-error-type")
        if broken:
            self.accepted(self.run.failed(broken, "the response broke off"))
            return
        text = body.decode("utf-8", "replace")
        try:
            result = json.loads(text, parse_constant=lambda name: text) if text else None
        except ValueError:
            result = text  # Lambda passes on what is no JSON as it is
        self.accepted(self.run.end({"return": result}))

    def failed(self, before_first):
        if before_first and self.run.taken:
            raise Refused(403, "InvalidStateTransition", "State transition is not allowed")
        kind = self.headers.get("Lambda-Runtime-Function-Error-Type") or "Unhandled"
        try:
            said = json.loads(self.body(RESULT_BYTES_MAX))
            said = said if isinstance(said, dict) else {}
        except ValueError:
            said = {}
        stack = said.get("stackTrace") or said.get("trace") or []
        self.accepted(
            self.run.failed(
                str(said.get("errorType") or kind),
                str(said.get("errorMessage") or ""),
                [str(line) for line in stack] if isinstance(stack, list) else [str(stack)],
            )
        )

    def accepted(self, first):
        if not first:
            raise Refused(403, "InvalidStateTransition", "State transition is not allowed")
        self.reply_json(202, {"status": "OK"})


class Aws(Handler):
    ask = None

    def answer(self):
        answer = self.ask(
            {
                "http": {
                    "method": self.command,
                    "target": self.path,
                    "headers": [[name, value] for name, value in self.headers.items()],
                    "body": base64.b64encode(self.body(BODY_BYTES_MAX)).decode(),
                }
            }
        )["http"]
        self.reply(answer["status"], base64.b64decode(answer["body"]), answer["headers"])


def start(handler, port, **members):
    server = http.server.ThreadingHTTPServer((HOST, port), type("Served", (handler,), members))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def ending(run, status):
    prefix = f"RequestId: {run.id} Error: "
    if status == 0:
        return prefix + "Runtime exited without providing a reason"
    reason = f"signal: {-status}" if status < 0 else f"exit status {status}"
    return prefix + "Runtime exited with error: " + reason


def entry_of(program):
    """What is started: our runtime for a language, or the function's own."""
    if "runtime" in program:
        path = os.path.join(RUNTIME_FOLDER, program["runtime"]["name"])
        with open(path, "w", encoding="utf-8") as out:
            out.write(program["runtime"]["text"])
        return program["runtime"]["command"] + [path]
    for path in ("/var/task/bootstrap", "/opt/bootstrap"):
        if os.path.exists(path):
            return [path]
    return ["/var/task/bootstrap"]


class Function:
    """A process that takes event after event. One that ended with an event is started anew for the next, as Lambda does."""

    def __init__(self, ask, limit):
        self.ask, self.limit = ask, limit
        self.run, self.program = None, None
        self.alive = False

    def perform(self, program, deadline):
        """The one message that ends an event."""
        if self.run is None:
            self.run, self.program = Run(), program
            start(RuntimeApi, RUNTIME_PORT, run=self.run)
            start(Aws, AWS_PORT, ask=staticmethod(self.ask))
        with self.run.changed:
            self.run.begin(program, deadline)
            if not self.alive:
                self.start()
        return self.run.wait()

    def start(self):
        entry = entry_of(self.program)
        try:
            child = subprocess.Popen(
                entry,
                cwd="/var/task",
                env=self.program["environment"],
                stdin=subprocess.DEVNULL,
                preexec_fn=lambda: self.limit(self.program["limits"]),
            )
        except OSError as error:
            reason = os.strerror(error.errno).lower()
            message = f"RequestId: {self.run.id} Error: fork/exec {entry[0]}: {reason}"
            self.run.failed("Runtime.InvalidEntrypoint", message)
            return
        self.alive = True
        threading.Thread(target=self.watch, args=(child, self.run.number), daemon=True).start()

    def watch(self, child, first_event):
        status = child.wait()
        run = self.run
        with run.changed:
            self.alive = False
            # It ended by the event before; this one it never saw.
            if run.told is None and run.offered and run.number > first_event:
                self.start()
            else:
                run.failed("Runtime.ExitError", ending(run, status))

"""One page, read as a session: a shell in a directory of its own, with `aright` on its path.

Servers that the page starts take any free port, and stop when the page ends. Nothing waits for a while: only for something.
"""

import contextlib
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

import page
import shown

COMMAND_SECONDS_MAX = 120
READY_SECONDS_MAX = 60
SHOWN_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
LOOK_EVERY_SECONDS = 0.02

SERVER = re.compile(r"^aright( -\S+| --\S+)* (serve|sandbox|demo(?!.*--once))\b")
PORT = re.compile(r"--port (\d+)")
URL = re.compile(r"http://127\.0\.0\.1:(\d+)")
ANSWER = re.compile(r"(\[y/N\]) (\w+)")
# What only looks is asked again until it shows what the page says, as a reader would.
LOOKS = re.compile(r"^aright (findings|why|approvals|brakes|escalations|executions|autonomy|report|exceptions list|events archive|"
                   r"pack status|ledger show)\b(?!.*[|>])")
# For what comes before a page: waits for a command to succeed.
EVENTUALLY = """eventually() {
  local end=$((SECONDS + 60))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { echo "not within a minute: $*"; return 1; }
    read -rt 0.1 <> <(:) || true
  done
}
"""
# Debian's `aws` knows no AWS_ENDPOINT_URL.
AWS = """aws() {
  case " $* " in
    *" --endpoint-url "*) command aws "$@" ;;
    *) command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@" ;;
  esac
}
"""


def environment(home, tools, source):
    """Nothing of the developer's own AWS settings, proxies or aright server comes through."""
    return {
        "PATH": f"{tools}:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(home), "LC_ALL": "C.UTF-8", "SOURCE": str(source),
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "",
        "AWS_EC2_METADATA_DISABLED": "true", "TERM": "dumb",
    }


def until(ready, seconds):
    """The first true answer of `ready`, or its last."""
    end = time.monotonic() + seconds
    while not (answer := ready()) and time.monotonic() < end:
        time.sleep(LOOK_EVERY_SECONDS)
    return answer


class Shell:
    """A bash that lives as long as the page, so that what one command exports the next one has."""

    def __init__(self, home, directory, variables):
        self.home = home
        self.status = 0
        self.process = subprocess.Popen(["/bin/bash", "--noprofile", "--norc"], cwd=directory, env=variables, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        start_new_session=True)

    def tell(self, line, seconds=COMMAND_SECONDS_MAX):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        answer = self.process.stdout.readline() if ready else ""
        if not answer.strip().isdigit():
            raise RuntimeError(f"no end within {seconds} s" if not ready else f"the shell ended: {answer}")
        return int(answer)

    def write(self, text, answer):
        (self.home / "command").write_text(text + "\n")
        (self.home / "answer").write_text(answer)

    def run(self, text, answer=""):
        """(exit code, what it printed)."""
        self.write(text, answer)
        self.status = self.tell(f'{{ (exit {self.status}); . "{self.home}/command"; }} >"{self.home}/printed" 2>&1 '
                                f'<"{self.home}/answer"; echo $?')
        return self.status, (self.home / "printed").read_text(errors="replace")

    def start(self, text, log):
        """The process id of what goes on beside the page."""
        self.write("exec " + text, "")
        script = self.home / f"{log.name}.command"
        shutil.copy(self.home / "command", script)
        return self.tell(f'. "{script}" >"{log}" 2>&1 </dev/null & echo $!')

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Server:
    def __init__(self, text, pid, log):
        self.text, self.pid, self.log = text, pid, log

    def printed(self):
        return self.log.read_text(errors="replace")

    def runs(self):
        try:
            return pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):  # the latter when it ends between open and read
            return False

    def stop(self):
        """By the signal that Ctrl-C sends."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT)
        if not until(lambda: not self.runs(), STOP_SECONDS_MAX):
            raise RuntimeError(f"does not stop: {self.text}\n{self.printed()}")


class Session:
    def __init__(self, path, text, binary, source, tell=lambda text: None):
        self.tell = tell
        self.page = page.read_page(path, text)
        self.binary, self.source = binary, source
        self.servers, self.ports = [], {}
        self.memory = shown.Memory()
        self.run_count = 0
        self.faults = []

    def fault(self, step, message):
        return page.Fault(self.page.path, step.line, message)

    def run(self):
        with tempfile.TemporaryDirectory(prefix="aright-docs-") as place:
            self.home = pathlib.Path(place)
            self.directory = self.home / "work"
            self.directory.mkdir()
            tools = self.home / "bin"
            tools.mkdir()
            (tools / "aright").symlink_to(self.binary)
            home = self.home / "home"
            home.mkdir()
            self.shell = Shell(self.home, self.directory, environment(home, tools, self.source))
            try:
                self.shell.run(EVENTUALLY)
                self.play()
            finally:
                self.end()

    def play(self):
        if self.needs_cloud():
            self.start_cloud()
        for step in self.page.steps:
            try:
                self.step(step)
            except page.Fault as fault:  # what follows may still tell something
                self.faults.append(str(fault))
            except KeyError as error:
                self.faults.append(str(self.fault(step, f"{step.text}: nothing that was shown stands for {error}_…")))
            except RuntimeError as error:
                raise self.fault(step, f"{getattr(step, 'text', '')}\n    {error}") from error
        for server in reversed(self.servers):
            server.stop()
        self.servers.clear()

    def end(self):
        for server in self.servers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, signal.SIGKILL)
        self.shell.stop()

    def needs_cloud(self):
        """Whether a command means AWS itself, which a sandbox stands for."""
        texts = [step.text for step in self.page.steps if isinstance(step, page.Before)]
        texts += [command.text for command in self.page.commands if not command.not_run]
        text = "\n".join(texts)
        bare = [call for call in re.findall(r"\baws (?:[^|;&]|\\\n)*", text) if "--endpoint-url" not in call]
        return bool(self.page.cloud or re.search(r"--aws\b", text) or bare)

    def start_cloud(self):
        server = self.start_server(f"aright sandbox {self.page.cloud}", ())
        port = URL.search(server.printed())[1]
        self.shell.run(f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n{AWS}")

    def step(self, step):
        if isinstance(step, page.File):
            to = self.directory / step.name
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(self.real(step.text))
        elif isinstance(step, page.Before):
            self.before(step)
        elif not step.not_run:
            self.command(step)
            self.run_count += 1

    def before(self, step):
        for text in page.whole_commands(step.text):
            text = self.real(text)
            if SERVER.match(text):
                self.start_server(text, [])
                continue
            code, printed = self.shell.run(text)
            self.memory.learn({}, printed)
            if code != 0:
                raise self.fault(step, f"what comes before went wrong, exit code {code}: {text}\n{indented(printed)}")

    def real(self, text):
        """`text` with the ids and ports of this run."""
        for port, real in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1|localhost):{port}\b", rf"\1:{real}", text)
        return self.memory.fill(text)

    def command(self, command):
        text = self.real(command.text)
        if SERVER.match(text):
            server = self.start_server(text, command.shown)
            printed, code = server.printed(), command.code
        else:
            answer = next((found[2] + "\n" for line in command.shown if (found := ANSWER.search(line))), "")
            code, printed = self.ask(command, text, answer)
        if code != command.code and not command.any_code:
            raise self.fault(command, f"exit code {code}, not {command.code}: {text}\n{indented(printed)}")
        self.look(command, text, printed)

    def ask(self, command, text, answer):
        code, printed = self.shell.run(text, answer)
        if not LOOKS.match(text) or not any(line.strip() for line in command.shown):
            return code, printed
        end = time.monotonic() + SHOWN_SECONDS_MAX
        while shown.match(command.shown, printed) is None and time.monotonic() < end:
            time.sleep(LOOK_EVERY_SECONDS)
            code, printed = self.shell.run(text, answer)
        return code, printed

    def look(self, command, text, printed):
        self.tell(f"$ {text}\n{printed}")
        lines = [ANSWER.sub(r"\1", line) for line in command.shown]
        if command.text == "echo $?" and lines and printed.strip() != lines[0].strip():
            raise self.fault(command, f"exit code {printed.strip()}, not {lines[0].strip()}")
        matched = {}
        if any(line.strip() for line in lines):
            matched = shown.match(lines, printed)
            if matched is None:
                at, line = shown.first_difference(lines, printed)
                raise self.fault(command, f"{text}\n  printed:\n{indented(printed)}\n  but is shown from line {at + 1} on:\n"
                                          f"{indented(line)}")
        self.memory.learn(matched, printed)

    def start_server(self, text, expected):
        """Starts it on any free port, in place of one that the page started with the same words before."""
        for server in [server for server in self.servers if server.text.split()[:2] == text.split()[:2] and expected != ()
                       and "serve" in server.text]:
            server.stop()
            self.servers.remove(server)
        wanted = PORT.search(text)
        log = self.home / f"server-{len(list(self.home.glob('server-*.log')))}.log"
        server = Server(text, 0, log)
        log.touch()
        server.pid = self.shell.start(PORT.sub("--port 0", text), log)
        self.servers.append(server)
        until(lambda: URL.search(server.printed()) or not server.runs(), READY_SECONDS_MAX)
        url = URL.search(server.printed())
        if not url:
            raise RuntimeError(f"does not serve:\n{server.printed()}")
        if wanted:
            self.ports[wanted[1]] = url[1]
        if expected:
            until(lambda: shown.match(expected, server.printed()) is not None or not server.runs(), SHOWN_SECONDS_MAX)
        return server


def indented(text):
    return "\n".join("    " + line for line in text.rstrip("\n").split("\n"))

"""A PostgreSQL of a test's own, on a Unix socket: Debian's server, which root starts as the user that it made for it."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
START_SECONDS_MAX = 60


class Postgres:
    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="aright-postgres-"))
        self.home.chmod(0o777)
        self.data = self.home / "data"
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        self._run("initdb", "--no-sync", "--auth=trust", "--username=aright", "--locale=C", "--encoding=UTF8", "-D", self.data)
        self.start()

    @property
    def url(self):
        return f"postgresql:///postgres?user=aright&host={self.home}"

    def _words(self, program, *arguments):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return [PROGRAMS / program, *map(str, arguments)], identity | {"cwd": self.home}

    def _run(self, program, *arguments):
        words, identity = self._words(program, *arguments)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **identity)

    def start(self):
        # fsync stays on: what was acknowledged must be there after the server was killed.
        words, identity = self._words("postgres", "-D", self.data, "-k", self.home, "-c", "listen_addresses=")
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity)
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            ready = subprocess.run([PROGRAMS / "pg_isready", "-h", self.home, "-q"], check=False)
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("PostgreSQL did not start")

    def kill(self):
        """All of it at once, as a machine that loses power does."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for process in [self.process.pid, *map(int, children.stdout.split())]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def ask(self, sql):
        """Rows as lists of texts."""
        done = subprocess.run([PROGRAMS / "psql", "-h", self.home, "-U", "aright", "-d", "postgres", "-A", "-t", "-F", "\t", "-c", sql],
                              capture_output=True, text=True, check=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def close(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

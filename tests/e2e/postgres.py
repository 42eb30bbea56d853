"""A PostgreSQL of a test's own, on a Unix socket: Debian's server, which root starts as the user that it made for it."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
START_SECONDS_MAX = 60


class Disk:
    """A small disk in memory, seen by whoever is let in: in a mount namespace of its own, so nothing is left of it. Needs root."""

    def __init__(self, mebibytes):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="aright-disk-"))
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o "size=$1m,mode=0777" none "$2" && echo there && exec sleep infinity',
             "sh", str(mebibytes), str(self.path)], stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "there\n":
            raise AssertionError("no disk in memory can be made here")
        self.way_in = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt"]

    def run(self, *words):
        return subprocess.run([*self.way_in, *map(str, words)], capture_output=True, text=True, check=False)

    def fill(self):
        self.run("dd", "if=/dev/zero", f"of={self.path}/filler", "bs=4096")

    def make_room(self):
        self.run("rm", f"{self.path}/filler")

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        self.path.rmdir()


def free_port(host):
    with socket.create_server((host, 0)) as one:
        return one.getsockname()[1]


class Postgres:
    """`host`: an address that it listens on as well, for whoever comes from there; on any free port, which `port` names."""

    def __init__(self, disk=None, host=""):
        self.disk, self.host = disk, host
        self.port = free_port(host) if host else 5432
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="aright-postgres-"))
        self.home.chmod(0o777)
        self.data = (disk.path if disk else self.home) / "data"
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        self._run("initdb", "--no-sync", "--auth=trust", "--username=aright", "--locale=C", "--encoding=UTF8", "--wal-segsize=1", "-D", self.data)
        if host:
            with (self.data / "pg_hba.conf").open("a") as doors:
                doors.write("host all all samenet trust\n")
        self.start()

    @property
    def url(self):
        return f"postgresql:///postgres?user=aright&host={self.home}&port={self.port}"

    @property
    def url_from_afar(self):
        return f"postgresql://aright@{self.host}:{self.port}/postgres"

    def _words(self, program, *arguments):
        words = [PROGRAMS / program, *map(str, arguments)]
        if self.disk:
            return [*self.disk.way_in, "setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups", *words], {}
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return words, identity | {"cwd": self.home}

    def _run(self, program, *arguments):
        words, identity = self._words(program, *arguments)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **identity)

    def start(self):
        # fsync stays on: what was acknowledged must be there after the server was killed.
        words, identity = self._words("postgres", "-D", self.data, "-k", self.home, "-p", self.port, "-c", f"listen_addresses={self.host}")
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity)
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            ready = subprocess.run([PROGRAMS / "pg_isready", "-h", self.home, "-p", str(self.port), "-q"], check=False)
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("PostgreSQL did not start")

    def add_standby(self, delay="0"):
        """Another server that follows this one, applying what it gets so much later; a commit waits until it has it."""
        one = Postgres.__new__(Postgres)
        one.disk, one.host, one.user = None, "", self.user
        one.home = pathlib.Path(tempfile.mkdtemp(prefix="aright-standby-"))
        one.home.chmod(0o777)
        one.data, one.port = one.home / "data", self.port
        one._run("pg_basebackup", "-D", one.data, "-R", "-X", "stream", "-c", "fast", "-U", "aright", "-h", self.home, "-p", self.port)
        with (one.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"recovery_min_apply_delay = '{delay}'\nhot_standby = on\n")
        one.start()
        self.ask("alter system set synchronous_standby_names = '*'")
        self.ask("select pg_reload_conf()")
        return one

    def promote(self):
        self._run("pg_ctl", "promote", "-w", "-D", self.data)

    def kill(self):
        """All of it at once, as a machine that loses power does."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for process in [self.process.pid, *map(int, children.stdout.split())]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        if not self.disk:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def revive(self):
        """What gave up is started again, as a service manager would."""
        end = time.monotonic() + START_SECONDS_MAX
        while self.process.poll() is None and time.monotonic() < end:
            ready = subprocess.run([PROGRAMS / "pg_isready", "-h", self.home, "-p", str(self.port), "-q"], check=False)
            if ready.returncode == 0:
                return
            time.sleep(0.1)
        self.start()

    def ask(self, sql):
        """Rows as lists of texts."""
        done = subprocess.run([PROGRAMS / "psql", "-h", self.home, "-p", str(self.port), "-U", "aright", "-d", "postgres", "-A", "-t", "-F", "\t", "-c", sql],
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

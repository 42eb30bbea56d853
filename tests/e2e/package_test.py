"""The Debian package: built, taken apart, unpacked by dpkg, and run from there; manual pages; the unit."""

import configparser
import gzip
import pathlib
import re
import shutil
import subprocess
import tempfile

from harness import BINARY, Story

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNIT = ROOT / "ops/systemd/aright.service"


def unit():
    parser = configparser.ConfigParser(strict=False, delimiters="=")
    parser.optionxform = str
    parser.read(UNIT)
    return parser["Service"]


class Package(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = subprocess.run([ROOT / "tools/package", BINARY, cls.home], capture_output=True, text=True, check=True)
        cls.file = pathlib.Path(made.stdout.strip())
        cls.tree = cls.home / "tree"
        subprocess.run(["dpkg-deb", "-x", cls.file, cls.tree], check=True)

    def test_it_runs_from_where_it_is_unpacked(self):
        told = self.run_program([self.tree / "usr/bin/aright", "policy", "check", self.tree / "etc/aright/aright.yaml"], 0)
        self.assertIn("sound", told.out)
        self.assertTrue(self.run_program([self.tree / "usr/bin/aright", "--version"], 0).out.startswith("aright "))

    def test_it_depends_on_what_it_is_linked_to_and_on_what_it_starts(self):
        depends = self.run_program(["dpkg-deb", "-f", self.file, "Depends"], 0).out
        for package in ("libc6", "libssl3", "libsqlite3-0", "bubblewrap", "python3-boto3"):
            self.assertRegex(depends, rf"\b{package}\b")

    def test_dpkg_unpacks_it_and_knows_its_settings(self):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for directory in ("var/lib/dpkg/info", "var/lib/dpkg/updates"):
            (root / directory).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        self.run_program(["dpkg", "--root", root, "--force-not-root", "--force-depends", "--unpack", self.file], 0,
                         PATH="/usr/sbin:/usr/bin:/sbin:/bin")
        self.assertTrue((root / "usr/bin/aright").exists())
        told = self.run_program(["dpkg-query", "--admindir", root / "var/lib/dpkg", "-W", "-f", "${Conffiles}", "aright"], 0).out
        self.assertIn("/etc/aright/aright.yaml", told)

    def test_its_scripts_are_sound_and_fetch_nothing(self):
        control = self.home / "control"
        self.run_program(["dpkg-deb", "-e", self.file, control], 0)
        for script in ("postinst", "prerm"):
            self.run_program(["/bin/sh", "-n", control / script], 0)
            self.assertNotRegex((control / script).read_text(), r"curl|wget|apt|pip|npm|http")

    def test_every_command_has_a_manual_page(self):
        pages = self.tree / "usr/share/man/man1"
        names = {page.name for page in pages.iterdir()}
        self.assertLessEqual({"aright.1.gz", "aright-serve.1.gz", "aright-doctor.1.gz", "aright-ledger-verify.1.gz"}, names)
        top = gzip.decompress((pages / "aright.1.gz").read_bytes()).decode()
        for heading in ("NAME", "SYNOPSIS", "COMMANDS", "SIGNALS", "FILES", "EXIT STATUS"):
            self.assertIn(f".SH {heading}\n", top)
        if not shutil.which("groff"):
            self.skipTest("no groff here to read the pages with")
        for page in sorted(pages.iterdir()):
            told = self.run_program(["groff", "-man", "-Tutf8", "-ww", "-z"], 0, text=gzip.decompress(page.read_bytes()).decode())
            self.assertEqual(told.err, "", page.name)

    def test_completions_and_documents_are_where_they_are_looked_for(self):
        for path in ("usr/share/bash-completion/completions/aright", "usr/share/zsh/vendor-completions/_aright",
                     "usr/share/fish/vendor_completions.d/aright.fish", "usr/share/doc/aright/docs/operations/running.md",
                     "usr/share/aright/prometheus/aright.rules.yaml", "lib/systemd/system/aright.service"):
            self.assertTrue((self.tree / path).stat().st_size, path)


class Unit(Story):
    def test_what_it_starts_can_be_said(self):
        words = unit()["ExecStart"].split()
        self.assertEqual(words[0], "/usr/bin/aright")
        told = self.run_program([BINARY, "serve", "--help"], 0).out + self.run_program([BINARY, "--help"], 0).out
        for option in (word for word in words if word.startswith("--")):
            self.assertRegex(told, rf"{option}\b")

    def test_it_leaves_the_jail_what_the_jail_needs(self):
        service = unit()
        for option in ("RestrictNamespaces", "PrivateUsers", "ProtectHostname", "MemoryDenyWriteExecute", "ProcSubset", "RootDirectory"):
            self.assertNotIn(option, service)
        self.assertNotRegex(service["SystemCallFilter"], r"@mount|@sandbox|@privileged")
        self.assertEqual(service["NoNewPrivileges"], "yes")

    def test_systemd_calls_it_guarded(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze here")
        told = self.run_program(["systemd-analyze", "security", "--offline=yes", "--threshold=35", UNIT], 0).out
        self.assertRegex(told, r"Overall exposure level for aright.service: [0-3]\.\d")

    def test_it_gives_a_stop_more_time_than_it_takes(self):
        grace = re.search(r"stop_grace\{(\d+)'000\}", (ROOT / "src/cli/serve_commands.cc").read_text())
        self.assertGreater(int(unit()["TimeoutStopSec"]), int(grace[1]) + 5)

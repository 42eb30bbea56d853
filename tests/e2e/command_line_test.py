"""Manners of the command line: help, exit codes, errors that say what to do next."""

import json
import os
import pty
import re
import shutil
import subprocess

from harness import BINARY, COMMAND_SECONDS_MAX, Server, Story, environment, serving

COMMANDS = ("scan", "findings", "plan", "fix", "approve", "reject", "rollback", "executions", "why", "policy", "exceptions", "autonomy", "brakes", "halt", "resume", "report", "runbook", "controls", "pack", "export", "deploy",
            "guard", "ledger", "events", "function", "approvals", "escalations", "ack", "notify", "version", "completion", "demo", "sandbox", "serve", "doctor", "backup", "restore", "reload", "fleet", "store")
NESTED = (("runbook", "list"), ("runbook", "validate"), ("runbook", "run"), ("runbook", "rehearse"), ("runbook", "explain"), ("runbook", "test"), ("controls", "list"),
          ("controls", "show"), ("controls", "test"), ("guard", "validate"), ("guard", "test"), ("guard", "parse-tree"),
          ("ledger", "show"), ("ledger", "verify"), ("ledger", "rebuild"), ("ledger", "checkpoint"), ("ledger", "key"),
          ("ledger", "prove"), ("ledger", "export"), ("function", "list"), ("function", "show"), ("function", "invoke"),
          ("function", "test"), ("notify", "list"), ("notify", "test"), ("report", "evidence"),
          ("events", "match"), ("events", "test-pattern"), ("events", "put"), ("events", "archive"), ("events", "replay"),
          ("exceptions", "list"), ("exceptions", "set"), ("exceptions", "end"), ("policy", "check"), ("policy", "schema"), ("policy", "explain"), ("policy", "replay"), ("policy", "permissions"), ("pack", "check"), ("pack", "deploy"), ("pack", "status"), ("export", "cloudformation"), ("store", "migrate"))


class CommandLine(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("runbooks")

    def test_every_command_explains_itself(self):
        top = self.aright("--help").out
        for command in COMMANDS:
            self.assertRegex(top, rf"(?m)^  {command} +\S")
        for words in [(command,) for command in COMMANDS] + list(NESTED):
            with self.subTest(" ".join(words)):
                told = self.aright(*words, "--help").out
                self.assertIn(f"Usage: aright {' '.join(words)}", told)
        self.assertEqual(set(re.findall(r"(?m)^  ([a-z]+) {2,}\S", top)), set(COMMANDS), "no command goes untested")

    def test_the_first_help_shows_examples_and_exit_codes(self):
        top = self.aright("--help").out
        self.assertIn("Examples:\n  aright ", top)
        self.assertIn("Exit codes:", top)

    def test_who_asks_wrongly_is_told_how_to_ask(self):
        cases = {
            "no command": (),
            "unknown command": ("unheard",),
            "unknown option": ("findings", "--unheard"),
            "missing argument": ("plan",),
            "value outside of a list": ("findings", "--status", "unheard"),
            "port out of range": ("serve", "--port", "70000"),
            "shell nobody has": ("completion", "unheard"),
            "file that is not there": ("runbook", "validate", "unheard.yaml"),
        }
        for name, words in cases.items():
            with self.subTest(name):
                told = self.aright(*words, code=2)
                self.assertEqual(told.out, "")
                self.assertTrue(told.err.strip())

    def test_who_mistypes_is_told_what_was_meant(self):
        self.assertIn("there is no command 'aright finding'; did you mean 'findings'?", self.aright("finding", code=2).err)
        self.assertIn("there is no command 'aright ledger shw'; did you mean 'show'?", self.aright("ledger", "shw", code=2).err)
        self.assertIn("Try: aright findings --help", self.aright("findings", "--unheard", code=2).err)
        self.assertEqual(self.aright("findings", "--unheard", "--json", code=2).err[:1], "{")
        self.assertIn("Usage: aright", self.aright(code=2).err)

    def test_help_is_asked_for_in_either_way(self):
        self.assertEqual(self.aright("help").out, self.aright("--help").out)
        self.assertEqual(self.aright("help", "runbook", "run").out, self.aright("runbook", "run", "--help").out)
        self.assertEqual(self.aright("--version").out, self.aright("version").out)

    def test_every_command_shows_examples(self):
        for words in [(command,) for command in COMMANDS] + list(NESTED):
            with self.subTest(" ".join(words)):
                self.assertRegex(self.aright(*words, "--help").out, rf"Examples:\n  .*aright {' '.join(words)}")

    def test_an_error_says_what_to_do_next(self):
        told = self.aright("findings", code=1).err
        self.assertIn("aright serve", told)
        self.assertIn("--endpoint-url", told)
        self.assertIn("docs/errors/AR-0015.md", told)
        as_json = self.aright("findings", "--json", code=1)
        self.assertIn("AR-0015", as_json.out + as_json.err)

    def test_a_server_that_is_named_must_answer(self):
        told = self.aright("findings", "--server", "http://127.0.0.1:1", "--token", "t", code=1)
        self.assertIn("http://127.0.0.1:1", told.err)

    def test_a_policy_with_faults_starts_nothing(self):
        (self.home / "bad.yaml").write_text("targets: []\ncontrols:\n  - id: unheard\nunheard: 1\n")
        told = self.aright("serve", "--port", "0", "--policy", "bad.yaml", code=1)
        self.assertIn("AR-0001", told.err)
        self.assertIn("line 4, column 1: /unheard: unknown member", told.err)
        self.aright("serve", "--port", "0", "--policy", "missing.yaml", code=1)
        self.assertFalse((self.home / "state/server.json").exists())

    def test_a_good_runbook_is_called_good(self):
        told = self.aright("runbook", "validate", "runbooks/tag-bucket.yaml")
        self.assertEqual(told.out, "runbooks/tag-bucket.yaml: good\n")

    def test_each_fault_of_a_runbook_has_its_place(self):
        told = self.aright("runbook", "validate", "runbooks/tag-bucket.yaml", "runbooks/broken.yaml", code=3).out
        self.assertIn("runbooks/tag-bucket.yaml: good", told)
        for place, what in (("3:16", "Sting"), ("7:5", "Nowhere"), ("10:5", "aws:doMagic")):
            self.assertRegex(told, rf"(?m)^runbooks/broken\.yaml:{place}: error: .*{what}")

        report = self.aright("runbook", "validate", "runbooks/broken.yaml", "--json", code=3).json["documents"][0]
        self.assertFalse(report["valid"])
        self.assertEqual([(d["line"], d["column"]) for d in report["diagnostics"]], [(3, 16), (7, 5), (10, 5)])

    def test_calls_that_no_service_knows_are_warned_of(self):
        told = self.aright("runbook", "validate", "runbooks/unknown-calls.yaml").out
        self.assertRegex(told, r"unknown-calls\.yaml:5:14: warning: no service is known as s4 \(did you mean s3\?\)")
        self.assertRegex(told, r"unknown-calls\.yaml:8:27: warning: s3 is known to have no operation PutBuckettTagging "
                               r"\(did you mean PutBucketTagging\?\)")

    def test_shells_accept_their_completion(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell):
                script = self.aright("completion", shell).out
                self.assertIn("aright", script)
                if shutil.which(shell):
                    self.run_program([shutil.which(shell), "-n"], 0, text=script)

    def test_bash_completes_commands_and_options(self):
        def complete(*words):
            line = " ".join(words)
            script = self.aright("completion", "bash").out + f"""
                COMP_WORDS=({' '.join(repr(word) for word in words)}) COMP_CWORD={len(words) - 1} COMP_LINE='{line}' COMP_POINT={len(line)}
                $(complete -p aright | sed 's/.*-F \\([^ ]*\\).*/\\1/') aright '{words[-1]}' '{words[-2]}'
                printf '%s\\n' "${{COMPREPLY[@]}}"
            """
            return [reply.strip() for reply in self.run_program(["/bin/bash", "-s"], 0, text=script).out.splitlines()]

        self.assertEqual(complete("aright", "rol"), ["rollback"])
        self.assertIn("validate", complete("aright", "runbook", ""))
        self.assertIn("--yes", complete("aright", "fix", "--y"))
        self.assertEqual(complete("aright", "fix", "fnd_1", "--y"), ["--yes"])
        self.assertEqual(complete("aright", "--state", "somewhere", "completion", "z"), ["zsh"])

    def test_zsh_completes_commands_and_options(self):
        if not shutil.which("zsh"):
            self.skipTest("no zsh here")
        script = self.home / "aright.zsh"
        script.write_text(self.aright("completion", "zsh").out)
        # _describe is what would show them.
        asked = """
            source {script}
            _describe() {{ print -rl -- ${{(P)2}} }}
            words=(aright {words}) CURRENT=$(( $#words ))
            _aright
        """
        for words, wanted in (("''", "rollback:"), ("runbook ''", "validate:"), ("fix fnd_1 --y", "--yes:Do not ask")):
            with self.subTest(words):
                told = self.run_program([shutil.which("zsh"), "-f"], 0, text=asked.format(script=script, words=words)).out
                self.assertIn(f"\n{wanted}", "\n" + told)

    def test_fish_completes_commands_and_options(self):
        if not shutil.which("fish"):
            self.skipTest("no fish here")
        script = self.home / "aright.fish"
        script.write_text(self.aright("completion", "fish").out)
        for line, wanted in (("aright rol", ["rollback"]), ("aright runbook ", ["explain", "rehearse", "run", "test", "validate"]),
                             ("aright fix fnd_1 --y", ["--yes"]), ("aright completion z", ["zsh"])):
            with self.subTest(line):
                told = self.run_program([shutil.which("fish"), "-c", f"source {script}; complete -C '{line}'"], 0).out
                self.assertEqual([one.split("\t")[0] for one in told.splitlines()], wanted)

    def test_nothing_is_coloured_where_nobody_looks(self):
        for words, code in ((("--help",), 0), (("version",), 0), (("findings",), 1), (("unheard",), 2),
                            (("runbook", "validate", "runbooks/broken.yaml"), 3)):
            with self.subTest(" ".join(words)):
                told = self.aright(*words, code=code)
                self.assertNotIn("\x1b", told.out + told.err)

    def test_colours_are_for_terminals_and_for_who_wants_them(self):
        for no_color, coloured in ((None, True), ("", True), ("1", False)):
            with self.subTest(NO_COLOR=no_color):
                more = {} if no_color is None else {"NO_COLOR": no_color}
                leader, follower = pty.openpty()
                done = subprocess.run([BINARY, "runbook", "validate", "runbooks/tag-bucket.yaml"], cwd=self.home, stdout=follower,
                                      env=environment(self.home, **more), timeout=COMMAND_SECONDS_MAX)
                os.close(follower)
                told = os.read(leader, 4096).decode()
                os.close(leader)
                self.assertEqual(done.returncode, 0)
                self.assertEqual("\x1b[32m" in told, coloured)

    def scan_on_a_terminal(self, *more):
        """What stands on the terminal, and what was printed."""
        leader, follower = pty.openpty()
        done = subprocess.run([BINARY, "--state", "state", "scan", *more], cwd=self.home, stdout=subprocess.PIPE, stderr=follower,
                              text=True, env=environment(self.home), timeout=COMMAND_SECONDS_MAX)
        os.set_blocking(leader, False)
        os.close(follower)
        try:
            told = os.read(leader, 65536).decode()
        except OSError:  # nothing was written
            told = ""
        os.close(leader)
        self.assertEqual(done.returncode, 3)
        return told, done.stdout

    def test_a_scan_by_a_server_says_on_a_terminal_how_far_it_is(self):
        (self.home / "slow.json").write_text('{"faults": [{"service": "sqs", "only": "reads", "slow": 1000, "by": "400ms"}]}')
        (self.home / "queues.yaml").write_text(
            'targets: [{account: "111122223333", regions: [us-east-1]}]\n'
            "controls: [{id: sqs-queue-encrypted}]\ndecide: [{name: nobody, decision: manual}]\nscan_every_s: 86400\n")
        cloud = self.enterContext(Server(self.home, "sandbox", "--empty", "--faults", "slow.json"))
        for name in "abc":
            self.aws(cloud, "sqs", "create-queue", "--queue-name", name, "--attributes", "SqsManagedSseEnabled=false")
        with serving(self.home, cloud, policy="queues.yaml"):
            told, printed = self.scan_on_a_terminal()
            self.assertRegex(told, r"reading resources … \d read, \d of \d listings done")
            self.assertIn("3 non-compliant", printed)
            told, printed = self.scan_on_a_terminal("--json")
            self.assertEqual((told, json.loads(printed)["non_compliant"]), ("", 3))

    def test_the_version_is_told_to_people_and_programs(self):
        version = self.aright("version", "--json").json["version"]
        self.assertRegex(version, r"^\d+\.\d+\.\d+$")
        self.assertEqual(self.aright("version").out, f"aright {version}\n")

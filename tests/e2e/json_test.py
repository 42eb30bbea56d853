"""--json, on every command there is: what comes out is JSON, and so is what goes wrong."""

import json
import re

from harness import Server, Story, serving

BUCKET = "s3-bucket-public-read-prohibited"
RULES = 'rule versioned { Resources.*.Properties.Versioned == true <<not versioned>> }\n'
TESTS = "- name: on\n  input: {Resources: {a: {Properties: {Versioned: true}}}}\n  expectations: {rules: {versioned: PASS}}\n"
EVENT = '{"id": "1", "source": "aws.s3", "detail-type": "x", "account": "1", "region": "r", "time": "2024-05-01T00:00:00Z", "detail": {}}'
SERVING = {"serve", "sandbox"}  # their first line is JSON: harness.Server reads it


class Json(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.bring("Buckets-And-Keys.yaml")
        for name, text in {"rules.guard": RULES, "tests.yaml": TESTS, "data.yaml": "Resources: {a: {Properties: {Versioned: true}}}\n",
                           "rules.jsonl": '{"id": "s3", "pattern": {"source": ["aws.s3"]}}\n', "events.jsonl": EVENT + "\n"}.items():
            (cls.home / name).write_text(text)

    def commands(self, *words):
        """Every command that does something itself, as the help tells: those that have none below them, and some others."""
        told = self.aright(*words, "--help").out
        below = re.findall(r"(?m)^  ([a-z-]+) {2,}\S", told.partition("Subcommands:")[2].partition("Examples:")[0])
        own = [" ".join(words)] if not below or "[SUBCOMMAND]" in told else []
        return own + [found for name in below for found in self.commands(*words, name)]

    def as_json(self, *words, code=0, lines=False):
        told = self.aright(*words, "--json", code=code)
        documents = told.out.splitlines() if lines else [told.out]
        return [json.loads(one) for one in documents][0]

    def test_every_command_answers_in_json(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        server = self.enterContext(serving(self.home, cloud))
        self.assertTrue(server.hello["url"])
        finding = self.eventually("a finding", lambda: [
            one for one in self.as_json("findings", "--control", BUCKET)["findings"] if one["resource"]["id"] == "acme-reports"])[0]
        asking = self.eventually("two that wait", lambda: (found := [
            one for one in self.as_json("findings", "--control", "restricted-ssh")["findings"]
            if one["stage"] == "awaiting_approval"]) and found)[0]
        run = self.as_json("runbook", "run", "E2E-TagBucket", "-p", "BucketName=acme-logs", "-p", "Owner=ana")
        fixed = self.as_json("fix", finding["id"], "--yes")
        said = {
            "scan": (["scan", BUCKET], None), "findings": (["findings"], 0), "plan": (["plan", asking["id"]], 0),
            "fix": (["fix", fixed["finding"], "--yes"], 1),  # resolved already: the error is JSON as well
            "approve": (["approve", asking["id"], "--server", server.url, "--token", "token of ana"], 0),
            "rollback": (["rollback", fixed["id"]], 0), "reject": (["reject", fixed["id"]], 1),
            "exceptions set": (["exceptions", "set", fixed["finding"], "-m", "it is needed"], 0),  # open again, after the rollback
            "autonomy": (["autonomy"], 0), "policy schema": (["policy", "schema"], 0),
            "exceptions list": (["exceptions", "list"], 0), "exceptions end": (["exceptions", "end", fixed["finding"]], 0),
            "executions": (["executions", "--status", "Success"], 0), "why": (["why", finding["id"]], 0),
            "runbook run": (["runbook", "run", "Unheard"], 1), "runbook validate": (["runbook", "validate", "runbooks/tag-bucket.yaml"], 0),
            "runbook rehearse": (["runbook", "rehearse", "runbooks/tag-bucket.yaml", "-p", "BucketName=acme-logs", "-p", "Owner=ana",
                                  "--endpoint-url", cloud.url], 0),
            "runbook list": (["runbook", "list"], 0),
            "runbook explain": (["runbook", "explain", "runbooks/tag-bucket.yaml"], 0),
            "runbook test": (["runbook", "test", "--only", "no test has this name"], None),
            "controls list": (["controls", "list"], 0), "controls show": (["controls", "show", BUCKET], 0),
            "controls test": (["controls", "test", "restricted-ssh"], 0),
            "pack check": (["pack", "check", "Buckets-And-Keys.yaml"], 3),
            "pack deploy": (["pack", "deploy", "Buckets-And-Keys.yaml", "--policy", "aright.yaml"], 0),
            "pack status": (["pack", "status", "Buckets-And-Keys"], 2),  # the server's policy does not hold it
            "export cloudformation": (["export", "cloudformation", "--policy", "aright.yaml"], 0),
            "deploy": (["deploy", "--policy", "aright.yaml"], 2),  # nobody said where
            "controls packs": (["controls", "packs"], 0), "controls new": (["controls", "new", "mine"], 0),
            "guard validate": (["guard", "validate", "-r", "rules.guard", "-d", "data.yaml"], 0),
            "guard test": (["guard", "test", "-r", "rules.guard", "-t", "tests.yaml"], 0),
            "guard parse-tree": (["guard", "parse-tree", "-r", "rules.guard"], 0),
            "ledger show": (["ledger", "show"], 0), "ledger verify": (["ledger", "verify"], 0), "ledger rebuild": (["ledger", "rebuild"], 1),
            "fleet": (["fleet"], 2), "store migrate": (["store", "migrate", "--from", "none.db", "--to", "other.db"], 1),
            "function list": (["function", "list"], 0), "function show": (["function", "show", "revoke-world-open-ingress"], 0),
            "function invoke": (["function", "invoke", "revoke-world-open-ingress", "-e", "{}"], None),
            "function rehearse": (["function", "rehearse", "revoke-world-open-ingress", "-e", "{}"], None),
            "function test": (["function", "test", "./none.yaml"], None),
            "escalations": (["escalations"], 0), "ack": (["ack", "esc_01J00000000000000000000000"], 1),
            "approvals": (["approvals"], 0), "notify list": (["notify", "list"], 0), "notify test": (["notify", "test", "none"], 1),
            "ledger checkpoint": (["ledger", "checkpoint"], 0), "ledger key": (["ledger", "key"], 0),
            "ledger prove": (["ledger", "prove", "1", "2"], 0), "ledger export": (["ledger", "export", "exported"], 0),
            "events match": (["events", "match", "--rules", "rules.jsonl", "events.jsonl"], 0),
            "events test-pattern": (["events", "test-pattern", "--pattern", '{"source": ["aws.s3"]}', "--event", EVENT], 0),
            "events put": (["events", "put", "events.jsonl"], 0), "events archive": (["events", "archive"], 0),
            "events replay": (["events", "replay", "r", "--archive", "none", "--from", "2024-05-01T10:00:00Z"], 1),  # there is none
            "policy check": (["policy", "check", "aright.yaml"], 0), "policy replay": (["policy", "replay"], 0),
            "policy permissions": (["policy", "permissions", "aright.yaml"], 0),
            "policy explain": (["policy", "explain", "restricted-ssh", "--policy", "aright.yaml"], 0),
            "brakes": (["brakes"], 0), "halt": (["halt", "-m", "a test"], 0), "resume": (["resume"], 0),
            "report": (["report"], 0), "doctor": (["doctor", "--policy", "aright.yaml", "--endpoint-url", cloud.url], 0),
            "backup": (["backup", "one.backup"], 0), "restore": (["restore", "one.backup"], 1),  # it is served
            "reload": (["reload"], 0),
            "report evidence": (["report", "evidence", "--framework", "cis-aws-foundations-3.0", "--to", "evidence"], 0), "version": (["version"], 0), "completion": (["completion", "zsh"], 0), "demo": (["demo", "--once"], 0),
        }
        self.assertEqual(run["AutomationExecutionStatus"], "Success")
        self.assertEqual(set(self.commands()) - SERVING, set(said), "a command that nobody asks here")
        for name, (words, code) in said.items():
            with self.subTest(name):
                told = self.aright(*words, "--json", code=code)
                text = told.out or told.err
                self.assertIsNotNone(json.loads(text), text)
                if told.code in (1, 2) and not told.out:
                    self.assertIn("message", json.loads(text)["error"] if "error" in json.loads(text) else json.loads(text))

    def test_a_completion_script_is_the_same_inside(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell):
                told = self.as_json("completion", shell)
                self.assertEqual((told["shell"], told["script"]), (shell, self.aright("completion", shell).out))

    def test_who_asks_wrongly_hears_it_in_json(self):
        for words in (("findings", "--severity", "hihg"), ("plan", "fnd_1"), ("unheard",), ("fix",), ("completion", "tcsh"),
                      ("fix", "fnd_00000000000000000000000000"), ("guard", "validate")):
            with self.subTest(" ".join(words)):
                told = self.aright(*words, "--json", code=2)
                self.assertEqual(told.out, "")
                self.assertIn("message", told.err)
                json.loads(told.err)


class Words(Story):
    """Options that take one of a few words, and arguments that take an id: who writes another is told which there are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")

    def test_a_word_that_nobody_knows_is_asked_wrongly(self):
        cases = {
            ("findings", "--status", "opne"): "write one of open, resolved, all; did you mean 'open'?",
            ("findings", "--severity", "hihg"): "write one of informational, low, medium, high, critical; did you mean 'high'?",
            ("executions", "--status", "success"): "did you mean 'Success'?",
            ("completion", "fih"): "write one of bash, zsh, fish; did you mean 'fish'?",
            ("controls", "show", "restricted-sh"): "did you mean 'restricted-ssh'?",
            ("controls", "test", "restricted-sh"): "did you mean 'restricted-ssh'?",
            ("controls", "list", "--pack", "unheard"): "'unheard' is not a pack",
            ("scan", "--region", "US East"): "is not a region",
            ("findings", "--server", "nowhere"): "nowhere",
            ("scan", "--endpoint-url", "ftp://127.0.0.1"): "ftp://127.0.0.1",
            ("ledger", "show", "--from", "abc"): "abc",
            ("ledger", "show", "--from", "0"): "--from",
            ("ledger", "show", "--limit", "0"): "--limit",
            ("fix", "fnd_00000000000000000000000000", "--wait", "-1"): "--wait",
            ("fix", "fnd_00000000000000000000000000", "--plan", "abc"): "hash of a plan",
            ("fix", "fnd_00000000000000000000000000", "--yes", "--plan", "0" * 64): "--plan",
            ("sandbox", "--account", "12"): "12 digits",
        }
        for words, says in cases.items():
            with self.subTest(" ".join(words)):
                told = self.aright(*words, code=2)
                self.assertEqual(told.out, "")
                self.assertIn(says, told.err)

    def test_what_is_no_id_is_asked_wrongly(self):
        for words in (("plan",), ("fix",), ("approve",), ("reject",), ("rollback",), ("executions",), ("ledger", "show")):
            for wrong in ("bogus", "fnd_1", "rem_", "arn:aws:s3:::acme", "fnd_00000000000000000000000000/why", "sig-1", ""):
                with self.subTest(" ".join((*words, wrong))):
                    self.assertIn("is not an id; write ", self.aright(*words, wrong, code=2).err)

    def test_the_server_tells_what_only_it_can_know(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        self.enterContext(serving(self.home, cloud))
        told = self.aright("findings", "--control", "restricted-sh", code=2)
        self.assertIn("'restricted-sh' is not a control; did you mean 'restricted-ssh'?", told.err)
        self.assertIn("did you mean 'restricted-ssh'?", self.aright("scan", "restricted-sh", code=2).err)
        self.assertEqual(self.aright("findings", "--control", "s3-bucket-versioning-enabled", "--json").json["findings"], [])
        self.assertIn("AR-0010", self.aright("ledger", "show", "rem_00000000000000000000000000", code=1).err)

"""aright guard: the options, formats and exit codes that pipelines know from cfn-guard."""

import json
import socket
import subprocess
import xml.etree.ElementTree

import harness

RULES = """
let buckets = Resources.*[ Type == 'AWS::S3::Bucket' ]
rule versioned when %buckets !empty { %buckets.Properties.Versioning == "Enabled" <<turn versioning on>> }
rule named when %buckets !empty { %buckets.Properties.Name exists }
rule queues when Resources.*[ Type == 'AWS::SQS::Queue' ] !empty { Resources exists }
"""
BAD = "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Properties:\n      Name: logs\n      Versioning: Suspended\n"
GOOD = BAD.replace("Suspended", "Enabled")
TESTS = """
- name: off
  input: {Resources: {B: {Type: AWS::S3::Bucket, Properties: {Name: b, Versioning: Suspended}}}}
  expectations: {rules: {versioned: FAIL, named: PASS, queues: SKIP, unheard: PASS}}
"""


class Guard(harness.Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("rules/s3.guard", RULES)
        cls.write("rules/broken.ruleset", "rule r {\n  a = 1\n}\n")
        cls.write("bad.yaml", BAD)
        cls.write("good.yaml", GOOD)
        cls.write("ok.guard", "rule ok { Resources exists }\n")
        cls.write("abort.guard", "rule r { %nobody exists }\n")
        cls.write("tests.yaml", TESTS)

    @classmethod
    def write(cls, name, text):
        path = cls.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def validate(self, *words, code=0, text=None):
        return self.aright("guard", "validate", *words, code=code, text=text)

    def structured(self, format, *words, code=0):
        return self.validate("--structured", "-S", "none", "-o", format, *words, code=code).out

    def test_only_a_failing_file_has_a_summary(self):
        self.assertEqual(self.validate("-r", "rules/s3.guard", "-d", "good.yaml").out, "")
        told = self.validate("-r", "rules/s3.guard", "-d", "bad.yaml", code=19).out
        self.assertRegex(told, r"bad\.yaml Status = FAIL\nFAILED rules\ns3\.guard/versioned +FAIL\n---")
        self.assertIn('is "Suspended"; expected == "Enabled"', told)
        self.assertRegex(told, r"bad\.yaml:6:19: /Resources/Logs/Properties/Versioning")
        self.assertIn("turn versioning on", told)
        everything = self.validate("-r", "rules/s3.guard", "-d", "bad.yaml", "--show-summary", "pass,skip", code=19).out
        self.assertRegex(everything, r"SKIP rules\ns3\.guard/queues +SKIP\nPASS rules\ns3\.guard/named +PASS\n---")

    def test_standard_input_may_be_a_socket(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(GOOD.encode())
            ours.shutdown(socket.SHUT_WR)
            told = subprocess.run([harness.BINARY, "guard", "validate", "-r", "rules/s3.guard", "-S", "all"], stdin=theirs,
                                  capture_output=True, text=True, cwd=self.home)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("STDIN Status = PASS", told.stdout)

    def test_data_comes_from_standard_input_too(self):
        told = self.validate("-r", "rules/s3.guard", "-S", "all", text=GOOD).out
        self.assertIn("STDIN Status = PASS", told)
        payload = json.dumps({"rules": ["rule a { x exists }"], "data": ["x: 1", "y: 1"]})
        told = self.validate("--payload", "-S", "all", code=19, text=payload).out
        self.assertIn("DATA_STDIN[1] Status = PASS", told)
        self.assertIn("RULES_STDIN[1]/a    FAIL", told)
        self.validate("--payload", code=255, text='{"rules": [')

    def test_json_and_yaml_have_one_report_for_each_data_file(self):
        reports = json.loads(self.structured("json", "-r", "rules/s3.guard", "-r", "ok.guard", "-d", "bad.yaml", code=19))
        self.assertEqual([r["status"] for r in reports], ["FAIL"])
        self.assertEqual(reports[0]["compliant"], ["named", "ok"])
        self.assertEqual(reports[0]["not_applicable"], ["queues"])
        rule = reports[0]["not_compliant"][0]["Rule"]
        self.assertEqual(rule["name"], "versioned")
        clause = rule["checks"][0]["Clause"]["Binary"]
        self.assertEqual(clause["messages"]["custom_message"], "turn versioning on")
        self.assertEqual(clause["check"]["Resolved"]["from"],
                         {"path": "/Resources/Logs/Properties/Versioning", "value": "Suspended"})
        self.assertIn("status: FAIL", self.structured("yaml", "-r", "rules/s3.guard", "-d", "bad.yaml", code=19))

    def test_sarif_and_junit(self):
        run = json.loads(self.structured("sarif", "-r", "rules/s3.guard", "-d", "bad.yaml", code=19))["runs"][0]
        self.assertEqual(run["results"][0]["ruleId"], "VERSIONED")
        region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
        self.assertEqual((region["startLine"], region["startColumn"]), (6, 19))
        suites = xml.etree.ElementTree.fromstring(self.structured("junit", "-r", "rules/s3.guard", "-d", "bad.yaml", code=19))
        self.assertEqual((suites.get("tests"), suites.get("failures")), ("1", "1"))
        self.assertEqual(suites.find(".//failure").get("message"), "versioned")

    def test_exit_codes_are_those_of_cfn_guard(self):
        broken, good = "rules/broken.ruleset", "rules/s3.guard"
        cases = [
            (5, ["-r", broken, "-d", "good.yaml"]),
            (19, ["-r", broken, "-r", good, "-d", "bad.yaml"]),
            (5, ["-r", good, "-r", broken, "-d", "bad.yaml"]),
            (19, ["-r", good, "-r", broken, "-d", "bad.yaml", "-z", "-S", "none", "-o", "json"]),
            (5, ["-r", good, "-r", broken, "-d", "bad.yaml", "-z", "-S", "none", "-o", "junit"]),
            (255, ["-r", "missing.guard", "-d", "good.yaml"]),
            (255, ["-r", good, "-d", "good.yaml", "-d", "missing.yaml"]),
            (255, ["-r", "abort.guard", "-d", "good.yaml"]),
            (255, ["-r", good, "-d", "good.yaml", "-z"]),
            (255, ["-r", good, "-d", "good.yaml", "-o", "junit"]),
            (2, ["-d", "good.yaml"]),
            (2, ["-r", good, "-d", "good.yaml", "-z", "-v"]),
            (2, ["-r", good, "-d", "good.yaml", "-a", "-m"]),
            (2, ["-r", good, "-d", "good.yaml", "-t", "Unheard"]),
        ]
        for code, words in cases:
            with self.subTest(" ".join(words)):
                told = self.validate(*words, code=code)
                if code in (5, 255):
                    self.assertTrue(told.err.strip(), "what went wrong is told")

    def test_a_fault_in_rules_has_its_place(self):
        self.assertIn("broken.ruleset:2:5: error: expected a comparison",
                      self.validate("-r", "rules/broken.ruleset", "-d", "good.yaml", code=5).err)
        self.assertIn("abort.guard:1:10: error: there is no variable nobody",
                      self.validate("-r", "abort.guard", "-d", "good.yaml", code=255).err)

    def test_reports_before_an_abort_are_printed(self):
        told = self.validate("-r", "ok.guard", "-r", "abort.guard", "-d", "good.yaml", "-S", "all", code=255)
        self.assertIn("ok.guard/ok    PASS", told.out)

    def test_files_are_chosen_by_their_endings(self):
        self.write("data.txt", BAD)
        told = self.validate("-r", "rules/s3.guard", "-d", "data.txt")
        self.assertEqual(told.out, "")
        self.assertIn("data.txt: left out", told.err)
        self.write("odd.rules", "rule r { a exists }")
        self.validate("-r", "odd.rules", "-d", "good.yaml", code=19)
        self.write("latin.guard", b"rule r { a == '\xff' }")
        self.assertIn("not UTF-8", self.validate("-r", "latin.guard", "-d", "bad.yaml").err)
        self.write("empty.guard", "# nothing\n")
        self.validate("-r", "empty.guard", "-d", "bad.yaml")

    def test_parameters_are_joined_with_data(self):
        self.write("allowed.yaml", "allowed: [logs]\n")
        self.write("in.guard", "rule r { Resources.*.Properties.Name in allowed }\n")
        self.validate("-r", "in.guard", "-d", "good.yaml", "-i", "allowed.yaml")
        self.write("clash.yaml", "Resources: {}\n")
        told = self.validate("-r", "in.guard", "-d", "good.yaml", "-i", "clash.yaml", code=255)
        self.assertIn("the key Resources is in the input parameters too", told.err)

    def test_rules_are_tested(self):
        test = ("guard", "test", "-r", "rules/s3.guard")
        told = self.aright(*test, "-t", "tests.yaml").out
        self.assertIn("Test Case #1\nName: off\n", told)
        self.assertIn("    versioned: Expected = FAIL\n", told)
        self.write("wrong.yaml", TESTS.replace("named: PASS", "named: FAIL"))
        told = self.aright(*test, "-t", "wrong.yaml", code=7).out
        self.assertIn("named: Expected = FAIL, Evaluated = [PASS]", told)
        result = json.loads(self.aright(*test, "-t", "wrong.yaml", "-o", "json", code=7).out)
        self.assertEqual(result["test_cases"][0]["failed_rules"], [{"name": "named", "expected": "FAIL", "evaluated": ["PASS"]}])
        self.write("torn.yaml", "- {")
        self.aright(*test, "-t", "torn.yaml", code=1)
        self.aright("guard", "test", "-r", "rules/broken.ruleset", "-t", "tests.yaml", code=1)
        self.aright("guard", "test", "-r", "rules/broken.ruleset", "-t", "tests.yaml", "-o", "json", code=0)
        self.aright(*test, code=2)

    def test_a_folder_of_rules_is_tested(self):
        self.write("set/net.guard", "rule open { a == 1 }")
        self.write("set/other.guard", "rule r { a == 1 }")
        self.write("set/tests/net_tests.yaml", "- input: {a: 1}\n  expectations: {rules: {open: PASS}}\n")
        told = self.aright("guard", "test", "-d", "set").out
        self.assertIn("open: Expected = PASS", told)
        self.assertIn("other.guard has no tests", told)
        self.write("set/bad.guard", "rule {")
        self.write("set/tests/bad_tests.yaml", "- input: {a: 1}\n  expectations: {rules: {open: PASS}}\n")
        self.assertIn("open: Expected = PASS", self.aright("guard", "test", "-d", "set", code=7).out)

    def test_the_parse_tree_is_printed(self):
        tree = json.loads(self.aright("guard", "parse-tree", "-r", "ok.guard", "--print-json").out)
        self.assertEqual(tree["guard_rules"][0]["rule_name"], "ok")
        self.assertIn("rule_name: ok", self.aright("guard", "parse-tree", "-r", "ok.guard").out)
        self.aright("guard", "parse-tree", "-r", "ok.guard", "-p", "-o", "tree.json")
        self.assertEqual(json.loads((self.home / "tree.json").read_text()), tree)
        self.aright("guard", "parse-tree", "-r", "rules/broken.ruleset", code=255)


if __name__ == "__main__":
    harness.unittest.main()

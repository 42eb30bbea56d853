"""A runner that overlooked something would vouch for it. So: it does not."""

import pathlib
import unittest

import index
import page
import session
import shown
import snippets
import spoken

REFERENCE = """
## Options of every command
  --json
## aright scan
### aright runbook run
  --targets
## aright runbook
"""


def commands(text):
    return page.read_page("p.md", text).commands


class Pages(unittest.TestCase):
    def test_commands_go_on_until_quotes_are_closed(self):
        one, two = commands("```console\n$ aws x '{\n  \"a\": 1}' \\\n  --more\nshown\n$ ls  # it's there\n```\n")
        self.assertEqual((one.text.count("\n"), one.shown), (2, ["shown"]))
        self.assertEqual((two.text, two.line), ("ls  # it's there", 6))

    def test_exit_codes_are_read(self):
        one, two, three = commands("```sh\n$ a  # exit code 3: why\n$ b\n$ echo $?\n19\n```\n")
        self.assertEqual((one.code, one.any_code, two.any_code, three.shown), (3, False, True, ["19"]))

    def test_what_is_not_run_has_a_reason_and_a_block(self):
        self.assertEqual(commands("<!-- not run: needs a car -->\n```sh\n$ drive\n```\n")[0].not_run, "needs a car")
        for text in ("<!-- not run: -->\n```sh\n$ a\n```\n", "<!-- not run: why -->\nText.\n", "```sh\n$ a 'b\n```\n", "```sh\n$ a\n"):
            with self.subTest(text), self.assertRaises(page.Fault):
                page.read_page("p.md", text)

    def test_files_and_what_comes_before(self):
        before, file = page.read_page("p.md", "<!-- before:\na <<'E'\nb\nE\nc\n-->\n```yaml a/b.yaml\nx: 1\n```\n").steps
        self.assertEqual(page.whole_commands(before.text), ["a <<'E'\nb\nE", "c"])
        self.assertEqual((file.name, file.text), ("a/b.yaml", "x: 1\n"))


class Shown(unittest.TestCase):
    def test_words_count_and_numbers_do_not(self):
        self.assertIsNotNone(shown.match(["12 findings, 1.5 s", "a  b"], "3 findings, 720 ms\na        b\n"))
        for printed in ("3 faults, 720 ms\na b", "3 findings, 720 ms", "3 findings, 720 ms\na b\nmore"):
            self.assertIsNone(shown.match(["12 findings, 1.5 s", "a  b"], printed), printed)

    def test_dots_stand_for_lines_or_for_the_rest(self):
        self.assertIsNotNone(shown.match(["a", "…", "z {…}"], "a\nb\nc\nz {1,2}\n"))
        self.assertIsNotNone(shown.match(["a", "…"], "a\n"))
        self.assertIsNone(shown.match(["a", "…", "z"], "a\nb\n"))
        self.assertIsNone(shown.match(["a … z"], "a\nz\n"))

    def test_rows_of_a_table_may_come_in_any_order(self):
        printed = "ID      NAME\nfnd_1   one\nfnd_2   two\nfnd_3   three\n\nend\n"
        self.assertEqual(shown.match(["ID  NAME", "fnd_b two", "…", "fnd_a one", "", "end"], printed), {"fnd_b": "fnd_2", "fnd_a": "fnd_1"})
        for lines in (["ID  NAME", "fnd_a one", "fnd_b two", "", "end"], ["ID  NAME", "fnd_a four", "…", "end"], ["NAME  ID", "…", "end"]):
            self.assertIsNone(shown.match(lines, printed), lines)

    def test_ids_are_remembered(self):
        memory = shown.Memory()
        printed = "fnd_11 one\nfnd_22 two\nrem_99\nhash 0123456789ab\n"
        memory.learn(shown.match(["…", "fnd_ab two", "rem_…", "hash deadbeef9…"], printed), printed)
        self.assertEqual(memory.fill("fix fnd_ab --plan deadbeef9…; why fnd_… rem_…"), "fix fnd_22 --plan 0123456789ab; why fnd_22 rem_99")
        memory.learn({}, "fnd_33\n")
        self.assertEqual(memory.fill("fnd_…"), "fnd_22", "what was shown comes before what was printed")
        with self.assertRaises(KeyError):
            memory.fill("exec_…")


class Sessions(unittest.TestCase):
    def faults(self, text):
        one = session.Session("p.md", text, pathlib.Path("/bin/echo"), "/")
        one.run()
        return "\n".join(one.faults)

    def test_a_page_is_one_session(self):
        self.assertEqual(self.faults("```sh\n$ a=1; cd /\n$ echo $a $PWD\n1 /\n$ false\n$ echo $?\n1\n$ aright x\nx\n```\n"), "")

    def test_lies_are_told_with_their_lines(self):
        told = self.faults("```sh\n$ false\n$ echo a\nb\n$ true  # exit code 1\n$ echo fnd_…\n$ (exit 4)\n$ echo $?\n5\n```\n")
        for fault in ("p.md:2: exit code 1, not 0", "p.md:3: echo a", "p.md:5: exit code 0, not 1", "p.md:6: echo fnd_…", "exit code 4, not 5"):
            self.assertIn(fault, told)

    def test_what_comes_before_must_succeed(self):
        self.assertIn("p.md:1: what comes before went wrong", self.faults("<!-- before: false -->\n```sh\n$ true\n```\n"))


class Spoken(unittest.TestCase):
    def test_commands_and_options_exist(self):
        text = "`aright scan --json`, `aright runbook run X --targets Y`, `aright scan --jsn` and `aright runbook walk`"
        faults = spoken.faults_of([("p.md", text)], REFERENCE)
        self.assertEqual(faults, ["p.md:1: `aright scan` has no option --jsn", "p.md:1: there is no command `aright runbook walk`"])

    def test_pieces_of_policies_are_found(self):
        text = "```yaml\nlimits:\n  - {}\n```\n```yaml\nname: x\n```\n```yaml aright.yaml\ntargets: []\n```\n"
        self.assertEqual([(line, piece.split(":")[0]) for line, piece in snippets.pieces_of(text, {"limits", "targets"})],
                         [(1, "limits"), (8, "targets")])


class Index(unittest.TestCase):
    def test_pages_are_listed_and_bullets_are_shown(self):
        bullets = "".join(f"| {step}.{bullet} | x |\n" for step in range(1, 7) for bullet in range(1, 6))
        commands = "".join(f"$ true  # {step}.{bullet}\n" for step in range(1, 7) for bullet in range(1, 6))
        pages = [("docs/README.md", "[p](practice.md), [a](guide/a.md#b)"), ("docs/practice.md", bullets + commands), ("docs/guide/a.md", "")]
        self.assertEqual(index.faults_of(pages), [])
        wrong = [pages[0], ("docs/practice.md", bullets.replace("| 6.5", "| x") + commands.replace("3.2", "")), ("docs/guide/b.md", "")]
        self.assertEqual(index.faults_of(wrong), ["docs/README.md: docs/guide/b.md is not listed", "docs/practice.md: no command shows 3.2",
                                                  "docs/practice.md: 29 bullets, not 30"])

    def test_figures_are_those_of_the_catalog(self):
        text = "1 controls today, for 1 managed-rule identifiers. **Controls**: 1, for 1 of Config's, by one of 2 runbooks. 49 services, 205 resource types, 1,534 operations"
        counts = {"controls": 1, "identifiers": 1, "runbooks": 2, "services": 49, "resource types": 205, "operations": 1534}
        self.assertEqual(index.figure_faults_of(text, counts), [])
        self.assertEqual(index.figure_faults_of(text, counts | {"operations": 1535, "runbooks": 3}),
                         ["README.md: 2 runbooks, and there are 3", "README.md: 1,534 operations, and there are 1535"])
        self.assertEqual(len(index.figure_faults_of("", counts)), 4)


if __name__ == "__main__":
    unittest.main()

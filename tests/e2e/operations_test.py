"""Running it: metrics, alert rules and dashboard, readiness, the log, signals, reloading, backup and restore."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

from harness import Server, Story, request, serving

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "ops/prometheus/aright.rules.yaml"
DASHBOARD = ROOT / "ops/grafana/aright.json"
SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$')


def families(page):
    return dict(re.findall(r"(?m)^# TYPE (\S+) (\S+)$", page))


def value(page, series):
    found = re.search(rf"(?m)^{re.escape(series)} (\S+)$", page)
    return float(found[1]) if found else None


def named_metrics(text):
    names = set(re.findall(r"\b(?:aright|process)_[a-z_]+\b", text))
    return {re.sub(r"_(bucket|sum|count)$", "", name) if name.endswith("_bucket") else name for name in names}


def promtool():
    built = ROOT / "build/promtool"
    found = shutil.which("promtool") or (str(built) if built.exists() else None)
    if not found:
        raise AssertionError("promtool is not here: tools/install fetches it, of Debian's package prometheus, into build/")
    return found


class Metrics(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))
        cls.server = cls.enterClassContext(serving(cls.home, cls.cloud))
        cls.token = json.loads((cls.home / "state/server.json").read_text())["token"]

    def scrape(self):
        status, kind, page = request(self.server.url + "/metrics", token=self.token)
        self.assertEqual((status, kind), (200, "text/plain"))
        return page

    def scraped(self, series, wanted):
        return self.eventually(f"{series} {wanted}", lambda: (page := self.scrape()) and value(page, series) == wanted and page)

    def test_what_the_story_came_to_is_counted(self):
        page = self.scraped('aright_approvals_waiting{of="plan"}', 1)
        self.assertEqual(value(page, 'aright_findings_open{severity="critical"}'), 2)
        self.assertEqual(value(page, "aright_halted"), 0)
        self.assertGreater(value(page, 'aright_aws_calls_total{service="s3",class="read",outcome="ok"}'), 0)
        self.assertGreater(value(page, 'aright_ledger_append_seconds_count'), 0)
        self.assertGreater(value(page, "process_resident_memory_bytes"), 1e6)
        self.assertGreater(value(page, "aright_state_free_bytes"), 0)

    def test_every_line_has_the_form_that_prometheus_reads(self):
        page = self.scraped('aright_approvals_waiting{of="plan"}', 1)
        known = families(page)
        for line in page.splitlines():
            if line.startswith("#"):
                self.assertRegex(line, r"^# (HELP|TYPE) [a-z_]+ \S")
                continue
            sample = SAMPLE.match(line)
            self.assertTrue(sample, line)
            float(sample[3])
            name = sample[1]
            self.assertTrue(name in known or known.get(re.sub(r"_(bucket|sum|count)$", "", name)) == "histogram", name)
        self.run_program([promtool(), "check", "metrics"], 0, text=page)

    def test_rules_and_dashboard_name_what_there_is(self):
        known = families(self.scraped('aright_approvals_waiting{of="plan"}', 1))
        for file in (RULES, DASHBOARD):
            named = named_metrics(file.read_text())
            self.assertGreater(len(named), 10)
            self.assertEqual({name for name in named if name not in known}, set(), file)
        ids = [panel["id"] for panel in json.loads(DASHBOARD.read_text())["panels"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_metrics_are_for_those_who_may_read(self):
        for token in (None, "wrong"):
            status, _, told = request(self.server.url + "/metrics", token=token)
            self.assertEqual(status, 401)
            self.assertIn("AR-0013", told)

    def test_ready_says_what_it_looked_at(self):
        def ready():
            status, _, told = request(self.server.url + "/readyz")
            return status, {check["name"]: check["ok"] for check in json.loads(told)["checks"]}
        all_well = (200, {"server": True, "ledger": True, "engine": True, "cloud": True})
        self.eventually("the cloud was asked, too", lambda: ready() == all_well)


class Rules(Story):
    def test_promtool_accepts_the_rules_and_their_tests(self):
        self.run_program([promtool(), "check", "rules", RULES], 0)
        told = subprocess.run([promtool(), "test", "rules", RULES.with_name("aright.rules_test.yaml")], cwd=RULES.parent,
                              capture_output=True, text=True)
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)

    def test_each_rule_says_how_bad_it_is_and_what_to_do(self):
        text = RULES.read_text()
        alerts = re.findall(r"(?m)^      - alert: (\w+)$", text)
        self.assertEqual(len(alerts), len(set(alerts)))
        for word in ("severity:", "summary:", "description:"):
            self.assertEqual(text.count(word), len(alerts), word)
        tested = RULES.with_name("aright.rules_test.yaml").read_text()
        self.assertEqual([alert for alert in alerts if alert not in tested], [])


class Running(Story):
    """A server's life as a service manager sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))

    def serve(self, *more, state="state"):
        return Server(self.home, "serve", "--port", "0", "--state", state, "--policy", "aright.yaml",
                      "--endpoint-url", self.cloud.url, *more)

    def test_the_log_is_one_object_a_line(self):
        server = self.serve("--log-format", "json")
        self.eventually("the story in the log", lambda: "approval asked for" in server.errors())
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(30), 0)
        lines = [json.loads(line) for line in server.errors().splitlines()]
        for line in lines:
            self.assertLessEqual({"time", "level", "module", "message"}, set(line))
        asked = next(line for line in lines if line["message"].startswith("approval asked for"))
        self.assertRegex(asked["remediation"], "^rem_")
        self.assertRegex(asked["trace_id"], "^[0-9a-f]{32}$")
        same = {line["trace_id"] for line in lines if line.get("remediation") == asked["remediation"]}
        self.assertEqual(same, {asked["trace_id"]})
        self.assertEqual(lines[-1]["module"], "serve")
        server.stop()

    def test_a_second_signal_does_not_wait(self):
        server = self.serve(state="hasty")
        server.process.send_signal(signal.SIGTERM)
        self.eventually("it stops", lambda: "stopping" in server.errors())
        server.process.send_signal(signal.SIGTERM)
        self.assertIn(server.process.wait(10), (0, -signal.SIGTERM))
        server.process.stdout.close()
        server.log.close()

    def test_the_service_manager_hears_of_start_and_stop(self):
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(told.close)
        told.settimeout(60)
        told.bind(str(self.home / "notify"))
        os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"] = str(self.home / "notify"), "200000"
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")
        self.addCleanup(os.environ.pop, "WATCHDOG_USEC")
        server = self.serve(state="managed")
        self.assertEqual(told.recv(4096), b"READY=1")
        self.assertEqual(told.recv(4096), b"WATCHDOG=1")
        server.process.send_signal(signal.SIGTERM)
        while (said := told.recv(4096)) == b"WATCHDOG=1":
            pass
        self.assertEqual(said, b"STOPPING=1")
        self.assertEqual(server.process.wait(60), 0)
        server.stop()
        self.assertFalse((self.home / "managed/server.json").exists())

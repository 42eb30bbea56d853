"""What holds fixes back, as an operator sees it: freezes, limits, and the switch that stops all writes."""

import signal

from harness import Server, Story, serving

BUCKET = "s3-bucket-public-read-prohibited"
CALENDAR = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//test//EN", "BEGIN:VEVENT", "UID:1@example.com",
                        "DTSTAMP:20240101T000000Z", "SUMMARY:always", "DTSTART:20240101T000000Z", "DTEND:20240102T000000Z",
                        "RRULE:FREQ=DAILY", "END:VEVENT", "END:VCALENDAR", ""))
POLICY = """
targets: [{account: "111122223333", regions: [us-east-1]}]
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
"""
FROZEN = POLICY + """
freezes: [{name: the quiet weeks, calendar: quiet.ics}]
limits: [{type: "AWS::S3::*", starts: 5, window_s: 600}, {control: "*", percent: 50, window_s: 3600}]
"""


class Brakes(Story):
    def setUp(self):
        (self.home / "quiet.ics").write_text(CALENDAR, newline="")
        (self.home / "aright.yaml").write_text(FROZEN)
        self.cloud = self.enterContext(Server(self.home, "sandbox"))
        self.addCleanup(lambda: (self.home / "state/ledger.db").unlink(missing_ok=True))

    def stages(self):
        return {finding["stage"] for finding in self.aright("findings", "--control", BUCKET, "--status", "all", "--json").json["findings"]}

    def test_what_is_frozen_is_listed_and_goes_on_under_a_policy_without_the_freeze(self):
        with serving(self.home, self.cloud):
            held = self.eventually("something is held", lambda: self.aright("brakes", "--json").json["held"])
            self.assertEqual({one["reason"] for one in held}, {"the freeze 'the quiet weeks' is on"})
            told = self.aright("brakes", "--json").json
            self.assertEqual([(freeze["name"], freeze["on"]) for freeze in told["freezes"]], [("the quiet weeks", True)])
            self.assertEqual(told["limits"][0], {"of": "type", "value": "AWS::S3::*", "window_s": 600, "starts": 5})
            text = self.aright("brakes").out
            for part in ("writes       may go on", "the quiet weeks  on until", "50 % in 3600 s, for each control *", "HELD UNTIL"):
                self.assertIn(part, text)
            finding = self.aright("findings", "--control", BUCKET, "--json").json["findings"][0]["id"]
            self.assertIn("the quiet weeks", self.aright("why", finding).out)

    def test_a_halt_stops_all_writes_until_somebody_resumes_restarts_included(self):
        with serving(self.home, self.cloud):
            self.eventually("something is held", lambda: self.aright("brakes", "--json").json["held"])
            self.assertTrue(self.aright("halt", "-m", "an incident", "--json").json["halted"])
        (self.home / "aright.yaml").write_text(POLICY)
        with serving(self.home, self.cloud):
            told = self.aright("brakes", "--json").json
            self.assertEqual([(halt["what"], halt["reason"]) for halt in told["halts"]], [("everything", "an incident")])
            self.assertEqual((told["halted"], told["held"]), (True, []))
            self.assertRegex(self.aright("brakes").out, "halted +everything since")
            self.assertNotIn("resolved", self.stages())
            self.assertFalse(self.aright("resume", "-m", "it is over", "--json").json["halted"])
            self.eventually("the public bucket is closed", lambda: self.stages() == {"resolved"})

    def test_one_control_is_halted_and_the_rest_goes_on(self):
        (self.home / "aright.yaml").write_text(POLICY)
        with serving(self.home, self.cloud):
            told = self.aright("halt", "--control", BUCKET, "-m", "its fix is wrong", "--json").json
            self.assertEqual((told["halted"], [halt["what"] for halt in told["halts"]]), (False, [f"control {BUCKET}"]))
            self.assertIn("no halt of everything is on", self.aright("resume", code=1).err)
            self.assertEqual(self.aright("resume", "--all", "--json").json["halts"], [])

    def test_a_file_and_a_signal_halt_as_well(self):
        (self.home / "aright.yaml").write_text(POLICY)
        halted = lambda: self.aright("brakes", "--json").json["halts"]
        with serving(self.home, self.cloud) as server:
            (self.home / "state/halt").write_text("the building is on fire\n")
            self.assertEqual(self.eventually("the file is heeded", halted)[0]["reason"], "the building is on fire")
            self.assertIn("state/halt stops everything again", self.aright("resume", "-m", "really?", code=1).err)
            self.assertEqual(halted()[0]["by"], "halt file")
        with serving(self.home, self.cloud) as server:
            (self.home / "state/halt").unlink()
            self.assertTrue(halted(), "a file that goes resumes nothing")
            self.aright("resume")
            self.assertEqual(halted(), [])
            server.process.send_signal(signal.SIGUSR1)
            self.assertEqual(self.eventually("the signal is heeded", halted)[0]["by"], "SIGUSR1")

    def test_a_policy_with_a_wrong_brake_is_refused_with_its_place(self):
        (self.home / "aright.yaml").write_text(POLICY + """
limits: [{control: "*", account: "111122223333", starts: 5000}]
freezes: [{name: odd, from: 2024-01-02T00:00:00Z, until: 2024-01-01T00:00:00Z}, {name: none, calendar: missing.ics}]
breaker: {failures: -1}
""")
        told = self.aright("serve", "--port", "0", "--endpoint-url", self.cloud.url, code=None)
        self.assertNotEqual(told.code, 0)
        for part in ("give one of control, account, region, service, type and everything", "starts: this must be from 1 to 1000",
                     "a freeze ends after it begins", "missing.ics", "failures: this must be from 0 to 100", "line 6"):
            self.assertIn(part, told.err)

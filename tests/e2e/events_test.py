"""Event patterns from the command line: what matches, totals, speed, and faults with their places."""

import json

from harness import Story

RULES = [
    {"id": "policies", "pattern": {"source": ["aws.s3"], "detail": {"eventName": [{"wildcard": "Put*Policy"}]}}},
    {"id": "failed", "pattern": json.dumps({"detail": {"errorCode": [{"exists": True}]}})},
    {"id": "failed", "pattern": {"detail": {"status": [{"numeric": [">=", 500]}]}}},
]
EVENTS = [
    {"source": "aws.s3", "detail": {"eventName": "PutBucketPolicy", "errorCode": "AccessDenied"}},
    {"source": "aws.ec2", "detail": {"eventName": "RunInstances"}},
    {"source": "aws.sns", "detail": {"status": 503, "texts": ["{", "\n\u2028", "\""]}},
]


def lines(values):
    return "".join(json.dumps(value) + "\n" for value in values)


class Events(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.home / "rules.jsonl").write_text(lines(RULES))
        (cls.home / "events.jsonl").write_text(lines(EVENTS))

    def match(self, *arguments, **more):
        return self.aright("events", "match", "--rules", "rules.jsonl", *arguments, **more)

    def test_each_event_gets_a_line_of_sorted_ids(self):
        expected = '["failed","policies"]\n[]\n["failed"]\n'
        self.assertEqual(self.match("events.jsonl").out, expected)
        self.assertEqual(self.match("events.jsonl", "events.jsonl").out, expected * 2)
        self.assertEqual(self.match(text=lines(EVENTS)).out, expected)
        self.assertEqual(self.match("-", text="\n" + lines(EVENTS).rstrip("\n")).out, expected)

    def test_totals_are_told_to_people_and_programs(self):
        self.assertEqual(self.match("--count", "events.jsonl", "--json").json,
                         {"events": 3, "matched": 2, "rules": {"failed": 2, "policies": 1}})
        self.assertIn("2 of 3 events match a rule", self.match("--count", "events.jsonl").out)

    def test_speed_is_measured(self):
        told = self.match("--bench", "0.05", "events.jsonl", "--json").json
        self.assertGreater(told["events_per_second"], 0)
        self.assertEqual((told["rules"], told["events"], told["matches_per_event"]), (3, 3, 1.0))
        self.match("--bench", "0.05", "--count", "events.jsonl", code=2)

    def test_more_events_than_a_buffer_holds_stream_through(self):
        long = {"source": "aws.s3", "detail": {"eventName": "PutBucketPolicy", "text": "x" * 3_000_000}}
        (self.home / "many.jsonl").write_text(lines(EVENTS * 20_000) + lines([long] + EVENTS))
        out = self.match("many.jsonl").out.splitlines()
        self.assertEqual(len(out), 60_004)
        self.assertEqual(out[-4:], ['["policies"]', '["failed","policies"]', "[]", '["failed"]'])
        self.assertEqual(out.count("[]"), 20_001)

    def test_a_bad_event_has_its_place(self):
        text = lines(EVENTS[:1]) + '{"unnamed":[1,}\n' + lines(EVENTS[1:2])
        told = self.match(text=text, code=2)
        self.assertIn("standard input:2: line 1, column 15: not JSON", told.err)
        told = self.match("--keep-going", text=text, code=2)
        self.assertEqual(told.out, '["failed","policies"]\nnull\n[]\n')
        self.assertIn("standard input:2:", told.err)
        self.assertIn("an event is a JSON object", self.match(text="[]\n", code=2).err)

    def test_each_fault_of_a_rules_file_has_its_line_and_place(self):
        (self.home / "bad.jsonl").write_text("\n".join([
            '{"id":"a","pattern":{"a":[{"prefx":"x"}]}}', '{"id":"b","pattern":{"a":[1]}}', '{"id":"c","pattern":"{"}',
            '{"pattern":{"a":[1]}}', '{"id":"d"}', '{"id":"e","pattern":{"a":[1]},"x":1}', "nonsense"]))
        told = self.aright("events", "match", "--rules", "bad.jsonl", "events.jsonl", code=2)
        self.assertEqual(told.out, "")
        for line in ("bad.jsonl:1: /pattern: /a/0/prefx: there is no such operator", "bad.jsonl:3: /pattern: line 1, column",
                     "bad.jsonl:4: /id: ", "bad.jsonl:5: /pattern: ", "bad.jsonl:6: /x: unknown member", "bad.jsonl:7: line 1"):
            self.assertIn(line, told.err)
        self.assertNotIn("bad.jsonl:2", told.err)
        self.aright("events", "match", "--rules", "unheard.jsonl", code=2)

    def test_one_pattern_is_tried_on_one_event(self):
        def tried(pattern, event, code, **more):
            return self.aright("events", "test-pattern", "--pattern", pattern, "--event", event, code=code, **more)

        (self.home / "pattern.json").write_text('{"source": ["aws.s3"]}')
        (self.home / "event.json").write_text(json.dumps(EVENTS[0], indent=2))
        self.assertEqual(tried("pattern.json", "event.json", 0).out, "matches\n")
        self.assertEqual(tried('{"source":["aws.ec2"]}', "event.json", 3).out, "does not match\n")
        self.assertEqual(tried("pattern.json", "-", 0, text=json.dumps(EVENTS[0])).out, "matches\n")
        told = self.aright("events", "test-pattern", "--json", "--pattern", "pattern.json", "--event", '{"source":1}', code=3)
        self.assertEqual(told.json, {"matches": False})
        self.assertIn("pattern: /a/0/prefx:", tried('{"a":[{"prefx":"x"}]}', "event.json", 2).err)
        self.assertIn("event: line 1, column 6:", tried("pattern.json", '{"a":}', 2).err)
        tried("unheard.json", "event.json", 2)

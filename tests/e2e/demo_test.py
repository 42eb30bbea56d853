"""What a newcomer starts first."""

from harness import Story


class Demo(Story):
    def test_plays_the_four_examples_and_takes_them_back(self):
        report = self.aright("demo", "--once", "--json").json

        self.assertTrue(report["ok"])
        self.assertEqual([example["name"] for example in report["examples"]],
                         ["config-rule", "lambda-function", "automation-document", "event-orchestration"])
        for example in report["examples"]:
            with self.subTest(example["name"]):
                self.assertIsNone(example["fault"])
                self.assertTrue(example["remediations"])
                self.assertTrue(example["resolved"])
                self.assertTrue(example["restored"])
        self.assertTrue(report["ledger"]["sound"])
        self.assertGreater(report["ledger"]["entries"], 0)
        self.assertGreater(report["notifications"]["webhook"], 0)
        self.assertGreater(report["notifications"]["sns"], 0)

    def test_tells_people_what_it_does_without_colours_when_nobody_watches(self):
        told = self.aright("demo", "--once").out

        self.assertNotIn("\x1b", told)
        for example in ("Config rule", "Lambda function", "Systems Manager document", "Events fan out"):
            self.assertIn(example, told)

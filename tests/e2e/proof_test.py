"""What the ledger shows to those who do not hold it: checkpoints, proofs, exports; and who is found out by them."""

import contextlib
import json
import shutil
import sqlite3

from harness import Server, Story, serving

BUCKET = "s3-bucket-public-read-prohibited"


class Proofs(Story):
    policy = "aright.yaml"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bring("aright.yaml")
        cls.bring("runbooks")
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))
        with serving(cls.home, cls.cloud):
            cls.checkpoint_before = cls.once_scanned()
            cls.key = cls.say("ledger", "key").out.strip()
            found = cls.say("findings", "--control", BUCKET, "--json").json["findings"][0]
            cls.remediation = cls.say("fix", found["id"], "--yes", "--json").json["id"]
            cls.say("ledger", "prove", cls.remediation, "-o", "proofs.json")
            cls.say("ledger", "export", "exported", "--redact", "planned")

    @classmethod
    def once_scanned(cls):
        cls.say("scan", code=3)
        cls.say("ledger", "checkpoint", "-o", "before.txt")
        return (cls.home / "before.txt").read_text()

    @classmethod
    def say(cls, *words, code=0):
        """As self.aright does, before there is a self."""
        self = cls()
        return self.aright(*words, code=code)

    def standalone(self, *words):
        """The program that shares nothing with aright."""
        return self.run_program(["/usr/bin/python3", self.home / "exported/verify.py", *words], None)

    def test_only_kinds_that_there_are_can_be_kept_back(self):
        refused = self.aright("ledger", "export", "refused", "--redact", "plan_seald", code=2).err
        self.assertIn("'plan_seald' is not a kind of entries; did you mean 'plan_sealed'?", refused)
        self.assertIn(", planned, ", refused)
        self.assertFalse((self.home / "refused").exists())

    def test_a_remediation_is_proven_to_whoever_has_the_key(self):
        bundle = json.loads((self.home / "proofs.json").read_text())
        told = [json.loads(one["leaf"]) for one in bundle["entries"]]
        self.assertIn((self.remediation, "resolved"), [(leaf["stream"], leaf["kind"]) for leaf in told])
        self.assertIn("call_intended", {leaf["kind"] for leaf in told})
        self.assertIn("genuine", self.aright("ledger", "verify", "proofs.json", "--key", self.key).out)
        self.assertEqual(self.standalone("proofs.json", "--key", self.key).code, 0)

        bundle["entries"][-1]["leaf"] = bundle["entries"][-1]["leaf"].replace('"time":"2', '"time":"3', 1)
        (self.home / "changed.json").write_text(json.dumps(bundle))
        self.assertIn("not genuine", self.aright("ledger", "verify", "changed.json", "--key", self.key, code=3).out)
        self.assertEqual(self.standalone("changed.json", "--key", self.key).code, 1)

    def check(self, directory, proofs, *more):
        return self.run_program(["/usr/bin/python3", self.home / directory / "verify.py", self.home / directory / proofs, *more], None)

    def test_evidence_of_a_framework_holds_for_whoever_has_the_key(self):
        told = self.aright("report", "evidence", "--framework", "cis-aws-foundations-3.0", "--to", "audit", "--json").json
        evidence = json.loads((self.home / "audit/evidence.json").read_text())
        self.assertEqual(sum(told["requirements_by_status"].values()), len(evidence["requirements"]))
        self.assertEqual(evidence["requirements_by_status"], told["requirements_by_status"])
        self.assertIn("<h1>Evidence: CIS AWS Foundations Benchmark", (self.home / "audit/index.html").read_text())
        for file in told["proofs"]:
            self.assertEqual(self.check("audit", file, "--key", self.key).code, 0)
        # Whatever it tells of is among what it proves.
        proven = {one["index"] + 1 for file in told["proofs"] for one in json.loads((self.home / "audit" / file).read_text())["entries"]}
        lines = [line["entry"] for control in evidence["controls"] for kind in ("findings", "remediations") for one in control[kind]
                 for line in one["entries"]] + [control["scanned"]["entry"] for control in evidence["controls"] if control["scanned"]]
        self.assertTrue(lines)
        self.assertEqual(set(lines), proven)
        self.assertIn("not empty", self.aright("report", "evidence", "--framework", "pci-dss", "--to", "audit", code=2).err)
        self.assertIn("did you mean", self.aright("report", "evidence", "--framework", "pci-ds", "--to", "other", code=2).err)
        self.aright("report", "evidence", "--to", "other", code=2)

    def test_evidence_of_a_remediation_tells_all_of_it(self):
        self.aright("report", "evidence", "--remediation", self.remediation, "--to", "case")
        evidence = json.loads((self.home / "case/evidence.json").read_text())
        fix = evidence["controls"][0]["remediations"][0]
        self.assertEqual((fix["id"], fix["stage"], fix["writes"]), (self.remediation, "resolved", ["s3:PutPublicAccessBlock"]))
        self.assertIn("call_intended", [line["kind"] for line in fix["entries"]])
        self.assertEqual(self.check("case", "proofs-1.json", "--key", self.key).code, 0)
        proofs = self.home / "case/proofs-1.json"
        proofs.write_text(proofs.read_text().replace("PutPublicAccessBlock", "PutPublicAccessBlocc", 1))
        self.assertEqual(self.check("case", "proofs-1.json", "--key", self.key).code, 1)

    def test_an_export_is_checked_without_aright_and_continues_what_was_signed_before(self):
        told = self.standalone("exported", "--key", self.key, "--since", "before.txt")
        self.assertEqual(told.code, 0, told)
        self.assertRegex(told.out, r"^genuine: \d+ entries, \d+ of them redacted")
        self.assertIn("genuine", self.aright("ledger", "verify", "exported").out)
        self.assertTrue(self.aright("ledger", "verify", "exported", "--key", self.key, "--json").json["ok"])
        self.assertIn("is not empty", self.aright("ledger", "export", "exported", code=1).err)

    def test_a_ledger_that_was_cut_or_put_back_is_found_out_by_the_checkpoint_that_was_kept(self):
        self.assertIn("sound", self.aright("ledger", "verify", "--since", "before.txt").out)
        size = int(self.checkpoint_before.splitlines()[1])
        for name, kept in (("cut", size - 3), ("other", 0)):
            with self.subTest(name):
                shutil.copytree(self.home / "state", self.home / name)
                with contextlib.closing(sqlite3.connect(self.home / name / "ledger.db")) as file, file:
                    file.execute("delete from checkpoint")
                    file.execute("delete from entries where position > ?", (kept,))
                    file.execute("delete from head")
                    file.execute("insert into head select 1, position, hash from entries order by position desc limit 1")
                self.aright("ledger", "rebuild", state=name)
                self.assertIn("sound", self.aright("ledger", "verify", state=name).out)
                told = self.aright("ledger", "verify", "--since", "before.txt", state=name, code=3).out
                self.assertIn(f"a checkpoint was signed over {size} entries, and there are {kept}", told)

    def test_a_ledger_that_signed_a_checkpoint_is_rebuilt_and_keeps_to_it(self):
        shutil.copytree(self.home / "state", self.home / "again")
        self.assertIn("rebuilt", self.aright("ledger", "rebuild", state="again").out)
        self.assertIn("sound", self.aright("ledger", "verify", "--since", "before.txt", state="again").out)

    def test_who_has_another_key_signed_nothing(self):
        shutil.copytree(self.home / "state", self.home / "strangers")
        (self.home / "strangers/ledger.key").unlink()
        other = self.aright("ledger", "key", state="strangers").out.strip()
        self.assertNotEqual(other, self.key)
        self.assertIn("did not sign it", self.aright("ledger", "verify", "exported", "--key", other, code=3).out)
        self.assertIn("did not sign it", self.aright("ledger", "verify", "--since", "before.txt", "--key", other, code=1).err)

    def test_what_is_not_there_cannot_be_proven(self):
        self.assertIn("there is no entry 999999", self.aright("ledger", "prove", "999999", code=1).err)
        self.assertIn("AR-0010", self.aright("ledger", "prove", "rem_00000000000000000000000000", code=1).err)

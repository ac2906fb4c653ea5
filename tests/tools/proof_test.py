"""Tests of tools/proof.py: what counts as proof, and what does not."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import proof  # noqa: E402: from tools/

GOOD = "echo 'control caught: a lie'; echo 'verdict: passed, 5 states'"


class ProofTest(unittest.TestCase):
    def run_script(self, script):
        """Runs a suite whose program is this shell script."""
        with tempfile.TemporaryDirectory() as name:
            program = pathlib.Path(name) / "rig"
            program.write_text("#!/bin/sh\n" + script)
            program.chmod(0o700)
            suite = proof.Suite("T0", "rig", ["--own"], 0, "a rig of this test")
            silent = io.StringIO()
            with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
                return proof.run(suite, pathlib.Path(name), 0.5, None)

    def test_a_suite_that_caught_its_control_has_passed(self):
        outcome = self.run_script(GOOD + "; echo 'figure: states/s = 7'")
        self.assertEqual(outcome.verdict, proof.PASSED)
        self.assertEqual(outcome.amount, "5 states")
        self.assertEqual(outcome.figures, {"states/s": "7"})

    def test_a_suite_without_a_caught_control_is_not_run(self):
        self.assertEqual(self.run_script("echo 'verdict: passed, 5'").verdict, proof.NOT_RUN)
        missed = self.run_script(GOOD + "; echo 'control missed: another'")
        self.assertEqual(missed.verdict, proof.NOT_RUN)
        self.assertEqual(missed.missed, ["another"])

    def test_whatever_is_broken_is_a_failure(self):
        for script in (GOOD + "; echo 'broken: o-1 is lost'", GOOD + "; exit 3",
                       "echo 'control caught: a lie'", "kill -9 $$",
                       "echo 'control caught: a lie'; echo 'verdict: failed, 5 states'"):
            self.assertEqual(self.run_script(script).verdict, proof.FAILED, script)

    def test_a_program_is_told_its_scale_after_its_own_arguments(self):
        outcome = self.run_script(GOOD + '; echo "figure: given = $*"')
        self.assertEqual(outcome.figures["given"], "--own --scale 0.5")

    def test_a_program_that_is_not_there_is_not_run(self):
        suite = proof.Suite("T0", "nowhere/rig", [], 0, "missing")
        outcome = proof.run(suite, pathlib.Path("nowhere"), 1, None)
        self.assertEqual(outcome.verdict, proof.NOT_RUN)

    def test_small_scales_leave_out_suites_that_have_no_small_form(self):
        suites = [proof.Suite("T1", "a", [], 0, ""), proof.Suite("T2", "b", [], 1, "")]
        self.assertEqual([one.name for one in proof.choose(suites, [], 0.05)], ["T1"])
        self.assertEqual([one.name for one in proof.choose(suites, ["t2"], 0.05)], ["T2"])
        with self.assertRaises(SystemExit):
            proof.choose(suites, ["T3"], 1)

    def test_the_suites_of_the_project_can_be_read(self):
        suites = proof.read_suites()
        self.assertTrue(suites)
        self.assertEqual(len({suite.name for suite in suites}), len(suites))


if __name__ == "__main__":
    unittest.main()

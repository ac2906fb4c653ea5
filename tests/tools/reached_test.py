"""Tests of tools/reached.py: which states no test came through."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import reached  # noqa: E402: from tools/

LIST = "# states\nlog.rolled\nheld.alarm not-here\n"


class ReachedTest(unittest.TestCase):
    def check(self, *marks):
        """Checks with these marks left; returns the status and what was said."""
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            states = directory / "reached.txt"
            states.write_text(LIST)
            left = directory / "reached"
            left.mkdir()
            for mark in marks:
                (left / mark).touch()
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                status = reached.main([str(states), str(left)])
            return status, said.getvalue()

    def test_all_states_may_be_reached_by_whichever_test(self):
        self.assertEqual(self.check("log.rolled", "held.alarm", "another.one"),
                         (0, "reached: 2 of 2 states\n"))

    def test_one_that_is_never_reached_is_a_failure_that_names_it(self):
        status, said = self.check("log.rolled")
        self.assertEqual(status, 1)
        self.assertIn("error: no test came through held.alarm", said)
        self.assertIn("reached: 1 of 2 states", said)


if __name__ == "__main__":
    unittest.main()

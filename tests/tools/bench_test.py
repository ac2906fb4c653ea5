"""How tools/bench.py runs benchmarks and shows what they measured."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).parents[2] / "tools" / "bench.py"
ROWS = [
    {"name": "append/1", "real_time": 130, "time_unit": "us", "events_per_second": 7692.3},
    {"name": "append/1024", "real_time": 341000, "time_unit": "ns", "bytes_per_second": 3.2e9,
     "events_per_second": 3002932, "label": "durable"},
]


class Bench(unittest.TestCase):
    def run_on(self, rows, *arguments, code=0):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "src", "log_bench")
            program.parent.mkdir()
            text = json.dumps({"benchmarks": rows})
            program.write_text(f"#!/bin/sh\necho \"$*$TIDINGS_BENCH_QUICK\" >&2\n"
                               f"cat <<'END'\n{text}\nEND\nexit {code}\n")
            program.chmod(0o755)
            return subprocess.run([sys.executable, "-B", TOOL, folder, *arguments],
                                  capture_output=True, text=True, check=False)

    def test_prints_a_table_with_every_counter(self):
        done = self.run_on(ROWS)
        self.assertEqual(done.stdout, """
log_bench
  benchmark      time  events/s  bytes/s
  --------------------------------------
  append/1     130 us    7.69 k
  append/1024  341 us       3 M    3.2 G  durable
""")
        self.assertEqual(done.returncode, 0)

    def test_prints_json_alone_on_request(self):
        done = self.run_on(ROWS, "--json")
        self.assertEqual(json.loads(done.stdout)["log_bench"]["benchmarks"], ROWS)

    def test_tells_programs_of_both_kinds_to_be_quick(self):
        self.assertIn("format=json --benchmark_min_time=0.051\n",
                      self.run_on(ROWS, "--quick").stderr)
        self.assertIn("format=json\n", self.run_on(ROWS).stderr)
        self.assertEqual(self.run_on(ROWS, "--fast").returncode, 2)

    def test_chooses_by_name(self):
        self.assertEqual(self.run_on(ROWS, "log").returncode, 0)
        done = self.run_on(ROWS, "store")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no benchmark", done.stderr)

    def test_fails_with_a_program_or_a_row_that_failed(self):
        self.assertIn("ended with 3", self.run_on(ROWS, code=3).stderr)
        failed = {"name": "append", "real_time": 0, "error_occurred": True,
                  "error_message": "disk full"}
        done = self.run_on([failed])
        self.assertEqual(done.returncode, 1)
        self.assertIn("disk full", done.stdout)
        self.assertIn("failed: append", done.stderr)


if __name__ == "__main__":
    unittest.main()

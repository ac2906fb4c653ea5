"""What tools/layers.py accepts and refuses."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).parents[2] / "tools" / "layers.py"
TABLE = "base:\nio: base\nlog: base io\n# a comment: not a row\nstore: base io\n"


class Layers(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {"layers.txt": TABLE, **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            for directory in ("include", "src"):
                (root / directory).mkdir(exist_ok=True)
            return subprocess.run([sys.executable, "-B", TOOL, "include", "src", "layers.txt"],
                                  cwd=root, capture_output=True, text=True, check=False)

    def test_accepts_what_the_table_allows(self):
        done = self.run_on({"src/log/log.cc": '#include <tidings/io/world.h>\n#include "log/a.h"\n'
                                              "#include <vector>\n#include <sys/types.h>\n"})
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_refuses_a_module_that_is_not_on_its_row(self):
        for include in ("#include <tidings/store/store.h>", '#include "store/sqlite.h"'):
            done = self.run_on({"src/log/log.cc": "\n" + include + "\n"})
            self.assertEqual(done.returncode, 1)
            self.assertIn("log.cc:2: error: log must not include store", done.stdout)

    def test_holds_public_headers_to_the_table(self):
        done = self.run_on({"include/tidings/base/a.h": "#include <tidings/io/world.h>\n"})
        self.assertIn("base must not include io", done.stdout)

    def test_holds_folders_within_a_module_to_its_row(self):
        done = self.run_on({"src/store/sqlite/a.cc": "#include <tidings/log/log.h>\n"})
        self.assertIn("store must not include log", done.stdout)

    def test_lets_tests_fuzzers_and_benchmarks_include_more(self):
        files = {f"src/log/a_{kind}": '#include "store/a.h"\n'
                 for kind in ("test.cc", "fuzz.cc", "bench.cc", "testing.h", "test_support.h")}
        self.assertEqual(self.run_on(files).returncode, 0)


if __name__ == "__main__":
    unittest.main()

"""What tools/docs.py finds in a page, and how it quotes."""
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))

import docs  # noqa: E402

SOURCE = "int a;\n// [handler]\n    int f() {\n        return 1;\n    }\n// [/handler]\nint b;\n"
CODE = "int f() {\n    return 1;\n}\n"


def page_quoting(place, code):
    return f"# A\n\n<!-- quote {place} -->\n```cpp\n{code}```\n\nafter\n"


class Docs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        pathlib.Path("a.cc").write_text(SOURCE)

    def wrong_links(self, text):
        return [what for _, what in docs.check_links(pathlib.Path("page.md"), text)]

    def wrong_quotes(self, text):
        return [what for _, _, _, what in docs.check_quotes(text)]

    def test_accepts_what_the_file_says(self):
        self.assertEqual(self.wrong_quotes(page_quoting("a.cc#handler", CODE)), [])
        self.assertEqual(self.wrong_quotes(page_quoting("a.cc", SOURCE)), [])

    def test_finds_a_quote_that_has_gone_stale(self):
        found = self.wrong_quotes(page_quoting("a.cc#handler", "int f();\n"))
        self.assertEqual(found, ["differs from a.cc (./dev docs --update)"])

    def test_finds_a_quote_of_nothing(self):
        for place in ("a.cc#gone", "gone.cc"):
            self.assertIn("does not exist", self.wrong_quotes(page_quoting(place, CODE))[0])

    def test_quotes_anew_and_leaves_the_rest(self):
        stale = page_quoting("a.cc#handler", "old\n") + page_quoting("a.cc#handler", "")
        fresh = page_quoting("a.cc#handler", CODE) * 2
        self.assertEqual(docs.updated(stale), fresh)
        self.assertEqual(docs.updated(fresh), fresh)

    def test_follows_links_to_files_and_headings(self):
        pathlib.Path("b.md").write_text("# The `Log`: how\n\n```\n# not one\n```\n")
        good = "[a](a.cc) [b](b.md) [c](b.md#the-log-how) [d](https://example.org/x) `[e](no)`\n"
        self.assertEqual(self.wrong_links(good), [])
        self.assertEqual(len(self.wrong_links("[a](b.cc)\n[b](b.md#not-one)\n")), 2)
        self.assertEqual(self.wrong_links("```\n[a](b.cc)\n```\n"), [])


if __name__ == "__main__":
    unittest.main()

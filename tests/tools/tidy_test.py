"""What tools/tidy.py accepts and refuses, by example."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))

import cpp  # noqa: E402
import tidy  # noqa: E402


def complaints(path, text):
    return [what for _, what in tidy.check(tidy.Source(path, text))]


def function_of(lines):
    return "int f() {\n" + "    g();\n" * (lines - 2) + "}\n"


class Tidy(unittest.TestCase):
    def assert_refused(self, path, text, word):
        found = complaints(path, text)
        self.assertEqual(len(found), 1, f"{text!r}: {found}")
        self.assertIn(word, found[0])

    def assert_accepted(self, path, text):
        self.assertEqual(complaints(path, text), [], text)

    def test_holds_lines_to_100_columns(self):
        self.assert_accepted("src/log/log.cc", "//" + "x" * 98 + "\n")
        self.assert_refused("src/log/log.cc", "//" + "x" * 99 + "\n", "101 columns")
        self.assert_accepted("src/log/log.cc", "//" + "é" * 98 + "\n")

    def test_holds_functions_to_70_lines(self):
        self.assert_accepted("src/log/log.cc", function_of(70))
        self.assert_refused("src/log/log.cc", function_of(71), "function of 71 lines")

    def test_holds_files_to_500_lines(self):
        self.assert_accepted("src/log/log.cc", "int a;\n" * 500)
        self.assert_refused("src/log/log.cc", "int a;\n" * 501, "501 lines")

    def test_bans_what_goes_behind_the_worlds_back(self):
        for call, word in [
                ("auto t = std::chrono::steady_clock::now();", "World::monotonic"),
                ("std::random_device seed;", "World::random"),
                ("std::thread worker{run};", "io::Runner"),
                ("std::this_thread::sleep_for(1s);", "Worker::poll"),
                ("std::ofstream out{path};", "World::files"),
                ("FILE* file = fopen(path, mode);", "World::files"),
                ("const int fd = ::open(path, flags);", "World::files"),
                ("const int fd = ::socket(a, b, c);", "HTTP"),
                ("const char* home = std::getenv(name);", "configuration"),
                ("std::regex pattern{text};", "RE2"),
                ("assert(size > 0);", "TIDINGS_ASSERT"),
                ("#include <ranges>", "compiler lacks"),
                ("using namespace std;", "name what is used"),
        ]:
            self.assert_refused("src/log/log.cc", call + "\n", word)

    def test_lets_io_touch_the_world(self):
        for call in ("std::thread t;", "::open(path, flags);", "steady_clock::now();"):
            self.assert_accepted("src/io/real_world.cc", call + "\n")
        self.assert_refused("src/io/real_world.cc", "#include <ranges>\n", "compiler lacks")

    def test_lets_tests_use_threads_and_files_but_not_sleep(self):
        self.assert_accepted("src/log/log_test.cc", "std::thread t; std::ofstream out;\n")
        self.assert_accepted("src/log/log_test_support.h", "#pragma once\nstd::ofstream out;\n")
        self.assert_refused("src/log/log_test.cc", "std::this_thread::sleep_for(1s);\n", "sleep")

    def test_lets_a_users_program_read_its_own_files(self):
        self.assert_accepted("examples/shop/orders/csv.cc", "std::ifstream in{path};\n")
        self.assert_refused("examples/shop/orders/csv.cc", "std::thread t;\n", "io::Runner")

    def test_knows_calls_from_what_only_looks_like_them(self):
        for text in ("file.open(path);", "Result<File> File::open(path);", "static_assert(a);",
                     "// std::thread is not used here", 'log("std::thread");',
                     "int sleep(sqlite3_vfs*, int);", "std::thread::hardware_concurrency();",
                     'R"(std::regex "x" )";', "int random_number();"):
            self.assert_accepted("src/store/sqlite.cc", text + "\n")

    def test_accepts_an_exception_with_a_reason_alone(self):
        self.assert_accepted("src/log/log.cc", "std::thread t;  // tidy: measured, needed\n")
        found = complaints("src/log/log.cc", "std::thread t;  // tidy:\n")
        self.assertEqual(len(found), 2, found)
        self.assert_refused("src/log/log.cc", "f();  // NOLINT\n", "lint exception")
        self.assert_accepted("src/log/log.cc", "f();  // NOLINT(bugprone-x): the C API's way\n")

    def test_refuses_what_is_unfinished_and_what_names_one_machine(self):
        word = "TO" + "DO"
        self.assert_refused("docs/a.md", f"{word}: write\n", "unfinished")
        self.assert_refused("docs/a.md", "see /ro" + "ot/x\n", "path of one machine")
        self.assert_accepted("docs/a.md", "GET /orders/1, see docs/home/x and ~/wo" + "rk/x\n")

    def test_keeps_third_parties_out_of_public_headers(self):
        path = "include/tidings/log/log.h"
        for name in ("simdjson.h", "boost/asio.hpp", "sqlite3.h", "unistd.h"):
            self.assert_refused(path, f"#pragma once\n#include <{name}>\n", "third-party")
        self.assert_accepted(path, "#pragma once\n#include <tidings/base/time.h>\n"
                                   "#include <vector>\n")
        self.assert_accepted("src/log/log.cc", "#include <sqlite3.h>\n")

    def test_tells_public_from_private_by_the_include(self):
        self.assert_refused("src/log/log.cc", '#include "tidings/log/log.h"\n', "in quotes")
        self.assert_refused("src/log/log.cc", "#include <log/segment.h>\n", "angle brackets")
        self.assert_refused("include/tidings/log/log.h", '#pragma once\n#include "a/b.h"\n',
                            "private")

    def test_asks_for_a_comment_on_every_public_type(self):
        path = "include/tidings/log/log.h"
        head = "#pragma once\nnamespace tidings {\n"
        self.assert_refused(path, head + "class Log {\n};\n}\n", "class Log")
        self.assert_refused(path, head + "enum class Kind { a };\n}\n", "enum class Kind")
        self.assert_accepted(path, head + "/// It is.\nclass Log {\n    struct In {};\n};\n}\n")
        self.assert_accepted(path, head + "/// It is.\ntemplate <class T>\nstruct A {\n};\n}\n")
        self.assert_accepted(path, head + "class Log;\n}\n")
        self.assert_accepted(path, head + "namespace detail {\nstruct A {};\n}\n}\n")
        self.assert_accepted("src/log/segment.h", "#pragma once\nclass Segment {};\n")

    def test_allows_one_title_per_page(self):
        self.assert_refused("docs/a.md", "# A\n\n# B\n", "second title")
        self.assert_accepted("docs/a.md", "# A\n\n```sh\n# a comment\n```\n\n## B\n")

    def test_finds_a_header_that_nobody_includes(self):
        used = tidy.Source("src/log/a.h", "#pragma once\n")
        unused = tidy.Source("src/log/b.h", "#pragma once\n")
        user = tidy.Source("src/log/c.cc", '#include "log/a.h"\n')
        found = [source.path for source, *_ in tidy.check_unused_headers([used, unused, user])]
        self.assertEqual(found, ["src/log/b.h"])


class Functions(unittest.TestCase):
    def of(self, text):
        return cpp.functions(cpp.without_comments_and_strings(text).splitlines())

    def test_are_found_whatever_their_shape(self):
        for text in ("int f() {\n}\n", "TEST(Log, Cuts) {\n}\n",
                     "auto f() const noexcept -> int {\n}\n",
                     "struct A {\n    int f() {\n    }\n};\n",
                     "namespace a {\ntemplate <class T>\nint f(T t = {}) {\n}\n}\n",
                     "A::A(int b)\n    : b_{b}, c_(1) {\n}\n", "A::A() : Base<int>{1} {\n}\n",
                     "struct S foo() {\n}\n", "int f() {\n    if (a) {\n    }\n}\n"):
            found = self.of(text)
            self.assertEqual(len(found), 1, text)

    def test_are_not_tables_types_or_namespaces(self):
        for text in ("const std::map<int, int> table = {\n    {1, f(2)},\n};\n",
                     "std::vector<int> a{\n    1,\n};\n", "struct alignas(8) A {\n};\n",
                     "#define A(x) {\\\n    x\\\n}\n", "namespace a {\n}\n", "// int f() {\n"):
            self.assertEqual(self.of(text), [], text)

    def test_end_where_they_end(self):
        text = "int a;\n\nint f(int b,\n      int c) {\n    g('{', \"}\");\n}\n\nint d;\n"
        self.assertEqual(self.of(text), [(3, 6)])


if __name__ == "__main__":
    unittest.main()

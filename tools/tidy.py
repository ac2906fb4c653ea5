#!/usr/bin/env python3
"""The part of STYLE.md that a machine can check: tools/tidy.py [file...].

Without files it looks at all that git knows. Prints `file:line: error: what (what to do)`, and
fails if there was anything. A line that must be an exception says why, at its end:

    std::ofstream out{path};  // tidy: written before there is a World
"""
import pathlib
import re
import subprocess
import sys

import cpp

LINE_COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
WIDE = (".md", ".json", ".yaml", ".cmake", ".sql")  # tables, data and texts that cannot be broken
# What generators wrote is compared byte for byte elsewhere; a corpus is whatever broke us.
SKIPPED = ("tests/golden/", "tests/corpus/")

PRODUCT = ("include/", "src/", "adapters/", "apps/", "examples/")
BESIDE = re.compile(r"_(?:test|fuzz|bench|main)\w*\.(?:h|cc)$|/main\.cc$")
LAYERS = pathlib.Path(__file__).resolve().parents[1] / "src" / "layers.txt"
LIBRARY = ("include/", "src/", "adapters/")
WORLD = "only src/io and programs' main may; use "
FILES = "World::files()"

# (pattern, what to do, also in tests and benchmarks)
BANNED = [
    (r"\b(?:system|steady|high_resolution)_clock::now\b|\b(?:clock_gettime|gettimeofday)\s*\(",
     WORLD + "World::now() or World::monotonic()", False),
    (r"\bstd::random_device\b|\b(?:std::rand|srand|getrandom|getentropy)\s*\(",
     WORLD + "World::random() or World::new_uuid()", False),
    (r"\bstd::(?:jthread|thread|async)\b(?!::hardware)|\bpthread_create\b|\bfork\s*\(",
     WORLD + "io::Runner with a Worker", False),
    (r"\bsleep_(?:for|until)\b|\b(?:usleep|nanosleep)\s*\(|(?<![\w>])::sleep\s*\(",
     "nothing waits by sleeping; return a time from Worker::poll(), or move the simulated clock",
     True),
    (r"\bstd::(?:basic_)?[io]?fstream\b|\bstd::filesystem\b|\bfopen\s*\("
     r"|(?<![\w>])::(?:open|openat|creat|pread|pwrite|fsync|fdatasync|unlink|rename)\s*\(",
     WORLD + FILES, False),
    (r"(?<![\w>])::(?:socket|connect|bind|listen|accept4?)\s*\(|\bboost::(?:asio|beast)\b",
     WORLD + "io's HTTP server and client", False),
    (r"\b(?:std::|::)?(?:secure_)?getenv\s*\(", WORLD + "a configuration option", False),
    (r"\bstd::(?:basic_)?regex\b|#\s*include\s*<regex>", "its time is unbounded; use RE2", True),
    (r"#\s*include\s*<(?:format|ranges|expected|print|generator|coroutine)>|\bco_(?:await|yield)\b",
     "a supported compiler lacks it; use {fmt}, plain loops, Result, callbacks", True),
    (r"(?<![\w.])assert\s*\(|#\s*include\s*<(?:cassert|assert\.h)>",
     "it is gone in release builds; use TIDINGS_ASSERT", True),
    (r"\busing\s+namespace\s+std\s*;", "name what is used", True),
]
BANNED = [(re.compile(pattern), what, tests) for pattern, what, tests in BANNED]
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")  # tidy: the rule itself
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|home|Users)/\w")  # tidy: the rule itself
EXCEPTION = re.compile(r"(?://|#)\s*tidy:\s*(\S.*)?$")
NO_LINT = re.compile(r"\bNOLINT(?:NEXTLINE|BEGIN)?\b(?!(?:\([\w.,* -]+\))?:\s*\S)")


class Source:
    """A file, its lines, and its lines without comments and the insides of strings."""

    def __init__(self, path, text):
        self.path = path
        self.lines = text.splitlines()
        self.is_cpp = path.endswith((".h", ".cc"))
        self.code = cpp.without_comments_and_strings(text).splitlines() if self.is_cpp else []
        self.is_public_header = path.startswith("include/") and path.endswith(".h")
        self.is_product = path.startswith(PRODUCT) and not BESIDE.search(path)

    def is_exception(self, number):
        found = EXCEPTION.search(self.lines[number - 1]) if number <= len(self.lines) else None
        return bool(found and found[1])


def check_lines(source):
    for number, line in enumerate(source.lines, 1):
        columns = len(line.expandtabs(4))
        if columns > LINE_COLUMNS_MAX and not source.path.endswith(WIDE):
            yield number, f"{columns} columns (at most {LINE_COLUMNS_MAX}; break the line)"
        if MACHINE_PATH.search(line):
            yield number, "a path of one machine (say where it is relative to the project)"
        if UNFINISHED.search(line):
            yield number, "unfinished (finish it, or open an issue and say what is missing)"
        if EXCEPTION.search(line) and not source.is_exception(number):
            yield number, "an exception without a reason (write it after `tidy:`)"
        if source.is_cpp and NO_LINT.search(line):
            yield number, "a lint exception without a reason (`NOLINT(check): reason`)"


def check_length(source):
    count = len(source.lines)
    if count > FILE_LINES_MAX and not source.path.endswith((".md", ".json", ".yaml", ".js")):
        yield 1, f"{count} lines (at most {FILE_LINES_MAX}; one type per file)"
    for first, last in cpp.functions(source.code):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield first, (f"function of {last - first + 1} lines (at most {FUNCTION_LINES_MAX}; "
                          "give its parts names)")


def check_banned(source):
    for number, line in enumerate(source.code, 1):
        for pattern, what, in_tests in BANNED:
            found = pattern.search(line)
            if not found or source.path.startswith("src/io/") and "supported" not in what:
                continue
            # A user's program may read its own input; the library has one door.
            elsewhere = what.endswith(FILES) and not source.path.startswith(LIBRARY)
            if in_tests or source.is_product and not elsewhere:
                yield number, f"{found[0].strip()} ({what})"


def check_includes(source):
    modules = set(re.findall(r"^(\w+):", LAYERS.read_text(), re.MULTILINE))
    for number, line in enumerate(source.lines, 1):
        found = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        quote, name = found[1], found[2]
        module = name.split("/")[0] if "/" in name else None
        if quote == '"' and name.startswith("tidings/"):
            yield number, f"public header in quotes (write <{name}>)"
        if quote == "<" and module in modules:
            yield number, f'private header in angle brackets (write "{name}")'
        if source.is_public_header and quote == '"':
            yield number, f'public header includes private "{name}" (move it behind a pimpl)'
        elif (source.is_public_header and not name.startswith("tidings/")
              and re.search(r"[/.]", name)):
            yield number, f"public header includes third-party <{name}> (move it to the .cc file)"
        user = source.path.startswith(("apps/", "examples/", "tests/conformance/"))
        if user and quote == '"' and module in modules and pathlib.Path("src", name).is_file():
            yield number, f'"{name}" is private (users of Tidings include <tidings/...> alone)'


def check_header(source):
    if not source.path.endswith(".h"):
        return
    if not any(line.strip() == "#pragma once" for line in source.lines):
        yield 1, "no #pragma once"
    if not source.is_public_header:
        return
    for number in cpp.types_at_namespace_level(source.code):
        above = number - 2
        while above >= 0 and re.match(r"\s*(?:template\b|requires\b|\[\[)", source.lines[above]):
            above -= 1
        if above < 0 or not source.lines[above].lstrip().startswith("///"):
            name = re.sub(r"\s*[:{].*", "", source.code[number - 1].strip())
            yield number, f"public `{name}` without a comment (say what it is, in `///`)"


def check_page(source):
    if not source.path.endswith(".md"):
        return
    fenced, titles = False, 0
    for number, line in enumerate(source.lines, 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        titles += not fenced and line.startswith("# ")
        if titles > 1 and not fenced and line.startswith("# "):
            yield number, "a second title (use ## or a page of its own)"


def check_unused_headers(sources):
    """A private header that no file includes."""
    included = set()
    for source in sources:
        included.update(re.findall(r'#\s*include\s+"([^"]+)"', "\n".join(source.lines)))
    for source in sources:
        if source.path.startswith("src/") and source.path.endswith(".h"):
            if source.path.removeprefix("src/") not in included:
                yield source, 1, "nobody includes this header (delete it)"


CHECKS = [check_lines, check_length, check_banned, check_includes, check_header, check_page]


def check(source):
    """Yields (line, what) for all that is wrong in one source and is no stated exception."""
    for rule in CHECKS:
        for number, what in rule(source):
            if not source.is_exception(number):
                yield number, what


def project_files():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        names = listed.splitlines()
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, without git
        names = [str(path) for path in pathlib.Path(".").rglob("*")]
    skipped = re.compile(r"^(?:build|node_modules|\.git)/|/node_modules/")
    return [name for name in names if not name.startswith(SKIPPED) and not skipped.search(name)]


def read(name):
    path = pathlib.Path(name)
    kinds = {".h", ".cc", ".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".json", ".js", ".sql"}
    if path.is_symlink() or not path.is_file():
        return None
    if path.suffix not in kinds and name not in ("tools/dev", ".ci/run", ".clang-tidy"):
        return None
    return Source(name, path.read_text(errors="replace"))


def main(arguments):
    sources = [source for name in arguments or project_files() if (source := read(name))]
    found = [(source.path, number, what) for source in sources for number, what in check(source)]
    if not arguments:
        found += [(source.path, *rest) for source, *rest in check_unused_headers(sources)]
    for path, number, what in sorted(found):
        print(f"{path}:{number}: error: {what}")
    print(f"tidy: {len(sources)} files, {len(found)} errors", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

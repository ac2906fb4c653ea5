#!/usr/bin/env python3
"""Keeps the pages true: tools/docs.py [--update].

Every link from a page to a file, or to a heading of a page, must lead somewhere. Every block of
code below a line such as

    <!-- quote examples/hello/main.cc#handler -->

must be what stands in that file, whole or between `[handler]` and `[/handler]` in comments, so
that code in a page is code that is compiled and run. --update quotes anew.
"""
import pathlib
import re
import subprocess
import sys
import textwrap

QUOTE = re.compile(r"^<!-- quote (?P<file>[^#\s]+)(?:#(?P<region>[\w-]+))? -->\n"
                   r"(?P<fence>```\w*\n)(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)


def pages():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = [pathlib.Path(name) for name in listed.splitlines()]
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, without git
        found = [p for p in pathlib.Path(".").rglob("*.md") if p.parts[0] != "build"]
    return [page for page in found if page.is_file()]


def region_of(text, region):
    """Returns the lines between `[region]` and `[/region]`, moved to the left, or None."""
    if region is None:
        return text
    found = re.search(rf"^[^\n]*\[{region}\][^\n]*\n(.*?)^[^\n]*\[/{region}\]", text,
                      re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found[1]) if found else None


def anchors(text):
    """Returns the anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ +(.*?) *#*$", FENCED.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in plain}


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def check_links(page, text):
    prose = FENCED.sub(lambda match: "\n" * match[0].count("\n"), text)
    prose = re.sub(r"`[^`\n]*`", "", prose)
    for match in LINK.finditer(prose):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists():
            yield line_of(prose, match.start()), f"link to {name}, which does not exist"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
            yield line_of(prose, match.start()), f"link to #{anchor}, a heading that is not there"


def check_quotes(text):
    """Yields (match, line, code that should stand there or None, what is wrong)."""
    for match in QUOTE.finditer(text):
        line = line_of(text, match.start())
        source = pathlib.Path(match["file"])
        code = region_of(source.read_text(), match["region"]) if source.is_file() else None
        if code is None:
            place = match["file"] + ("#" + match["region"] if match["region"] else "")
            yield match, line, None, f"quotes {place}, which does not exist"
        elif code.strip("\n") != match["code"].strip("\n"):
            yield match, line, code, f"differs from {match['file']} (./dev docs --update)"


def updated(text):
    """Returns the page with every block quoted anew."""
    for match, _, code, _ in reversed(list(check_quotes(text))):
        if code is not None:
            start, end = match.span("code")
            text = text[:start] + code.strip("\n") + "\n" + text[end:]
    return text


def main(arguments):
    if arguments not in ([], ["--update"]):
        print("usage: tools/docs.py [--update]", file=sys.stderr)
        return 2
    errors = 0
    for page in pages():
        text = page.read_text()
        if arguments and updated(text) != text:
            text = updated(text)
            page.write_text(text)
            print(f"{page}: quoted anew")
        found = [(line, what) for _, line, _, what in check_quotes(text)]
        for line, what in sorted(found + list(check_links(page, text))):
            print(f"{page}:{line}: error: {what}")
            errors += 1
    print(f"docs: {len(pages())} pages, {errors} errors", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

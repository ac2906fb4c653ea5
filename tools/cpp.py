"""Enough of C++'s grammar to find functions and types in formatted sources, and no more."""
import re

_TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|(?:u8|[uUL])?R"(?P<tag>[^()\s\\"]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)
_INCLUDE = re.compile(r'^\s*#\s*include\b')


def without_comments_and_strings(text):
    """Returns `text` with comments and the insides of literals blank; lines stay where they are."""

    def blank(match):
        token = match[0]
        line_start = text.rfind("\n", 0, match.start()) + 1
        if token[0] == '"' and _INCLUDE.match(text[line_start:match.start()]):
            return token
        inside = re.sub(r"[^\n]", " ", token)
        return inside if token.startswith(("//", "/*")) else '"' + inside[1:-1] + '"'

    return _TOKENS.sub(blank, text)


def _is_scope(header):
    bare = re.sub(r"\btemplate\s*<.*?>\s*(?=\w)|alignas\s*\([^)]*\)", "", header)
    return "(" not in bare and re.search(r"\b(?:namespace|class|struct|union|enum|extern)\b", bare)


def _is_function(header):
    if "(" not in header or re.search(r"[=,(]$|\breturn$", header):
        return False
    # `Log::Log(int size) : size_` opens a member's initializer, not yet the body.
    return not (re.search(r"[\w>]$", header)
                and re.search(r"\)\s*(?:noexcept\s*)?:(?!:)", header))


def _blocks(lines):
    """Yields (kind, first line, last line, enclosing kinds) of the blocks outside functions."""
    stack, header, header_line, parens, in_macro = [], "", 0, 0, False
    for number, line in enumerate(lines, 1):
        if in_macro or line.lstrip().startswith("#"):
            in_macro = line.rstrip().endswith("\\")
            continue
        for character in line:
            in_function = bool(stack) and stack[-1][0] in ("function", "inner")
            if character == "{":
                text = header.strip()
                if in_function:
                    kind = "inner"
                elif parens == 0 and _is_scope(text):
                    kind = "scope"
                elif parens == 0 and _is_function(text):
                    kind = "function"
                else:
                    kind = "initializer"
                stack.append((kind, header_line or number, header, text))
                header = ""
                continue
            if character == "}" and stack:
                kind, first, before, text = stack.pop()
                if kind in ("scope", "function"):
                    yield kind, first, number, [entry[3] for entry in stack], text
                    header, header_line = "", 0
                elif kind == "initializer":
                    header = before + "{}"
                continue
            if in_function:
                continue
            parens += (character == "(") - (character == ")")
            if character == ";" and parens == 0:
                header, header_line = "", 0
            elif not character.isspace() or header:
                header = header + character
                header_line = header_line or number
                if header in ("public:", "private:", "protected:"):
                    header, header_line = "", 0
        if header:
            header += " "


def functions(code):
    """Returns (first line, last line) of every function with a body, its head included."""
    return [(first, last) for kind, first, last, _, _ in _blocks(code) if kind == "function"]


def types_at_namespace_level(code):
    """Returns the lines of class, struct, union and enum definitions directly in a namespace."""
    found = []
    for kind, first, last, around, text in _blocks(code):
        if kind != "scope" or re.match(r"(?:inline )?namespace\b|extern\b", text):
            continue
        if any(not re.match(r"(?:inline )?namespace\b", outer) for outer in around):
            continue
        if "struct std::" in text:  # a specialization of the standard's, such as its hash
            continue
        if any(re.search(r"\bdetail\b", outer) for outer in around):
            continue
        at = next(n for n in range(first, last + 1)
                  if re.search(r"\b(?:class|struct|union|enum)\b",
                               re.sub(r"template\s*<.*?>", "", code[n - 1])))
        found.append(at)
    return found

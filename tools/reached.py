#!/usr/bin/env python3
"""Checks that tests came through every named state.

usage: reached.py LIST DIRECTORY

LIST is tests/planted/reached.txt; DIRECTORY has a file for each state that a test came through,
left there because TIDINGS_REACHED named it. A state that no test comes through is a failure.
"""

import pathlib
import sys


def listed(text):
    """The names in a list of states: the first word of each line that is no comment."""
    lines = (line.split("#")[0].split() for line in text.splitlines())
    return [words[0] for words in lines if words]


def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    names = listed(pathlib.Path(arguments[0]).read_text())
    found = {path.name for path in pathlib.Path(arguments[1]).iterdir()}
    missed = [name for name in names if name not in found]
    for name in missed:
        print(f"error: no test came through {name}\n"
              f"  hint: write one, or take the state out of the source and {arguments[0]}")
    print(f"reached: {len(names) - len(missed)} of {len(names)} states")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

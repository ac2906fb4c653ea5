#!/usr/bin/env python3
"""Runs suites of the test plan and says which of them held: tools/proof.py [suite...].

tests/proof/suites.txt says which program a suite is. A program is called with `--scale` and
`--seed`, tells on stderr how far it is, and on stdout, a line each:

    control caught: <a fault of ours, planted for this run>     and it was found
    control missed: <the same>                                  and it was not
    figure: <name> = <value>
    broken: <what should not be>
    verdict: passed, <how much of what>                         or: failed, ...

A suite has passed if the program ended well, said so, broke nothing, and caught every control. One
that missed a control, or had none, counts as not run: it would not have seen the fault either.
"""
import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
SUITES = ROOT / "tests" / "proof" / "suites.txt"
PASSED, FAILED, NOT_RUN = "passed", "FAILED", "NOT RUN"


@dataclasses.dataclass
class Suite:
    """A line of suites.txt."""
    name: str
    program: str
    arguments: list
    least: float  # The smallest scale at which it takes part.
    what: str


@dataclasses.dataclass
class Outcome:
    """What came of running a suite."""
    suite: Suite
    verdict: str
    amount: str = ""
    caught: list = dataclasses.field(default_factory=list)
    missed: list = dataclasses.field(default_factory=list)
    figures: dict = dataclasses.field(default_factory=dict)
    broken: list = dataclasses.field(default_factory=list)
    seconds: float = 0.0


def read_suites(path=SUITES):
    suites = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 4:
            sys.exit(f"error: {path}:{number}: a suite is `name | program | least scale | what`")
        program, *arguments = parts[1].split()
        suites.append(Suite(parts[0], program, arguments, float(parts[2]), parts[3]))
    return suites


def find_program(suite, build):
    """In the build directory, or, if it is a script, in the project."""
    for place in (build, ROOT):
        if (place / suite.program).is_file():
            return place / suite.program
    return None


def take_line(outcome, line):
    """Takes one line of a program's stdout into the outcome; returns what verdict it is, if any."""
    head, _, rest = line.strip().partition(": ")
    if head == "control caught":
        outcome.caught.append(rest)
    elif head == "control missed":
        outcome.missed.append(rest)
    elif head == "figure":
        name, _, value = rest.partition(" = ")
        outcome.figures[name] = value
    elif head == "broken":
        outcome.broken.append(rest)
    elif head == "verdict":
        verdict, _, outcome.amount = rest.partition(", ")
        return verdict
    return None


def judge(outcome, said, status):
    if status != 0 or said != PASSED or outcome.broken:
        return FAILED
    return PASSED if outcome.caught and not outcome.missed else NOT_RUN


def run(suite, build, scale, seed):
    outcome = Outcome(suite, NOT_RUN)
    program = find_program(suite, build)
    if program is None:
        outcome.amount = f"there is no {suite.program}; build it first"
        return outcome
    command = [str(program), *suite.arguments, "--scale", str(scale)]
    command += [] if seed is None else ["--seed", str(seed)]
    print(f"{suite.name}: {suite.what}", file=sys.stderr, flush=True)
    began = time.monotonic()
    said = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        for line in process.stdout:
            print("  " + line.rstrip(), flush=True)
            said = take_line(outcome, line) or said
    outcome.seconds = time.monotonic() - began
    outcome.verdict = judge(outcome, said, process.returncode)
    if said is None:
        outcome.amount = f"ended with status {process.returncode} and without a verdict"
    return outcome


def table(outcomes, scale):
    rows = [("suite", "what", f"scale {scale:g}", "verdict", "control", "seconds")]
    for outcome in outcomes:
        controls = len(outcome.caught) + len(outcome.missed)
        rows.append((outcome.suite.name, outcome.suite.what, outcome.amount, outcome.verdict,
                     f"{len(outcome.caught)} of {controls} caught" if controls else "none",
                     f"{outcome.seconds:.0f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in rows]


def choose(suites, names, scale):
    if not names:
        return [suite for suite in suites if scale >= suite.least]
    known = {suite.name.lower(): suite for suite in suites}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        sys.exit(f"error: there is no suite {unknown[0]}\n"
                 f"  hint: there are {', '.join(suite.name for suite in suites)}")
    return [known[name.lower()] for name in names]


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev proof", description="Runs the test plan's suites.")
    parser.add_argument("suites", nargs="*", help="such as T6; all of them without")
    parser.add_argument("--scale", type=float, default=1.0, help="of `each change` (1)")
    parser.add_argument("--seed", type=int, help="of what is drawn; the suite's own without")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "dev")
    parser.add_argument("--json", type=pathlib.Path, help="writes all outcomes to this file, too")
    given = parser.parse_args(arguments)
    if given.scale <= 0:
        sys.exit("error: --scale is more than 0")
    outcomes = [run(suite, given.build, given.scale, given.seed)
                for suite in choose(read_suites(), given.suites, given.scale)]
    print("\n".join(["", *table(outcomes, given.scale)]))
    for outcome in outcomes:
        for control in outcome.missed:
            print(f"{outcome.suite.name}: not caught: {control}")
        for broken in outcome.broken[:10]:
            print(f"{outcome.suite.name}: broken: {broken}")
    if given.json:
        given.json.write_text(json.dumps([dataclasses.asdict(one) for one in outcomes], indent=2))
    failed = sum(outcome.verdict != PASSED for outcome in outcomes)
    print(f"{len(outcomes) - failed} of {len(outcomes)} suites hold")
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

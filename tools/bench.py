#!/usr/bin/env python3
"""Runs the benchmarks: tools/bench.py <build directory> [--json] [--quick] [name]; a table each.

A benchmark is an executable called *_bench anywhere in the build directory. It is a Google
Benchmark program, or answers `--benchmark_format=json` in the same form: {"benchmarks": [{"name",
"real_time", "time_unit", and any counters}]}. With --json, all of it goes to stdout as one object.
With --quick all of it takes less than two minutes: good enough to see whether something broke.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

# What Google Benchmark says about each row besides the counters that a benchmark states.
KNOWN = {
    "name", "run_name", "run_type", "family_index", "per_family_instance_index", "repetitions",
    "repetition_index", "threads", "iterations", "real_time", "cpu_time", "time_unit", "label",
    "aggregate_name", "aggregate_unit", "error_occurred", "error_message",
}
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def programs(build, wanted):
    found = sorted(path for path in pathlib.Path(build).rglob("*_bench")
                   if path.is_file() and os.access(path, os.X_OK))
    return [path for path in found if re.search(wanted or "", path.name)]


def run(program, quick):
    """Returns what the program measured. Its own words go to stderr, so that one sees it work."""
    print(f"running {program.name}", file=sys.stderr)
    command = [program, "--benchmark_format=json"]
    if quick:
        # Google Benchmark's own; a program of another kind is told in its environment, too.
        command.append("--benchmark_min_time=0.05")
    environment = {**os.environ, **({"TIDINGS_BENCH_QUICK": "1"} if quick else {})}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"error: {program} ended with {done.returncode}")
    try:
        return json.loads(done.stdout)
    except ValueError as reason:
        raise SystemExit(f"error: {program} printed no JSON: {reason}") from None


def short(number):
    """1234567 -> 1.23 M; three digits that count."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(number) >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g}"


def time(row):
    """Returns the time of a row in the unit that suits it."""
    value = row["real_time"] * NANOSECONDS[row.get("time_unit", "ns")]
    for unit in ("s", "ms", "us"):
        if value >= NANOSECONDS[unit]:
            return f"{value / NANOSECONDS[unit]:.3g} {unit}"
    return f"{value:.3g} ns"


def table(result):
    """Returns the rows of one program's table, its head first."""
    rows = [row for row in result["benchmarks"]]
    counters = []
    for row in rows:
        counters += [key for key in row if key not in KNOWN and key not in counters]
    head = ["benchmark", "time"] + [key.replace("_per_second", "/s") for key in counters] + [""]
    body = []
    for row in rows:
        if row.get("error_occurred"):
            body.append([row["name"], "failed"] + [""] * len(counters) + [row["error_message"]])
            continue
        values = [short(row[key]) if key in row else "" for key in counters]
        body.append([row["name"], time(row)] + values + [row.get("label", "")])
    return [head] + body


def print_table(title, rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{title}")
    for index, row in enumerate(rows):
        first = row[0].ljust(widths[0])
        others = (cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1]))
        print("  " + "  ".join([first, *others, row[-1]]).rstrip())
        if index == 0:
            print("  " + "-" * (sum(widths[:-1]) + 2 * (len(widths) - 2)))


def main(arguments):
    as_json, quick = "--json" in arguments, "--quick" in arguments
    rest = [argument for argument in arguments if argument not in ("--json", "--quick")]
    if not 1 <= len(rest) <= 2 or any(argument.startswith("-") for argument in rest):
        print("usage: tools/bench.py <build directory> [--json] [--quick] [name]", file=sys.stderr)
        return 2
    chosen = programs(*rest, *[None] * (2 - len(rest)))
    if not chosen:
        print(f"error: no benchmark in {rest[0]} matches", file=sys.stderr)
        return 1
    results = {}
    for program in chosen:
        results[program.name] = run(program, quick)
        if not as_json:
            print_table(program.name, table(results[program.name]))
    if as_json:
        json.dump(results, sys.stdout, indent=2)
        print()
    failed = [row["name"] for result in results.values() for row in result["benchmarks"]
              if row.get("error_occurred")]
    if failed:
        print(f"error: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""T2B: a seed is the same run, to the last byte of every file, in every build.

Runs tests/planted/sim_hashes of build/dev twice, in two processes whose memory lies elsewhere, and
compares what it prints; at full scale also with builds that g++ made without optimisation and that
clang++ made with all of it. Prints the lines that tools/proof.py reads.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = "tests/planted/sim_hashes"
# Name, compiler, build type, flags.
BUILDS = [("g++ -O0", ["g++"], "-O0"),
          ("clang++ -O3", ["clang++-19", "clang++-14", "clang++"], "-O3")]


def hashes(build, arguments):
    done = subprocess.run([str(build / PROGRAM), *arguments], stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"error: {build / PROGRAM} ended with status {done.returncode}")
    return done.stdout.splitlines()


def differences(lines, others):
    found = [f"{line} | {other}" for line, other in zip(lines, others) if line != other]
    if len(lines) != len(others):
        found.append(f"{len(lines)} lines | {len(others)} lines")
    return found


def make(name, compilers, flags):
    """Builds the one program, or says why not."""
    compiler = next((found for found in map(shutil.which, compilers) if found), None)
    if compiler is None:
        return None, f"no {compilers[0]} is installed"
    build = ROOT / "build" / ("determinism-" + name.replace(" ", "").replace("+", "p"))
    options = ["-DTIDINGS_BUILD_TESTS=ON", "-DTIDINGS_BUILD_BENCH=OFF",
               "-DCMAKE_BUILD_TYPE=RelWithDebInfo", f"-DCMAKE_CXX_FLAGS_RELWITHDEBINFO={flags}",
               f"-DCMAKE_CXX_COMPILER={compiler}"]
    if shutil.which("ccache"):
        options.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    for command in (["cmake", "-G", "Ninja", "-S", str(ROOT), "-B", str(build), *options],
                    ["cmake", "--build", str(build), "-j", str(os.cpu_count()), "--target",
                     "sim_hashes"]):
        print(f"  {name}: {' '.join(command[:3])} ...", file=sys.stderr, flush=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            return None, "the build failed:\n" + "\n".join(done.stdout.splitlines()[-15:])
    return build, None


class Comparison:
    """Counts and prints what differs."""

    def __init__(self):
        self.broken = 0

    def compare(self, what, lines, others):
        for difference in differences(lines, others)[:5]:
            self.broken += 1
            print(f"broken: {what}: {difference}", flush=True)


def main(arguments):
    parser = argparse.ArgumentParser(prog="tools/determinism.py")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "dev")
    given = parser.parse_args(arguments)
    markets, shops = max(10, round(500 * given.scale)), max(1, round(40 * given.scale))
    runs = ["--first", str(given.seed), "--markets", str(markets), "--shops", str(shops)]

    careless = ["--markets", "1", "--shops", "0", "--careless"]
    caught = differences(hashes(given.build, careless), hashes(given.build, careless))
    print(f"control {'caught' if caught else 'missed'}: a trace that takes in an address")
    comparison = Comparison()
    lines = hashes(given.build, runs)
    comparison.compare("run twice", lines, hashes(given.build, runs))
    builds = 1
    for name, compilers, flags in BUILDS if given.scale >= 1 else []:
        build, problem = make(name, compilers, flags)
        if build is None:
            comparison.broken += 1
            print(f"broken: {name}: {problem}")
            continue
        builds += 1
        comparison.compare(name, lines, hashes(build, runs))
    print(f"verdict: {'failed' if comparison.broken else 'passed'}, {markets} markets and {shops} "
          f"shops twice, in {builds} builds")
    return 1 if comparison.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""What generated C++ costs to build, for each event type.

    contract_build.py TIDINGSC [CXX]

Makes 100 event types of ten fields each in ten domains, generates their C++, and compiles it as the
default build does. Prints processor seconds, so that what else runs hardly matters.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOMAINS = 10
EVENTS = 10
CONTRACT = """event: {domain}.part{number}_created
version: 1.0.0
owner: {domain}-service
consumers: [other-service]
key: orderId
summary: A part of an order was created.
published: Always.
expected: Nothing.
data:
  type: object
  required: [orderId, total, createdAt, items{number}]
  properties:
    orderId: {{ type: string, format: uuid }}
    total: {{ type: string, format: money }}
    createdAt: {{ type: string, format: date-time }}
    isPaid: {{ type: boolean }}
    attempts: {{ type: integer, minimum: 0 }}
    weight: {{ type: number, exclusiveMinimum: 0 }}
    state{number}: {{ type: string, enum: [open, closed, lost] }}
    note: {{ type: [string, 'null'], maxLength: 200 }}
    city: {{ type: string, minLength: 1 }}
    items{number}:
      type: array
      items:
        type: object
        required: [sku, quantity]
        properties:
          sku: {{ type: string, pattern: '^[a-z]+-[0-9]+$' }}
          quantity: {{ type: integer, minimum: 1 }}
          price: {{ type: string, format: money }}
examples:
  - orderId: 5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11
    total: '1.00'
    createdAt: 2026-11-23T10:00:00Z
    items{number}: []
"""


def seconds(*command):
    """Runs a command; returns the processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_contracts(folder):
    for domain in (f"d{chr(ord('a') + i)}" for i in range(DOMAINS)):
        (folder / domain).mkdir(parents=True)
        for number in range(EVENTS):
            path = folder / domain / f"part{number}_created.v1.yaml"
            path.write_text(CONTRACT.format(domain=domain, number=number))


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    compiler = arguments[1] if len(arguments) == 2 else "c++"
    flags = ["-std=c++20", "-O2", "-g", "-I", ROOT / "include"]
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        write_contracts(place / "contracts")
        made = seconds(arguments[0], "generate", "--contracts", place / "contracts", "--namespace",
                       "cost", "--out", place / "out")
        flags += ["-I", place / "out", "-c", "-o", "/dev/null"]
        sources = sorted((place / "out" / "contracts").glob("*.cc"))
        built = sum(seconds(compiler, *flags, source) for source in sources)
        lines = sum(len(source.read_text().splitlines()) for source in sources)
        user = place / "user.cc"
        user.write_text("#include <contracts/all.h>\n")
        used = seconds(compiler, *flags, user)
        headers = ("chrono", "map", "optional", "ostream", "string", "variant", "vector")
        user.write_text("".join(f"#include <{header}>\n" for header in headers))
        standard = seconds(compiler, *flags, user)
    count = DOMAINS * EVENTS
    print(f"{count} event types, {lines // count} lines of C++ each")
    print(f"generate:                        {made / count * 1000:6.1f} ms each")
    print(f"compile what is generated:       {built / count * 1000:6.1f} ms each")
    beyond = (used - standard) / count * 1000
    print(f"compile a user of all of them:   {used:6.2f} s, {beyond:.1f} ms each beyond the "
          f"standard's headers ({standard:.2f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

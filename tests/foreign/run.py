#!/usr/bin/env python3
"""Tests that hold what Tidings writes for others against the others' own readers.

    run.py install PLACE          installs package-lock.json's packages there, once
    run.py test PLACE FILE.mjs    runs a test of this folder with them

Exit status 77, with the reason, is a test that was skipped: there is no npm here, or it reaches no
registry that it trusts and that lets it in, and has nothing in its cache. Everything else that goes
wrong is a failure.
"""
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
NODE_MAJOR_MIN = 18
INSTALL_SECONDS_MAX = 400
MANIFEST = ("package.json", "package-lock.json", ".npmrc")
UNREACHABLE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED"
    r"|ERR_SOCKET_TIMEOUT|network timeout|E(?:401|403|407|502|503|504)\b"
    r"|SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|CERT_")


def skip(reason):
    print(f"skipped: {reason}")
    return SKIPPED


def missing_program():
    """Returns why nothing can be run here, or None."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"there is no {program} here (tools/setup.sh foreign installs it)"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major[1]) < NODE_MAJOR_MIN:
        return f"node is {version or 'broken'}, and version {NODE_MAJOR_MIN} or newer is wanted"
    return None


def stamp_of():
    texts = b"".join((HERE / name).read_bytes() for name in MANIFEST)
    return hashlib.sha256(texts).hexdigest()


def is_installed(place):
    stamp = place / "installed"
    return stamp.is_file() and stamp.read_text() == stamp_of()


def install(place):
    if reason := missing_program():
        return skip(reason)
    if is_installed(place):
        print("installed already")
        return 0
    place.mkdir(parents=True, exist_ok=True)
    for name in MANIFEST:
        shutil.copyfile(HERE / name, place / name)
    # A network that swallows all that is sent must not take longer than the test may.
    command = ["npm", "ci", "--prefer-offline", "--fetch-retries=1", "--fetch-timeout=60000"]
    try:
        ran = subprocess.run(command, cwd=place, capture_output=True, text=True,
                             timeout=INSTALL_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return skip(f"npm has not had the packages within {INSTALL_SECONDS_MAX} seconds")
    print(ran.stdout + ran.stderr)
    if ran.returncode != 0:
        if UNREACHABLE.search(ran.stderr):
            return skip("npm reaches no registry that it trusts and that lets it in, and its cache "
                        "does not hold the packages")
        return 1
    (place / "installed").write_text(stamp_of())
    return 0


def test(place, name):
    if reason := missing_program():
        return skip(reason)
    if not is_installed(place):
        return skip("the packages could not be installed; foreign.packages says why")
    for source in HERE.glob("*.mjs"):  # Beside node_modules, where imports are looked up.
        target = place / source.name
        if not target.is_file() or target.read_bytes() != source.read_bytes():
            partial = place / f"{source.name}.{name}"  # Tests run beside each other.
            shutil.copyfile(source, partial)
            partial.replace(target)
    return subprocess.run(["node", "--test", name], cwd=place).returncode


def main(arguments):
    match arguments:
        case ["install", place]:
            return install(pathlib.Path(place))
        case ["test", place, name]:
            return test(pathlib.Path(place), name)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

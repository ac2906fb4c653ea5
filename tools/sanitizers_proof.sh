#!/usr/bin/env bash
# T21: all tests under address and undefined behaviour sanitizer, and under the thread sanitizer. A
# program that reads beyond its memory, and one with a race, show that reports end a run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# planted <what> <flags> <file>: builds the program on stdin and expects it to be stopped.
planted() {
    cat >"$directory/planted.cc"
    g++ -std=c++20 -g -O1 -pthread "-fsanitize=$2" -fno-sanitize-recover=all \
        "$directory/planted.cc" -o "$directory/planted" 2>/dev/null
    local run=("$directory/planted")
    if setarch -R true 2>/dev/null; then run=(setarch -R "${run[@]}"); fi
    if "${run[@]}" >/dev/null 2>&1; then
        echo "control missed: $1"
    else
        echo "control caught: $1"
    fi
}

planted "a read beyond an array" address,undefined <<'END'
#include <vector>
int main(int argc, char**) { std::vector<int> v(3); return v.data()[argc + 2] * 0; }
END
planted "a race" thread <<'END'
#include <thread>
int shared = 0;
int main() {
    std::thread other{[] { for (int i = 0; i < 100000; ++i) ++shared; }};
    for (int i = 0; i < 100000; ++i) ++shared;
    other.join();
}
END

status=0
for preset in asan tsan; do
    ./dev "$preset" >"$directory/$preset.log" 2>&1 || status=$?
    echo "figure: $preset = $(tail -n 1 "$directory/$preset.log")"
    if [ "$status" -ne 0 ]; then
        tail -n 60 "$directory/$preset.log" >&2
        echo "broken: ./dev $preset fails"
        break
    fi
done
if [ "$status" -eq 0 ]; then
    echo "verdict: passed, all tests twice"
else
    echo "verdict: failed, all tests"
fi
exit "$status"

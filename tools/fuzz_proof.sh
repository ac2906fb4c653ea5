#!/usr/bin/env bash
# T20: every fuzzer runs for a while, `--scale` times 60 seconds each. A parser with a planted crash
# shows that what runs them would see one.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

scale=1
while [ $# -gt 0 ]; do
    case "$1" in
        --scale) scale=$2 && shift 2 ;;
        --seed) shift 2 ;;  # libFuzzer draws its own.
        *) echo "error: $1 is not known" >&2 && exit 2 ;;
    esac
done
seconds=$(awk -v scale="$scale" 'BEGIN { s = int(60 * scale); print s < 1 ? 1 : s }')

planted() {
    local directory compiler
    directory=$(mktemp -d)
    compiler=$(tools/fuzz.sh compiler)
    cat >"$directory/planted.cc" <<'END'
#include <cstddef>
#include <cstdint>
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 3 && data[0] == '{' && data[1] == '"' && data[2] == '}') __builtin_trap();
    return 0;
}
END
    "$compiler" -g -fsanitize=fuzzer "$directory/planted.cc" -o "$directory/planted" >&2
    if "$directory/planted" -max_total_time=60 -artifact_prefix="$directory/" >/dev/null 2>&1; then
        echo "control missed: a parser that crashes"
    else
        echo "control caught: a parser that crashes"
    fi
    rm -rf "$directory"
}

planted
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
./dev fuzz "$seconds" >"$log" 2>&1 || status=$?
grep -E '^[a-z_]+_fuzz: ' "$log" | sed 's/^/figure: /; s/: \([0-9]\)/ = \1/2' || true
count=$(grep -cE '^[a-z_]+_fuzz: ' "$log" || true)
if [ "$status" -eq 0 ]; then
    echo "verdict: passed, $count fuzzers for $seconds s each"
else
    tail -n 40 "$log" >&2
    grep -E '^error: ' "$log" | sed 's/^error: /broken: /' || true
    echo "verdict: failed, $count fuzzers for $seconds s each"
fi
exit "$status"

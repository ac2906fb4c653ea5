#!/usr/bin/env bash
# Fuzzing: `compiler` prints a clang++ that has libFuzzer; `run [target] [seconds]` runs what
# `./dev fuzz` has built, each from a copy of its corpus, so that the repository stays as it is.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

compiler() {
    local version probe='extern "C" int LLVMFuzzerTestOneInput(const char*, long) { return 0; }'
    for version in -{30..14} ""; do
        command -v "clang++$version" >/dev/null || continue
        if echo "$probe" | "clang++$version" -x c++ -fsanitize=fuzzer,address - -o /dev/null \
            2>/dev/null; then
            command -v "clang++$version"
            return
        fi
    done
    echo "error: there is no clang++ with libFuzzer" >&2
    echo "  hint: ./dev setup fuzz installs one (clang-19 and libclang-rt-19-dev)" >&2
    return 1
}

run() {
    local wanted="" seconds=5 found=0 broken=() target name artifacts=build/fuzz/artifacts
    for argument in "$@"; do
        case "$argument" in
            *[!0-9s]* | s*) wanted=$argument ;;
            *) seconds=${argument%s} ;;
        esac
    done
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT  # hence not local
    mkdir -p "$artifacts"
    while read -r target; do
        name=$(basename "$target")
        case "$name" in
            "${wanted:-$name}" | "${wanted:-$name}_fuzz") found=$((found + 1)) ;;
            *) continue ;;
        esac
        mkdir -p "$scratch/$name"
        if [ -d "tests/corpus/$name" ]; then cp -r "tests/corpus/$name/." "$scratch/$name"; fi
        echo "$name: $(find "$scratch/$name" -type f | wc -l) inputs, $seconds s"
        if ! "$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
            -artifact_prefix="$artifacts/$name-" "$scratch/$name" >"$scratch/$name.log" 2>&1; then
            tail -n 60 "$scratch/$name.log"
            broken+=("$name")
        else
            grep -E '^(Done|#[0-9]+.*DONE)' "$scratch/$name.log" | sed 's/^/    /'
        fi
    done < <(find build/fuzz -name '*_fuzz' -type f -perm -u+x | sort)
    if [ $found -eq 0 ]; then
        echo "error: there is no fuzzer '$wanted'; there are:" >&2
        find build/fuzz -name '*_fuzz' -type f -perm -u+x -printf '  %f\n' | sort >&2
        return 2
    fi
    if [ ${#broken[@]} -gt 0 ]; then
        echo "error: a fuzzer has found something: ${broken[*]}" >&2
        echo "  hint: mend it, and move the input from $artifacts/ to tests/corpus/<name>/" >&2
        return 1
    fi
    echo "$found fuzzers, nothing found"
}

"$@"

#!/usr/bin/env bash
# The checks of `./dev check` that run nothing: `style` (and `format`, which mends the half of it),
# and `clang-tidy [--all]` over build/check.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

sources() { git ls-files --cached --others --exclude-standard -- '*.h' '*.cc'; }

# Generated text is compared byte for byte elsewhere; its form is the generator's.
format() { sources | grep -v '^tests/golden/' | xargs -r -P "$(nproc)" -n 40 clang-format-14 "$@"; }

style() {
    local failed=0
    echo "clang-format" >&2
    if ! format --dry-run -Werror --ferror-limit=1 2>&1 | sed -n '/: error: /s/ \[-W.*//p'; then
        echo "  hint: ./dev format" >&2
        failed=1
    fi
    echo "layers, tidy, docs" >&2
    tools/layers.py include src src/layers.txt || failed=1
    tools/tidy.py || failed=1
    tools/docs.py || failed=1
    return $failed
}

clang_tidy() {
    local files base
    if [ "${1:-}" = --all ]; then
        files=$(sources)
    else
        base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
        files=$(git diff --name-only --diff-filter=d "$base" -- '*.cc' &&
            git ls-files --others --exclude-standard -- '*.cc')
    fi
    # Only what this build compiles: fuzzers and generated golden files have no command there.
    files=$(echo "$files" | sort -u | while read -r file; do
        if grep -qF "\"file\": \"$PWD/$file\"" build/check/compile_commands.json; then
            echo "$file"
        fi
    done)
    if [ -z "$files" ]; then
        echo "clang-tidy: no source differs from main (--all looks at every file)" >&2
        return
    fi
    echo "clang-tidy: $(echo "$files" | wc -l) files" >&2
    # Its standard error counts what is not shown.
    echo "$files" | xargs -P "$(nproc)" -n 1 clang-tidy-14 -p build/check --quiet \
        --warnings-as-errors='*' 2>/dev/null
}

case "${1:-}" in
    style) style ;;
    format) format -i ;;
    clang-tidy) shift && clang_tidy "$@" ;;
    *)
        echo "usage: tools/check.sh style | format | clang-tidy [--all]" >&2
        exit 2
        ;;
esac

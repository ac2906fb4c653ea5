#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are missing:
#     tools/setup.sh [build|check|fuzz|bench|foreign|all]
# Runs apt-get only if something is missing, so that it costs nothing the second time.
set -euo pipefail

# Of names joined by `|`, one is enough; the first that the distribution has is installed.
build=(
    g++ cmake ninja-build ccache pkg-config python3
    "libboost1.83-dev|libboost1.81-dev"
    catch2
    libbenchmark-dev libcli11-dev libfmt-dev libgtest-dev libre2-dev librapidcheck-dev
    libsimdjson-dev libspdlog-dev libsqlite3-dev libyaml-cpp-dev nlohmann-json3-dev
    prometheus-cpp-dev
)
check=(clang-format-14 clang-tidy-14)
fuzz=("clang-19|clang-18" "libclang-rt-19-dev|libclang-rt-18-dev")
# What benchmarks compare with.
bench=(rapidjson-dev libvalijson-dev)
# Who has these programs from elsewhere needs no package for them.
foreign=(json-schema-test-suite)
command -v node >/dev/null || foreign+=(nodejs)
command -v npm >/dev/null || foreign+=(npm)
command -v git >/dev/null || foreign+=(git)  # `tidings contract diff` reads revisions.

case "${1:-build}" in
    build) wanted=("${build[@]}") ;;
    check) wanted=("${build[@]}" "${check[@]}") ;;
    fuzz) wanted=("${build[@]}" "${fuzz[@]}") ;;
    bench) wanted=("${build[@]}" "${bench[@]}") ;;
    foreign) wanted=("${foreign[@]}") ;;
    all) wanted=("${build[@]}" "${check[@]}" "${fuzz[@]}" "${bench[@]}" "${foreign[@]}") ;;
    *)
        echo "error: there is no group of packages '$1'" >&2
        echo "  hint: there are: build, check, fuzz, bench, foreign, all" >&2
        exit 2
        ;;
esac

[ ${#wanted[@]} -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    if command -v cmake >/dev/null && command -v c++ >/dev/null; then exit 0; fi
    echo "error: packages are installed with apt-get, which is not here" >&2
    printf '  hint: install what your system calls these, then try again: %s\n' "${wanted[*]}" >&2
    exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
installed=" ${installed//$'\n'/ } "
missing=()
for choice in "${wanted[@]}"; do
    found=no
    for package in ${choice//|/ }; do
        case "$installed" in *" $package "*) found=yes ;; esac
    done
    [ $found = yes ] || missing+=("$choice")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "error: packages are missing, and there is no sudo to install them" >&2
        echo "  hint: as root: apt-get install --no-install-recommends ${missing[*]%%|*}" >&2
        exit 1
    }
    as_root=(sudo)
fi
as_root+=(env DEBIAN_FRONTEND=noninteractive)

candidate() { # <package>: whether apt-get could install it
    [[ $(apt-cache policy "$1" 2>/dev/null) =~ Candidate:\ [^\(] ]]
}
choose() { # fills `chosen`; fails if for something there is no candidate
    chosen=()
    for choice in "${missing[@]}"; do
        local taken=
        for package in ${choice//|/ }; do
            if [ -z "$taken" ] && candidate "$package"; then taken=$package; fi
        done
        if [ -z "$taken" ]; then
            unknown=$choice
            return 1
        fi
        chosen+=("$taken")
    done
}

echo "installing packages that are missing: ${missing[*]}" >&2
# Lists may be absent (a fresh container) or too old for what the mirror still has.
if ! choose; then
    "${as_root[@]}" apt-get update -q >&2
    choose || {
        echo "error: apt-get knows no package '${unknown//|/\' or \'}'" >&2
        echo "  hint: Debian 12 and Ubuntu 24.04 (with universe) have it" >&2
        exit 1
    }
fi
install=(apt-get install -q -y --no-install-recommends "${chosen[@]}")
"${as_root[@]}" "${install[@]}" >&2 || {
    "${as_root[@]}" apt-get update -q >&2
    "${as_root[@]}" "${install[@]}" >&2
}

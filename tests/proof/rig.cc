#include "rig.h"

#include <tidings/io/world.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace tidings::proof {

namespace {

constexpr Duration tell_every = 5s;
constexpr std::int64_t told_max = 20;

void say(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

}  // namespace

Rig::Rig(std::string_view suite, int argc, char** argv) {
    CLI::App app{fmt::format("Suite {} of the test plan; see tests/proof/README.md.", suite)};
    app.add_option("--scale", scale_, "how much, as a part of what each change gets")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", seed_, "what is drawn is drawn from it");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    began_ = told_ = io::real_world().monotonic();
}

std::int64_t Rig::amount(std::int64_t each_change, std::int64_t least) const {
    return std::max<std::int64_t>(least, std::llround(static_cast<double>(each_change) * scale_));
}

void Rig::progress(std::int64_t done, std::int64_t total, std::string_view of_what) {
    const TimePoint now = io::real_world().monotonic();
    if (now - told_ < tell_every) return;
    told_ = now;
    fmt::print(stderr, "  {} of {} {}, {:.0f} s\n", done, total, of_what, seconds());
    std::fflush(stderr);
}

void Rig::control(std::string_view fault, bool caught) {
    say(fmt::format("control {}: {}", caught ? "caught" : "missed", fault));
}

void Rig::figure(std::string_view name, std::string_view value) {
    say(fmt::format("figure: {} = {}", name, value));
}

void Rig::broken(std::string_view what) {
    if (++broken_ <= told_max) say(fmt::format("broken: {}", what));
}

double Rig::seconds() const {
    return std::chrono::duration<double>(io::real_world().monotonic() - began_).count();
}

int Rig::finish(std::string_view amount) {
    if (broken_ > told_max) say(fmt::format("broken: and {} more", broken_ - told_max));
    say(fmt::format("verdict: {}, {}", broken_ == 0 ? "passed" : "failed", amount));
    return broken_ == 0 ? 0 : 1;
}

}  // namespace tidings::proof

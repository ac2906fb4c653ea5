#include <tidings/sim/random.h>
#include <tidings/testing/faults.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace tidings::sim {
namespace {

struct Known {
    FaultKind kind;
    std::string_view name;
    double usual_rate;
};

constexpr std::array<Known, fault_kinds> known{{
    {FaultKind::late, "late", 0.1},
    {FaultKind::repeated, "repeated", 0.1},
    {FaultKind::dropped, "dropped", 0.05},
    {FaultKind::answer_lost, "answer_lost", 0.05},
    {FaultKind::reply_lost, "reply_lost", 0.05},
    {FaultKind::outage, "outage", 0.2},
    {FaultKind::crash, "crash", 0.5},
    {FaultKind::all_killed, "all_killed", 0.1},
    {FaultKind::power_loss, "power_loss", 0.1},
    {FaultKind::read_error, "read_error", 0.05},
    {FaultKind::write_error, "write_error", 0.05},
    {FaultKind::flush_error, "flush_error", 0.05},
    {FaultKind::disk_full, "disk_full", 0.05},
    {FaultKind::slow_disk, "slow_disk", 0.1},
    {FaultKind::clock_jump, "clock_jump", 0.2},
    {FaultKind::clock_drift, "clock_drift", 0.1},
    {FaultKind::dependency_slow, "dependency_slow", 0.2},
    {FaultKind::dependency_failing, "dependency_failing", 0.2},
    {FaultKind::dependency_hanging, "dependency_hanging", 0.1},
}};

Error wrong_line(std::size_t number, std::string_view why) {
    return Error{ErrorCode::invalid_argument, fmt::format("schedule, line {}: {}", number, why),
                 "a line is `seed N`, `skip N N...` or a fault and its name=value pairs"};
}

/// Takes the next word off `text`; empty at its end.
std::string_view next_word(std::string_view& text) {
    const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

/// Reads `7`, or `7-9` for 7, 8 and 9.
bool read_range(std::string_view text, std::vector<std::uint64_t>& into) {
    constexpr std::uint64_t range_max = 1'000'000;
    const std::size_t dash = std::min(text.find('-'), text.size());
    std::uint64_t first = 0;
    if (!read_number(text.substr(0, dash), first)) return false;
    std::uint64_t last = first;
    if (dash < text.size() && !read_number(text.substr(dash + 1), last)) return false;
    if (last < first || last - first > range_max) return false;
    for (std::uint64_t one = first; one <= last; ++one) into.push_back(one);
    return true;
}

std::string to_ranges(const std::vector<std::uint64_t>& sorted) {
    std::string text;
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t last = i;
        while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
        text += last == i ? fmt::format(" {}", sorted[i])
                          : fmt::format(" {}-{}", sorted[i], sorted[last]);
        i = last + 1;
    }
    return text;
}

bool read_milliseconds(std::string_view text, std::chrono::milliseconds& duration) {
    std::int64_t count = 0;
    if (!text.ends_with("ms") || !read_number(text.substr(0, text.size() - 2), count)) return false;
    duration = std::chrono::milliseconds{count};
    return true;
}

bool read_field(std::string_view name, std::string_view value, Incident& incident) {
    if (name == "target") {
        incident.target = value;
    } else if (name == "event") {
        incident.event = value;
    } else if (name == "operation") {
        return read_number(value, incident.operation);
    } else if (name == "after") {
        return read_number(value, incident.after);
    } else if (name == "life") {
        return read_number(value, incident.life);
    } else if (name == "amount") {
        return read_number(value, incident.amount);
    } else if (name == "drift") {
        return read_number(value, incident.drift_ppm);
    } else if (name == "at") {
        return read_milliseconds(value, incident.at);
    } else if (name == "lasts") {
        return read_milliseconds(value, incident.lasts);
    } else {
        return false;
    }
    return true;
}

std::optional<FaultKind> find_kind(std::string_view name) {
    for (const Known& one : known) {
        if (one.name == name) return one.kind;
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(FaultKind kind) noexcept {
    return known[static_cast<std::size_t>(kind)].name;
}

bool is_of_one_event(FaultKind kind) noexcept { return kind <= FaultKind::reply_lost; }

std::string to_string(const Incident& incident) {
    std::string line{to_string(incident.kind)};
    const auto add = [&line](std::string_view name, const auto& value, std::string_view unit = "") {
        line += fmt::format(" {}={}{}", name, value, unit);
    };
    if (!incident.target.empty()) add("target", incident.target);
    if (incident.operation != 0) add("operation", incident.operation);
    if (incident.at.count() != 0) add("at", incident.at.count(), "ms");
    if (!incident.event.empty()) add("event", incident.event);
    if (incident.life != 0) add("life", incident.life);
    if (incident.after != 0) add("after", incident.after);
    if (incident.lasts.count() != 0) add("lasts", incident.lasts.count(), "ms");
    if (incident.amount != 0) add("amount", incident.amount);
    if (incident.drift_ppm != 0) add("drift", incident.drift_ppm);
    return line;
}

Result<Schedule> Schedule::parse(std::string_view text) {
    Schedule schedule;
    std::size_t number = 0;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        ++number;
        const std::string_view first = next_word(line);
        if (first.empty() || first.front() == '#') continue;
        if (first == "seed") {
            if (!read_number(next_word(line), schedule.seed)) return wrong_line(number, "no seed");
            continue;
        }
        if (first == "skip") {
            for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
                if (!read_range(word, schedule.skipped_calls)) {
                    return wrong_line(number, fmt::format("'{}' is no number", word));
                }
            }
            continue;
        }
        const std::optional<FaultKind> kind = find_kind(first);
        if (!kind) return wrong_line(number, fmt::format("there is no fault '{}'", first));
        Incident incident{.kind = *kind};
        for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
            const std::size_t equals = std::min(word.find('='), word.size());
            const auto value = word.substr(std::min(equals + 1, word.size()));
            if (!read_field(word.substr(0, equals), value, incident)) {
                return wrong_line(number, fmt::format("'{}' says nothing here", word));
            }
        }
        schedule.incidents.push_back(std::move(incident));
    }
    std::sort(schedule.skipped_calls.begin(), schedule.skipped_calls.end());
    return schedule;
}

std::string Schedule::to_text() const {
    std::string text = fmt::format("seed {}\n", seed);
    if (!skipped_calls.empty()) text += "skip" + to_ranges(skipped_calls) + '\n';
    for (const Incident& incident : incidents) text += to_string(incident) + '\n';
    return text;
}

Faults Faults::all() {
    Faults faults;
    for (const Known& one : known) faults.with(one.kind);
    return faults;
}

Faults Faults::swarm() {
    Faults faults = all();
    faults.swarm_ = true;
    return faults;
}

Faults Faults::only(std::initializer_list<FaultKind> kinds) {
    Faults faults;
    for (const FaultKind kind : kinds) faults.with(kind);
    return faults;
}

Faults& Faults::with(FaultKind kind, double rate) {
    rates_[static_cast<std::size_t>(kind)] = rate;
    return *this;
}

Faults& Faults::with(FaultKind kind) {
    return with(kind, known[static_cast<std::size_t>(kind)].usual_rate);
}

Faults& Faults::scaled(double factor) {
    for (const Known& one : known) {
        const double rate_now = rate(one.kind) * factor;
        with(one.kind, is_of_one_event(one.kind) ? std::min(rate_now, 0.5) : rate_now);
    }
    return *this;
}

Faults& Faults::within(Duration from, Duration until) {
    from_ = from;
    until_ = until;
    return *this;
}

Faults& Faults::add(Incident incident) {
    script_.push_back(std::move(incident));
    return *this;
}

Faults Faults::for_seed(std::uint64_t seed) const {
    if (!swarm_) return *this;
    constexpr std::array<double, 5> factors{0.25, 0.5, 1, 2, 4};
    Faults drawn = *this;
    drawn.swarm_ = false;
    Random random = Random{seed}.split("swarm");
    for (const Known& one : known) {
        // Both are drawn in any case, so that a kind more or less changes no other.
        const bool is_there = random.chance(0.5);
        const double factor = factors[random.below(factors.size())];
        const double drawn_rate = rate(one.kind) * factor;
        drawn.with(one.kind, is_there ? drawn_rate : 0);
    }
    return drawn;
}

}  // namespace tidings::sim

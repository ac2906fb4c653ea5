#include "testing/flow_impl.h"

namespace tidings {

namespace {

using Kind = Expectation::Kind;

/// Times within a flow are right to this much: moments have gone by.
constexpr Duration tolerance = 2s;

}  // namespace

std::string Flow::Impl::timer_difference(const Expectation& expected, StoreTransaction& tx) {
    const std::string called = "timer " + expected.name + ' ' + expected.key;
    for (const SetTimer& timer : Snapshot::of(tx).timers) {
        if (timer.kind != expected.name || timer.key != expected.key) continue;
        const Duration left = timer.due - world.now();
        if (expected.kind == Kind::no_timer) {
            return called + ": expected not to be set, is to go off in " + in_words(left) + '\n';
        }
        if (left <= expected.after && left > expected.after - tolerance) return {};
        return called + ": expected in " + in_words(expected.after) + ", is in " + in_words(left) +
               '\n';
    }
    if (expected.kind == Kind::no_timer) return {};
    return called + ": expected in " + in_words(expected.after) + ", is not set\n";
}

std::string Flow::Impl::dead_letter_difference(const Expectation& expected,
                                               StoreTransaction& tx) const {
    std::string others_dead;
    Rows rows = tx.query("SELECT type, error_code, error FROM tidings_held WHERE state = 3");
    while (rows.next()) {
        const Row row = rows.row();
        const auto code = static_cast<ErrorCode>(row.integer(1));
        if (row.text(0) == expected.name && code == expected.error) return {};
        others_dead.append("      ").append(row.text(0)).append(" ").append(to_string(code));
        others_dead.append(": ").append(row.text(2)).append("\n");
    }
    return "dead letter: expected " + expected.name + ", given up for " +
           std::string{to_string(expected.error)} + "\n    among\n" +
           (others_dead.empty() ? "      nothing\n" : others_dead);
}

std::string Flow::Impl::asked_difference(const Expectation& expected) const {
    std::vector<Fact> asked;
    const auto found = outside->asked.find(expected.name);
    if (found != outside->asked.end()) {
        for (const EffectRequest& request : found->second) {
            asked.push_back({request_name(request.name, request.subject), request.request});
        }
    }
    const std::vector<ExpectedFact> wanted{
        {request_name(expected.name, expected.key), expected.json, expected.ignored}};
    return list_difference("requested", wanted, asked, true);
}

std::string Flow::Impl::difference(const Expectation& expected) {
    if (expected.wrong) {
        return "an expected " + expected.name + " can never be: " + expected.wrong->message + '\n';
    }
    switch (expected.kind) {
        case Kind::published:
        case Kind::and_more:
            return {};  // All together, and always so.
        case Kind::never_published: {
            for (std::size_t i = forgotten; i < published.size(); ++i) {
                if (published[i].name != expected.name) continue;
                return "published, and should not: " + published[i].text() + '\n';
            }
            return {};
        }
        case Kind::requested:
            return asked_difference(expected);
        case Kind::replied:
            return "replied: a flow's call returns its reply\n";
        default:
            break;
    }
    if (expected.service.empty()) {
        return "of which service is " + expected.name + "? say in(\"...-service\", ...)\n";
    }
    const FlowService& service = find(expected.service);
    if (!service.is_up()) return service.name() + " is down\n";
    const auto reader = service.host().reader(service.name()).value();
    std::string text;
    if (expected.read) {
        text = row_difference(expected, *reader);
    } else if (expected.kind == Kind::dead_letter) {
        text = dead_letter_difference(expected, *reader);
    } else {
        text = timer_difference(expected, *reader);
    }
    return text.empty() ? text : service.name() + ": " + text;
}

std::string Flow::Impl::unaccounted() const {
    std::string text;
    for (const auto& service : services) {
        if (!service->is_up()) continue;
        const std::int64_t count = service->status().unaccounted();
        if (count == 0) continue;
        text += service->name() + ": " + std::to_string(count) + " events are unaccounted for\n";
    }
    return text;
}

CaseVerdict Flow::Impl::verdict(std::string differences) const {
    if (differences.empty()) return CaseVerdict{{}};
    differences += "what happened\n";
    for (const std::string& line : story) differences += "  " + line + '\n';
    return CaseVerdict{std::move(differences)};
}

}  // namespace tidings

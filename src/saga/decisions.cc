#include "saga/decisions.h"

#include <tidings/base/text.h>

#include "delivery/dead_letter_rows.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace tidings {

namespace {

/// Where an instance stands, for the audit record.
std::string standing(const SagaProgress* progress) {
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    writer.name("status");
    writer.text(progress == nullptr ? "not done yet" : to_string(progress->status));
    if (progress != nullptr) {
        std::string steps;
        for (const SagaStepState state : progress->steps) steps += static_cast<char>(state);
        writer.name("steps");
        writer.text(steps);
    }
    writer.end_object();
    return out;
}

}  // namespace

std::string_view to_string(SagaAct act) noexcept {
    return act == SagaAct::made_good ? "made-good" : "undo-again";
}

std::string_view to_string(SagaStatus status) noexcept {
    switch (status) {
        case SagaStatus::running:
            return "running";
        case SagaStatus::compensating:
            return "compensating";
        case SagaStatus::completed:
            return "completed";
        case SagaStatus::compensated:
            return "compensated";
        case SagaStatus::needs_operator:
            return "needs_operator";
    }
    return "unknown";
}

std::size_t check_decision(const SagaDecision& decision, const SagaProgress& progress,
                           const Actor& actor) {
    check_actor(actor, decision.act == SagaAct::made_good);
    const std::optional<std::size_t> undoing = progress.undoing();
    const std::string name = fmt::format("saga {} {}", decision.saga, quote(decision.key));
    if (!undoing) {
        throw Failure{{ErrorCode::conflict,
                       fmt::format("{} waits for no compensation: it is {}", name,
                                   to_string(progress.status)),
                       "look at it again: tidings sagas show"}};
    }
    if (decision.step != 0 && decision.step != *undoing + 1) {
        throw Failure{{ErrorCode::conflict,
                       fmt::format("{} has gone on meanwhile: step {} is being undone, not {}",
                                   name, *undoing + 1, decision.step),
                       "look at it again: tidings sagas show"}};
    }
    return *undoing;
}

void record_decision(StoreTransaction& tx, const SagaDecision& decision, std::size_t step,
                     const Actor& actor, Timestamp now, const SagaProgress& before,
                     const SagaProgress* after) {
    AuditEntry entry;
    entry.at = now;
    entry.who = actor.who;
    entry.why = actor.why;
    entry.act = to_string(decision.act);
    entry.chosen = fmt::format("{} {} step {}", decision.saga, decision.key, step + 1);
    entry.type = decision.saga;
    entry.key = decision.key;
    entry.before = standing(&before);
    entry.after = standing(after);
    write_audit(tx, std::move(entry));
}

std::string decision_timer_kind(std::string_view saga) {
    return "saga-decision:" + std::string{saga};
}

std::string write_decision(SagaAct act, std::size_t step) {
    return fmt::format("{} {}", to_string(act), step + 1);
}

std::optional<SagaDecision> read_decision(std::string_view text) {
    for (const SagaAct act : {SagaAct::made_good, SagaAct::undo_again}) {
        const std::string_view name = to_string(act);
        if (!text.starts_with(name) || text.size() <= name.size() + 1) continue;
        SagaDecision decision;
        decision.act = act;
        const char* end = text.data() + text.size();
        const auto [rest, error] =
            std::from_chars(text.data() + name.size() + 1, end, decision.step);
        if (error == std::errc{} && rest == end) return decision;
    }
    return std::nullopt;
}

}  // namespace tidings

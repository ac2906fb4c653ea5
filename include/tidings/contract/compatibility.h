#pragma once

#include <tidings/contract/contract.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// How much a change asks of those whom it concerns, and so which part of the version it raises.
enum class ChangeLevel : std::uint8_t {
    none,      ///< It does not concern them.
    patch,     ///< Words only.
    minor,     ///< What was right stays right; there is something new.
    breaking,  ///< What was right may be wrong now: a new major version.
};

/// Returns the enumerator's own name, e.g. `breaking`.
std::string_view to_string(ChangeLevel level) noexcept;

/// One difference between two versions of a contract.
///
/// Producers and consumers are not deployed at one moment, and a log keeps what was published: so
/// events of either version are read by programs of both. For *producers* a change is breaking if
/// an event that kept the old contract can break the new one: what old programs still publish, and
/// what lies in the log, would be refused. For *consumers* it is breaking if an event that keeps
/// the new contract can break the old one: programs built on that would refuse it.
struct ContractChange {
    std::string field;  ///< Where in the event's data, e.g. `/items/*/quantity`; empty: the event.
    std::string what;   ///< What is different: `is required now`.
    ChangeLevel for_producers = ChangeLevel::none;
    ChangeLevel for_consumers = ChangeLevel::none;
    std::string why;  ///< Whom it hurts and how; empty for a patch.

    ChangeLevel level() const noexcept { return std::max(for_producers, for_consumers); }
};

/// What one event type and major version has become.
struct ContractDifference {
    std::string event;
    int major = 1;
    std::optional<SchemaVersion> before;  ///< Nothing: it is new.
    std::optional<SchemaVersion> after;   ///< Nothing: it is gone.
    std::vector<ContractChange> changes;  ///< The worst first.
    /// The smallest version that says what has changed. Equals `before` if nothing has.
    SchemaVersion demanded;

    ChangeLevel level() const noexcept;
    /// Whether the version that is stated is large enough.
    bool is_honest() const noexcept;
};

/// Compares two versions of one contract, of the same event and major version.
ContractDifference compare_contracts(const Contract& before, const Contract& after);

/// Compares two sets: every event type and major version that one of them has and that differs,
/// by name. A major version may go once two newer ones are there, or the newest retires it; an
/// event type never goes without breaking somebody.
std::vector<ContractDifference> compare_contracts(const ContractSet& before,
                                                  const ContractSet& after);

}  // namespace tidings

#pragma once

#include <tidings/base/result.h>
#include <tidings/io/world.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::cli {

/// What is known of a service's use of a field.
enum class FieldUse { used, unused, unknown };

/// Returns the enumerator's own name.
std::string_view to_string(FieldUse use) noexcept;

/// Which fields the services use of the events that they handle, as their contract tests saw it.
class ContractUsage {
public:
    /// A service that handles an event type, and what it does with one field of it.
    struct Consumer {
        std::string service;
        FieldUse use;
    };

    /// Reads every `*.json` of a directory. Errors: `not_found`, `contract_violation`.
    static Result<ContractUsage> read(io::FileSystem& files, const std::string& directory);

    /// The services that handle an event type and major version, by name. `field` as a change
    /// names it; empty stands for the event, which all of them use.
    std::vector<Consumer> consumers(std::string_view event, int major,
                                    std::string_view field) const;

private:
    struct Handled {
        std::string service;
        std::string event;
        int major = 1;
        std::set<std::string> uses;
        std::set<std::string> unknown;
    };
    Result<void> add(const std::string& json);

    std::vector<Handled> handled_;
};

}  // namespace tidings::cli

#include "dead_letter_targets.h"

#include <tidings/base/text.h>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tidings::cli {

namespace {

/// Looks what is meant in one service; nothing if nothing of it is there.
Result<std::optional<Target>> look(const Directory& directory, const std::string& service,
                                   const DeadLetterOptions& options) {
    std::optional<Target> found;
    const auto read = directory.read(service, [&](StoreTransaction& tx) {
        const DeadLetters letters{tx};
        Target target{service, 0, {}};
        for (const std::int64_t position : options.positions) {
            if (letters.find(position)) ++target.chosen;
        }
        if (options.positions.empty()) {
            for (DeadLetterGroup& group : letters.groups()) {
                if (!options.all && !group.id.starts_with(options.group)) continue;
                target.chosen += group.count;
                target.groups.push_back(std::move(group));
            }
        }
        if (target.chosen > 0) found = std::move(target);
    });
    if (!read) return read.error();
    return found;
}

Error nothing_meant(const DeadLetterOptions& options) {
    if (options.all) return {ErrorCode::not_found, "there are no dead letters"};
    if (!options.group.empty()) {
        return {ErrorCode::not_found,
                fmt::format("no dead letters of a group {}", quote(options.group)),
                "see which groups there are: tidings dead-letters"};
    }
    return {ErrorCode::not_found,
            fmt::format("no held event at position {}", options.positions.front()),
            "see what there is: tidings dead-letters list --all; and what was done: tidings audit"};
}

}  // namespace

DeadLetterChoice choice_of(const DeadLetterOptions& options) {
    return {options.positions, options.group, options.all};
}

Result<void> check_choice(const DeadLetterOptions& options) {
    const int ways = (options.positions.empty() ? 0 : 1) + (options.group.empty() ? 0 : 1) +
                     (options.all ? 1 : 0);
    if (ways == 1) return {};
    return Error{ErrorCode::invalid_argument, "it is not clear which dead letters are meant",
                 "name positions, or --group G, or --all"};
}

Result<std::vector<Target>> find_targets(const Directory& directory,
                                         const DeadLetterOptions& options) {
    const auto services = directory.services(options.service);
    if (!services) return services.error();
    std::vector<Target> targets;
    for (const std::string& name : *services) {
        auto found = look(directory, name, options);
        if (!found) return std::move(found).error();
        if (*found) targets.push_back(std::move(**found));
    }
    if (targets.empty()) return nothing_meant(options);
    if (!options.positions.empty() && targets.size() > 1) {
        std::vector<std::string> names;
        for (const Target& target : targets) names.push_back(target.service);
        return Error{ErrorCode::invalid_argument,
                     fmt::format("there is a position {} in more than one service",
                                 options.positions.front()),
                     fmt::format("add --service: {}", fmt::join(names, ", "))};
    }
    return targets;
}

}  // namespace tidings::cli

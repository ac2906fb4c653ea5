#include <tidings/contract/compatibility.h>

#include "contract/schema_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tidings {

namespace {

/// Major versions of one event that must stay: the newest, and the one before it.
constexpr std::ptrdiff_t majors_kept = 2;

SchemaVersion raised(const SchemaVersion& version, ChangeLevel level) {
    switch (level) {
        case ChangeLevel::none:
            return version;
        case ChangeLevel::patch:
            return {version.major, version.minor, version.patch + 1};
        case ChangeLevel::minor:
            return {version.major, version.minor + 1, 0};
        case ChangeLevel::breaking:
            break;
    }
    return {version.major + 1, 0, 0};
}

void compare_terms(const Contract& before, const Contract& after,
                   std::vector<ContractChange>& changes) {
    constexpr ChangeLevel breaking = ChangeLevel::breaking;
    if (before.key != after.key) {
        changes.push_back({"", fmt::format("the key is {} instead of {}", after.key, before.key),
                           breaking, breaking, "events that kept their order lose it"});
    }
    if (before.owner != after.owner) {
        changes.push_back(
            {"", fmt::format("the owner is {} instead of {}", after.owner, before.owner), breaking,
             breaking, "consumers know its events by their source, and a topic has one publisher"});
    }
    const auto words = [&](std::string_view field, const auto& old, const auto& now) {
        if (old == now) return;
        changes.push_back({"", fmt::format("{} is different", field), ChangeLevel::patch,
                           ChangeLevel::patch, ""});
    };
    words("consumers", before.consumers, after.consumers);
    words("summary", before.summary, after.summary);
    words("published", before.published, after.published);
    words("expected", before.expected, after.expected);
    words("examples", before.examples, after.examples);
    // What is published beside it is no promise about the event itself, so no version tells of it.
    if (!before.downcast && after.downcast) {
        changes.push_back({"", "is published beside the next major version now", ChangeLevel::none,
                           ChangeLevel::none, "write the downcaster that makes it"});
    } else if (before.downcast && !after.downcast) {
        changes.push_back({"", "is not published beside the next major version any more",
                           ChangeLevel::none, ChangeLevel::none,
                           "see that no consumer is left that knows no newer one"});
    }
}

ContractDifference appeared(const Contract& contract, const ContractSet& after) {
    ContractDifference difference;
    difference.event = contract.event;
    difference.major = contract.version.major;
    difference.after = difference.demanded = contract.version;
    const int major = contract.version.major;
    const Contract* before = after.find(contract.event, major - 1);
    if (before == nullptr) {
        difference.changes.push_back({"", "is new", ChangeLevel::minor, ChangeLevel::none, ""});
        return difference;
    }
    const std::string downcaster = fmt::format(" and a downcaster from {} to {}", major, major - 1);
    std::string todo =
        fmt::format("write an upcaster from {} to {}{}, then deploy the consumers, then {}",
                    major - 1, major, before->downcast ? downcaster : "", contract.owner);
    if (!before->downcast) {
        todo += fmt::format(
            "; while a consumer has to wait, version {} can be published beside it: downcast: true",
            major - 1);
    }
    difference.changes.push_back({"", fmt::format("is new beside {}", to_string(before->version)),
                                  ChangeLevel::minor, ChangeLevel::none, std::move(todo)});
    return difference;
}

/// Major versions of the same event in `set` that are newer.
std::ptrdiff_t newer_majors(const ContractSet& set, const Contract& contract) {
    return std::count_if(set.contracts.begin(), set.contracts.end(), [&](const Contract& other) {
        return other.event == contract.event && other.version.major > contract.version.major;
    });
}

bool is_retired(const ContractSet& set, const Contract& contract) {
    return std::any_of(set.contracts.begin(), set.contracts.end(), [&](const Contract& other) {
        return other.event == contract.event && other.retired >= contract.version.major;
    });
}

ContractDifference vanished(const Contract& contract, const ContractSet& after) {
    ContractDifference difference;
    difference.event = contract.event;
    difference.major = contract.version.major;
    difference.before = difference.demanded = contract.version;
    if (is_retired(after, contract)) {
        difference.changes.push_back({"", "is gone, and a newer major version retires it",
                                      ChangeLevel::minor, ChangeLevel::minor,
                                      "what is left of it in a log becomes dead letters"});
    } else if (newer_majors(after, contract) >= majors_kept) {
        difference.changes.push_back({"", "is gone, and two newer major versions are there",
                                      ChangeLevel::minor, ChangeLevel::minor,
                                      "who still reads it has had a whole major version's time"});
    } else {
        difference.changes.push_back(
            {"", "is gone", ChangeLevel::breaking, ChangeLevel::breaking,
             "it lies in the log, and the major version before the newest must still be accepted"});
    }
    return difference;
}

}  // namespace

std::string_view to_string(ChangeLevel level) noexcept {
    constexpr std::string_view names[] = {"none", "patch", "minor", "breaking"};
    return names[static_cast<std::size_t>(level)];
}

ChangeLevel ContractDifference::level() const noexcept {
    ChangeLevel worst = ChangeLevel::none;
    for (const ContractChange& change : changes) worst = std::max(worst, change.level());
    return worst;
}

bool ContractDifference::is_honest() const noexcept {
    if (!after) return level() != ChangeLevel::breaking;
    return *after >= demanded;
}

ContractDifference compare_contracts(const Contract& before, const Contract& after) {
    ContractDifference difference;
    difference.event = after.event;
    difference.major = after.version.major;
    difference.before = before.version;
    difference.after = after.version;
    difference.changes = contract::compare_schemas(before.data.root(), after.data.root());
    compare_terms(before, after, difference.changes);
    std::stable_sort(
        difference.changes.begin(), difference.changes.end(),
        [](const auto& one, const auto& other) { return one.level() > other.level(); });
    difference.demanded = raised(before.version, difference.level());
    return difference;
}

std::vector<ContractDifference> compare_contracts(const ContractSet& before,
                                                  const ContractSet& after) {
    std::map<std::pair<std::string, int>, ContractDifference> differences;
    const auto note = [&](ContractDifference difference) {
        std::pair name{difference.event, difference.major};
        differences.emplace(std::move(name), std::move(difference));
    };
    for (const Contract& old : before.contracts) {
        const Contract* now = after.find(old.event, old.version.major);
        if (now == nullptr) {
            note(vanished(old, after));
            continue;
        }
        ContractDifference difference = compare_contracts(old, *now);
        if (!difference.changes.empty() || old.version != now->version) note(std::move(difference));
    }
    for (const Contract& now : after.contracts) {
        if (before.find(now.event, now.version.major) == nullptr) note(appeared(now, after));
    }
    std::vector<ContractDifference> sorted;
    for (auto& [name, difference] : differences) sorted.push_back(std::move(difference));
    return sorted;
}

}  // namespace tidings

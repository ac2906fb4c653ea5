#include <tidings/base/text.h>

#include "contract/contract_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::contract {

namespace {

void add(std::vector<Diagnostic>& problems, const Contract& at, std::string rule, std::string what,
         std::string suggestion) {
    problems.push_back({at.file, 1, 1, std::move(rule), std::move(what), std::move(suggestion)});
}

std::string file_of(const Contract& contract, int major) {
    const std::string_view name = file_name_of(contract.file);
    return fmt::format("{}.v{}.yaml", name.substr(0, name.find(".v")), major);
}

/// The major versions of one event, oldest first.
void check_majors_of(std::span<const Contract> majors, std::vector<Diagnostic>& problems) {
    const Contract& newest = majors.back();
    for (const Contract& contract : majors) {
        if (contract.retired != 0 &&
            (&contract != &newest || contract.retired >= contract.version.major)) {
            add(problems, contract, "the newest major version says which older ones are retired",
                fmt::format("{} {} retires {}", contract.event, contract.version.major,
                            contract.retired),
                "state it in the newest, of an older one");
        } else if (contract.version.major <= newest.retired) {
            add(problems, contract, "a retired major version has no contract",
                fmt::format("{} {}", contract.event, contract.version.major),
                fmt::format("delete the file, or do not retire it in {}", newest.file));
        }
    }
    for (std::size_t i = 0; i < majors.size(); ++i) {
        const int before = majors[i].version.major - 1;
        const bool is_there = i > 0 && majors[i - 1].version.major == before;
        const bool may_be_gone = i == 0 && (&majors[i] != &newest || before <= newest.retired);
        if (before == 0 || is_there || may_be_gone) continue;
        add(problems, majors[i], "the contract of the major version before stays",
            fmt::format("{} has version {}, and not {}", newest.event, majors[i].version.major,
                        before),
            fmt::format("bring {} back, and write an upcaster from {} to {}; or state retired: {} "
                        "in the newest, if nothing of it is in any log",
                        file_of(newest, before), before, before + 1, before));
    }
    bool is_published = true;
    for (std::size_t i = majors.size(); i-- > 0;) {
        if (majors[i].downcast && (&majors[i] == &newest || !is_published)) {
            add(problems, majors[i], "a major version is cast down from the one after it",
                fmt::format("{} {} says downcast", newest.event, majors[i].version.major),
                is_published ? "there is no newer one: take it out"
                             : "state downcast: true in that one, too");
        }
        is_published = &majors[i] == &newest || majors[i].downcast;
    }
}

}  // namespace

void check_majors(const ContractSet& set, std::vector<Diagnostic>& problems) {
    const std::vector<Contract>& all = set.contracts;
    for (auto begin = all.begin(); begin != all.end();) {
        const auto end = std::find_if(begin, all.end(), [&](const Contract& contract) {
            return contract.event != begin->event;
        });
        check_majors_of({begin, end}, problems);
        begin = end;
    }
}

}  // namespace tidings::contract

// Any text is a contract, or is refused at a place; nothing crashes, and what was loaded can be
// written as a bundle, read again, and made into C++.
#include <tidings/base/assert.h>
#include <tidings/contract/contract.h>

#include "contract/generate.h"

#include <cstdint>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    const std::vector<tidings::SourceFile> files{{"contracts/parcel/accepted.v1.yaml", text}};
    const auto checked = tidings::check_contracts(files);
    for (const auto& problem : checked.problems) {
        TIDINGS_ASSERT(problem.line >= 1 && problem.column >= 1 && !problem.rule.empty());
    }
    if (checked.problems.empty()) {
        const auto again = tidings::parse_bundle(to_json(checked.set));
        TIDINGS_ASSERT(again && to_json(*again) == to_json(checked.set));
    }
    static_cast<void>(tidings::contract::generate_code(files, {}, "sample"));
    const std::vector<tidings::SourceFile> models{{"models/parcel.yaml", text}};
    static_cast<void>(tidings::contract::generate_code({}, models, "sample"));
    const std::vector<tidings::SourceFile> types{{"contracts/parcel/_types.yaml", text}};
    static_cast<void>(tidings::check_contracts(types));
    static_cast<void>(tidings::parse_bundle(text));
    return 0;
}

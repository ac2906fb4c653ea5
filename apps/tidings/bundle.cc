#include "bundle.h"

#include <tidings/io/file.h>
#include <tidings/model/json.h>

#include <fmt/format.h>

namespace tidings::cli {

namespace {

constexpr std::uint64_t bundle_bytes_max = std::uint64_t{64} << 20;

}  // namespace

Result<ContractSet> read_contracts(const Directory& directory) {
    auto text = io::read_file(directory.world().files(), directory.contracts(), bundle_bytes_max);
    if (!text) return std::move(text).error();
    auto set = parse_bundle(*text);
    if (!set) return with_context(set.error(), directory.contracts());
    return set;
}

Result<std::string> key_in(const std::string& data, const std::string& field) {
    json::Reader reader{data};
    std::string key;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name != field) {
            reader.skip();
        } else if (reader.kind() == json::Kind::string) {
            key = reader.text();
        } else {
            key = reader.raw();
        }
    }
    if (Result<void> ended = reader.finish(); !ended) return std::move(ended).error();
    return key;
}

Result<std::string> check_by(const ContractSet& contracts, const Envelope& event) {
    const Contract* contract = contracts.find(event.type, event.data_version.major);
    if (contract == nullptr) {
        return Error{ErrorCode::unsupported,
                     fmt::format("no contract here for {} version {}", event.type,
                                 to_string(event.data_version)),
                     "start a build that has it, and edit while it runs"};
    }
    if (Result<void> kept = contract->data.check(event.data); !kept) {
        return with_context(kept.error(),
                            fmt::format("{} {}", contract->event, to_string(contract->version)));
    }
    return key_in(event.data, contract->key);
}

}  // namespace tidings::cli

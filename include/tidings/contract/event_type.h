#pragma once

#include <tidings/base/result.h>
#include <tidings/model/event.h>
#include <tidings/model/published_event.h>

#include <span>
#include <string>
#include <string_view>

namespace tidings {

/// What a program knows about one event type at run time. The generator makes one for each
/// contract; `contracts()` in the generated `contracts/all.h` lists them.
struct EventType {
    EventName name;
    std::string_view version;  ///< Of the contract, `1.0.0`.
    std::string_view owner;    ///< The one service that may publish it.
    std::string_view key;      ///< The field of `data` that is the partition key.
    std::span<const std::string_view> consumers;
    /// Reads data by the contract and returns its partition key.
    /// Errors: `contract_violation`, `limit_exceeded`.
    Result<std::string> (*key_of)(std::string_view data_json);
    /// Reads data by the contract and turns it into data of the next major version; nullptr for
    /// the newest. Errors: as `key_of`, also if the result breaks the contract of that version.
    Result<std::string> (*upcast)(std::string_view data_json) = nullptr;
    /// Makes the event of the major version before it; nullptr unless that one is published, too.
    Downcast downcast = nullptr;

    /// Checks data by the contract. Errors: `contract_violation`, `limit_exceeded`.
    Result<void> check(std::string_view data_json) const {
        auto key_or_error = key_of(data_json);
        if (!key_or_error) return std::move(key_or_error).error();
        return {};
    }
};

}  // namespace tidings

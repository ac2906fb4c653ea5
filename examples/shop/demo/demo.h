#pragma once

#include <tidings/base/result.h>

#include <cstdint>
#include <optional>
#include <string>

namespace shop {

/// What `shop demo` was asked for.
struct DemoOptions {
    std::string data;    ///< Empty: a temporary directory.
    std::string orders;  ///< A directory of real orders; empty: generated ones.
    std::optional<std::uint64_t> seed;
    std::optional<std::uint64_t> count;
    std::optional<std::int64_t> stock;
    std::string outcomes;              ///< Where to write the canonical account.
    bool providers = false;            ///< Starts a provider process.
    std::optional<int> provider_port;  ///< Uses one that runs already.
    bool serve = false;
    int port = 0;
    std::string log_level = "warning";
    bool log_events = false;
};

/// Runs the demo to its end and prints the report. Returns the exit status: 0, 1 for an error, 3 if
/// an invariant is broken.
int run_demo(const DemoOptions& options);

}  // namespace shop

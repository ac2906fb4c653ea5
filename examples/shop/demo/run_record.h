#pragma once

#include <tidings/base/result.h>
#include <tidings/io/world.h>

#include "orders/order_book.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shop {

/// What a run is made of. A data directory is for one run only.
struct RunParameters {
    std::string source = "generated";    ///< Or `orders`.
    std::vector<SourceFile> files;       ///< Of real orders, with their digests.
    std::optional<std::uint64_t> seed;   ///< Of generated ones.
    std::optional<std::uint64_t> count;  ///< Likewise.
    std::optional<std::int64_t> stock;   ///< A stock scenario.

    bool operator==(const RunParameters&) const = default;
};

/// What a data directory remembers of its run: `run.json`.
struct RunRecord {
    RunParameters parameters;
    std::string report;  ///< Of a finished run, as it was printed.
    bool held = true;    ///< Whether every invariant held then.
};

/// Reads the record; nothing if the directory has none yet.
tidings::Result<std::optional<RunRecord>> read_run(tidings::io::FileSystem& files,
                                                   const std::string& directory);
tidings::Result<void> write_run(tidings::io::FileSystem& files, const std::string& directory,
                                const RunRecord& record);

/// Checks that a second run is the same as the first.
/// Errors: `invalid_argument`, which names what differs.
tidings::Result<void> check_same(const RunParameters& first, const RunParameters& second,
                                 const std::string& directory);

}  // namespace shop

#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include <cstdint>
#include <string>
#include <vector>

namespace order_flow {

/// What this process has used so far.
struct Usage {
    double cpu_seconds = 0;          ///< Of all threads, in user and kernel mode.
    std::int64_t bytes_written = 0;  ///< Handed to write calls, each time that they were.
    /// Made dirty in the page cache, by the folio: where Linux keeps a file in large folios, a
    /// block that changes counts as the whole of one, although the block alone is written.
    std::int64_t bytes_dirtied = 0;
};

/// Returns what this process has used so far.
Usage usage();
/// Returns the most memory that was resident since the last `forget_peak_memory`, in bytes.
std::int64_t peak_memory();
void forget_peak_memory();

/// Returns the median time of an `fdatasync` of one 4 KiB block written into a file of `directory`
/// that was written before: the unit of all durable latencies.
tidings::Result<tidings::Duration> flush_time(const std::string& directory);

/// Returns the value below which `part` (0 to 1) of `values` are. Requires: there are some.
tidings::Duration percentile(std::vector<tidings::Duration> values, double part);

}  // namespace order_flow

#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/broker/broker.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/log/log.h>
#include <tidings/telemetry/log.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// A part of a log that no longer is what was written.
struct LogDamage {
    std::string topic;
    Error error;  ///< `corruption` or `io_error`; names the segment's file and the byte.
};

/// Reads the logs of an embedded broker from their beginning to their end, over and over and
/// slowly, so that damage is found while a backup still has what it hit, and not years later by a
/// consumer that goes back.
///
///     LogScrubber scrubber{world, data + "/log", {Topic{"order"}}, {}, journal};
///     runner.start(scrubber);
///     ...
///     for (const LogDamage& damage : scrubber.damages()) ...   // turns health to degraded
///
/// It checks what readers check: every checksum, the chain, epochs and offsets of all acknowledged
/// batches. It changes nothing, and goes on behind a damaged segment.
///
/// Guarantees
/// - A damage is told once, in the journal, and stays in `damages()` until a round has passed the
///   place again and found it mended.
///
/// Limits    Reads `Options::bytes_per_second` and no more; so a log of 86 GB takes a day. What
///           the operating system holds in its cache is checked there and not on the disk.
/// Threads   `poll()` one thread; `damages()` and `rounds()` any.
/// Lifetime  The World must outlive it.
class LogScrubber final : public io::Worker {
public:
    struct Options {
        std::uint64_t bytes_per_second = 1 << 20;
        Duration round_pause = 1h;  ///< Between the end of a round and the next.
    };

    LogScrubber(io::World& world, std::string directory, std::vector<Topic> topics, Options options,
                Journal journal);
    ~LogScrubber() override;

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return "log scrubber"; }

    /// Returns what is damaged, as far as it was seen.
    std::vector<LogDamage> damages() const;
    /// Returns how often all logs were read to their end.
    std::uint64_t rounds() const;

private:
    Result<std::size_t> read_some();
    bool go_behind_damage();
    TimePoint end_topic(TimePoint now);
    void found(Error error);

    io::World& world_;
    const std::string directory_;
    const std::vector<Topic> topics_;
    const Options options_;
    const Journal journal_;

    std::size_t topic_ = 0;
    std::unique_ptr<log::Reader> reader_;  // Of the topic being read.
    Offset next_;
    std::vector<LogDamage> of_this_round_;

    mutable std::mutex mutex_;  // Guards what follows.
    std::vector<LogDamage> damages_;
    std::uint64_t rounds_ = 0;
};

}  // namespace tidings

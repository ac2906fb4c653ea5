#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>
#include <tidings/io/world.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace tidings {

/// How much a line of a Journal matters.
enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

/// Returns the enumerator's own name.
std::string_view to_string(LogLevel level) noexcept;

/// Reads `debug`, `info`, `warning`, `error` or `off`. Errors: `invalid_argument`.
Result<LogLevel> parse_log_level(std::string_view text);

/// A name and a value in a line of a Journal. Refers to the text it was made from.
struct LogField {
    using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool, Uuid>;

    std::string_view key;
    Value value;

    LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
    LogField(std::string_view name, const std::string& text)
        : key(name), value(std::string_view{text}) {}
    LogField(std::string_view name, const char* text) : key(name), value(std::string_view{text}) {}
    LogField(std::string_view name, bool flag) : key(name), value(flag) {}
    LogField(std::string_view name, const Uuid& uuid) : key(name), value(uuid) {}
    LogField(std::string_view name, std::floating_point auto number)
        : key(name), value(static_cast<double>(number)) {}
    LogField(std::string_view name, std::signed_integral auto number)
        : key(name), value(static_cast<std::int64_t>(number)) {}
    LogField(std::string_view name, std::unsigned_integral auto number)
        : key(name), value(static_cast<std::uint64_t>(number)) {}
};

/// The structured log of a process: one JSON object per line, for people and for programs.
///
///     Journal journal = Journal::to_stderr(io::real_world()).named("order-service");
///     journal.write(LogLevel::warning, "broker unavailable", {{"attempt", 3}});
///
/// writes (a line each)
///
///     {"time":"2026-11-23T10:00:00.123Z","level":"warning","service":"order-service",
///      "message":"broker unavailable","attempt":3}
///
/// Lines about single events go through `event()`, which can be sampled or switched off: of a
/// business transaction either every line is written or none, because its correlation id decides.
///
/// Guarantees
/// - Nothing is formatted for a line that is not written.
/// - One line is one line: control characters, separators that some readers take for line ends,
///   and marks that turn the direction of text are escaped, broken UTF-8 is replaced (S13).
/// - A line that the sink refuses (the disk of the log is full) is counted in `lines_lost()`; the
///   caller goes on.
///
/// What an event holds (`Envelope::data`) is never put into a field.
///
/// Limits    `value_bytes_max` per value; the rest is cut, and `...` stands for it.
/// Threads   Any thread may call any member. Copies are cheap and write to the same place.
/// Lifetime  The World must outlive the Journal.
class Journal {
public:
    static constexpr std::size_t value_bytes_max = 1024;

    struct Options {
        /// Lines below it are not written.
        LogLevel level = LogLevel::info;
        /// Of `event()`'s business transactions, one of so many is written; 0: none.
        std::uint32_t event_sample = 1;
    };
    /// Takes a line without its end. Returns whether it could be written. Calls are serialized.
    using Sink = std::function<bool(std::string_view line)>;

    /// Writes nothing.
    Journal() = default;
    Journal(io::World& world, const Options& options, Sink sink);

    static Journal to_stderr(io::World& world, const Options& options);
    static Journal to_stderr(io::World& world) { return to_stderr(world, Options{}); }
    /// Adds to the file at `path`, which is made if missing. At 64 MiB it is renamed to
    /// `path.1` (or `name.1.log`), and a new one is begun; three old ones are kept.
    /// Errors: `io_error`.
    static Result<Journal> to_file(io::World& world, const std::string& path,
                                   const Options& options);

    /// Returns a Journal to the same place whose lines name `service`.
    Journal named(std::string_view service) const;

    /// Returns whether a line of `level` would be written. For callers to whom its fields cost.
    bool writes(LogLevel level) const noexcept;
    /// Returns whether lines about the events of this business transaction are written.
    bool writes_events_of(std::string_view correlation_id) const noexcept;

    void write(LogLevel level, std::string_view message,
               std::initializer_list<LogField> fields = {}) const;
    /// Writes a line at level `info` about one event that was published, handled, put off...
    void event(std::string_view message, std::string_view correlation_id,
               std::initializer_list<LogField> fields = {}) const;

    /// Returns how many lines could not be written.
    std::uint64_t lines_lost() const noexcept;

private:
    struct Output;
    void put(LogLevel level, std::string_view message, std::string_view correlation_id,
             std::initializer_list<LogField> fields) const;

    std::shared_ptr<Output> output_;
    std::string service_;
};

}  // namespace tidings

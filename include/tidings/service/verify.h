#pragma once

#include <tidings/base/named_type.h>
#include <tidings/base/result.h>
#include <tidings/io/world.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// Something that a look through a data directory came upon.
struct Finding {
    enum class Kind : std::uint8_t {
        damage,         ///< Bytes are not what was written.
        contradiction,  ///< Two parts, each intact, do not belong together.
        note,           ///< Worth knowing, and in order.
    };

    Kind kind = Kind::damage;
    std::string file;
    std::optional<std::uint64_t> byte{};  ///< Where in the file, as far as it is known.
    std::string what;                     ///< One line.

    bool operator==(const Finding&) const = default;
};

/// A topic's log, as far as it is intact.
struct VerifiedLog {
    std::string topic;
    std::int64_t segments = 0;
    std::int64_t events = 0;
    Offset first;
    Offset next;
};

/// A service's database.
struct VerifiedDatabase {
    std::string service;
    std::int64_t pages = 0;
    bool has_page_checksums = false;
};

/// All that was looked at, and what was found.
struct Verification {
    std::vector<VerifiedLog> logs;
    std::vector<VerifiedDatabase> databases;
    std::vector<Finding> findings;

    /// Whether nothing but notes was found.
    bool is_clean() const noexcept;
};

/// How far it is: bytes looked at, of about so many.
struct VerifyProgress {
    std::string_view part;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// Looks through a whole data directory and changes nothing in it: every batch of every log, the
/// databases and their write-ahead logs, the positions, and whether all of these belong together.
///
///     const auto verification = verify_data_directory(io::real_world(), "data");
///     for (const Finding& finding : verification->findings) ...
///
/// It works beside running services and on what a killed one left.
///
/// Guarantees
/// - Beside what each file says about itself it holds: every event that a service has published is
///   in its log, without a gap; no log holds an event that its service never gave out; nobody has
///   read or taken in more than there is; and every accepted event is accounted for.
/// - What a crash may leave, and a start mends by itself, is no finding.
///
/// Limits    What cannot be told apart is not found: docs/reliability.md.
/// Errors    `not_found`, `invalid_argument` (no data directory of ours), `unsupported` (of a newer
///           version), `io_error`. Damage is a finding and no error.
Result<Verification> verify_data_directory(
    io::World& world, const std::string& directory,
    const std::function<void(const VerifyProgress&)>& progress = nullptr);

}  // namespace tidings

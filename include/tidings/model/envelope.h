#pragma once

#include <tidings/model/event.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace tidings {

/// The envelope of an event: exactly the standard's seven fields (section 3.1).
///
/// Format    docs/internals/envelope.md
struct Envelope {
    /// An event larger than this is refused, unless configured otherwise.
    static constexpr std::size_t bytes_max = 1024 * 1024;
    /// Arrays and objects nested deeper than this are refused.
    static constexpr int depth_max = 64;

    Uuid id;
    std::string type;
    std::string source;
    SchemaVersion data_version;
    Timestamp timestamp;
    std::string correlation_id;
    std::string data;  ///< The JSON object, as it stands in the text.

    bool operator==(const Envelope&) const = default;
};

/// What travels beside an envelope: needed to carry it well, never to understand it.
struct EventHeaders {
    std::string type;          ///< Equals the envelope's.
    std::string key;           ///< Partition key; equal keys keep their order.
    std::string source;        ///< Equals the envelope's.
    Uuid epoch;                ///< Of the source's outbox; nil for foreign producers.
    Sequence sequence;         ///< In that epoch and topic, from 1; 0 for foreign producers.
    std::string causation_id;  ///< Of the event, command or timer that led to this one.
    std::string traceparent;   ///< W3C trace context, or empty.

    bool operator==(const EventHeaders&) const = default;
};

/// Bounds that a reader holds input to.
struct EnvelopeLimits {
    std::size_t bytes_max = Envelope::bytes_max;
    int depth_max = Envelope::depth_max;
};

/// Reads one envelope. Unknown fields are read to their end and dropped; a missing, repeated or
/// wrong field, broken JSON, invalid UTF-8 or a limit passed is an error that names field, value
/// (cut at 64 characters) and rule. Any byte string either parses or gives such an error.
/// Errors: `contract_violation`, `limit_exceeded`.
Result<Envelope> parse_envelope(std::string_view text, const EnvelopeLimits& limits = {});

/// Appends the envelope's JSON to `out`. Requires: `envelope.data` is a JSON object.
void write_envelope(const Envelope& envelope, std::string& out);

}  // namespace tidings

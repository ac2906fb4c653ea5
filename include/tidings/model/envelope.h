#pragma once

#include <tidings/model/event.h>

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

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

/// The source of what an operator publishes by hand while the owner is stopped. Consumers take it
/// for the owner's.
inline constexpr std::string_view operator_source = "tidings-cli";

/// What travels beside an envelope: needed to carry it well, never to understand it.
struct EventHeaders {
    std::string type;          ///< Equals the envelope's.
    std::string key;           ///< Partition key; equal keys keep their order.
    std::string source;        ///< Equals the envelope's.
    Uuid epoch;                ///< Of the source's outbox; nil for foreign producers.
    Sequence sequence;         ///< In that epoch and topic, from 1; 0 for foreign producers.
    std::string causation_id;  ///< Of the event, command or timer that led to this one.
    std::string traceparent;   ///< W3C trace context, or empty.
    /// How many major versions it lies below the event that its producer stated, from which it was
    /// cast down and whose sequence is so much smaller; 0: it is that one.
    int downcast = 0;
    /// How many more events follow that were cast down from the same one.
    int downcasts_left = 0;

    bool operator==(const EventHeaders&) const = default;
};

/// Bounds that a reader holds input to.
struct EnvelopeLimits {
    std::size_t bytes_max = Envelope::bytes_max;
    int depth_max = Envelope::depth_max;
};

/// A view of something that reads or writes an envelope's `data` in passing: any callable that
/// takes a `json::Reader&` (or `json::Writer&`). It owns nothing; use it as a parameter only.
template <class Json>
class DataFunction {
public:
    template <std::invocable<Json&> F>
    requires(!std::same_as<std::remove_cvref_t<F>, DataFunction>)
        DataFunction(F&& function)  // NOLINT: converts on purpose
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(function)))),
          call_([](void* object, Json& json) {
              (*static_cast<std::remove_reference_t<F>*>(object))(json);
          }) {}
    void operator()(Json& json) const { call_(object_, json); }

private:
    void* object_;
    void (*call_)(void*, Json&);
};

using DataReader = DataFunction<json::Reader>;
using DataWriter = DataFunction<json::Writer>;

/// Reads one envelope. Unknown fields are read to their end and dropped; a missing, repeated or
/// wrong field, broken JSON, invalid UTF-8 or a limit passed is an error that names field, value
/// (cut at 64 characters) and rule. Any byte string either parses or gives such an error.
/// Errors: `contract_violation`, `limit_exceeded`.
Result<Envelope> parse_envelope(std::string_view text, const EnvelopeLimits& limits = {});

/// The same in one pass with the typed data: `read_data` is called once, when `data` (an object)
/// comes next, which may be before other fields; the envelope's own `data` stays empty. What it
/// reports through the reader is this function's error.
///
///     order::Created event;
///     auto envelope = parse_envelope(text, {}, [&](json::Reader& reader) {
///         static_cast<void>(read_data(reader, event));
///     });
Result<Envelope> parse_envelope(std::string_view text, const EnvelopeLimits& limits,
                                DataReader read_data);

/// Checks the seven fields by the rules that `parse_envelope` reads with, but not within `data`.
/// Errors: `contract_violation`.
Result<void> validate(const Envelope& envelope);

/// Checks the name of a service: `^[a-z][a-z0-9-]*$`, at most 128 characters.
/// Errors: `invalid_argument`.
Result<void> check_source_name(std::string_view name);

/// Appends the envelope's JSON to `out`. Requires: `envelope.data` is a JSON object.
void write_envelope(const Envelope& envelope, std::string& out);

/// The same with the data from `write_data`, which writes one object; `envelope.data` is not read.
void write_envelope(const Envelope& envelope, DataWriter write_data, std::string& out);

}  // namespace tidings

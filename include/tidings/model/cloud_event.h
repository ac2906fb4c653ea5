#pragma once

#include <tidings/base/result.h>
#include <tidings/model/envelope.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// An event as it goes between Tidings and systems that speak CloudEvents.
struct CarriedEvent {
    Envelope envelope;
    /// Of these, `key`, `causation_id` and `traceparent` travel; `type` and `source` are the
    /// envelope's. A source's epoch and sequence do not: in another system it is another source.
    EventHeaders headers;
};

/// How names of the two sides stand for each other.
struct CloudEventOptions {
    /// What stands before a service's name in `source`, a URI-reference: `/order-service`.
    std::string source_prefix = "/";
    /// What stands before `order/created.v1.data.schema.json` in `dataschema`, an absolute URI;
    /// empty: there is no `dataschema`.
    std::string schema_prefix{};
    /// The service that events stand under whose `source` does not begin with the prefix; empty:
    /// these are refused.
    std::string foreign_source{};
    /// The version of data that comes without `dataversion`; nothing: it is refused.
    std::optional<SchemaVersion> data_version{};
};

/// A message of HTTP: headers, their names in lower case, and a body.
struct CloudEventMessage {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

/// Returns the event as a CloudEvent in structured mode, one JSON object:
///
///     {"specversion":"1.0","id":"...","source":"/order-service","type":"order.created",
///      "time":"...","datacontenttype":"application/json","subject":"<key>","dataversion":"1.2.0",
///      "correlationid":"...","causationid":"...","partitionkey":"<key>","traceparent":"...",
///      "data":{...}}
///
/// `partitionkey`, `traceparent`, `correlationid` and `causationid` are documented extensions;
/// `dataversion` is ours.
///
/// Source    CloudEvents 1.0.2, JSON event format; extensions Partitioning, Distributed Tracing,
///           Correlation
std::string to_cloud_event(const CarriedEvent& event, const CloudEventOptions& options = {});

/// The same in binary mode: attributes are `ce-` headers, the body is the data.
///
/// Source    CloudEvents 1.0.2, HTTP protocol binding, 3.1
CloudEventMessage to_cloud_event_message(const CarriedEvent& event,
                                         const CloudEventOptions& options = {});

/// Reads a CloudEvent in structured mode. What Tidings has no place for passes: extensions of
/// others, and a `subject` beside a `partitionkey`. Without `correlationid`, a flow begins with the
/// event and has its id.
/// Errors: `contract_violation`, naming field and rule (`time` and a UUID as `id` are needed);
/// `unsupported` (data that is no JSON, another version of CloudEvents).
Result<CarriedEvent> parse_cloud_event(std::string_view text,
                                       const CloudEventOptions& options = {});

/// Reads a message in binary or in structured mode, whichever its `content-type` says.
Result<CarriedEvent> parse_cloud_event(const CloudEventMessage& message,
                                       const CloudEventOptions& options = {});

}  // namespace tidings

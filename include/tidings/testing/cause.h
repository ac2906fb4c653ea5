#pragma once

#include <tidings/base/time.h>
#include <tidings/delivery/transaction.h>
#include <tidings/service/service.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// A UUID for where any will do.
inline constexpr const char* any_id = "00000000-0000-4000-8000-000000000000";

/// Something that happens to a service in a test: an event, a command, an answer of the outside
/// world, time. Made by the functions below; an event is one by itself.
struct Cause {
    enum class Kind : std::uint8_t { event, payload, command, answer, time, again };

    Kind kind = Kind::event;
    std::string name;     ///< The event's type, the effect's name, or the command's method.
    std::string target;   ///< The event's key, the effect's subject, or the command's path.
    std::string version;  ///< Of an event's contract.
    int major = 1;
    std::string text;  ///< JSON: the event's data, the command's body, the answer.
    Duration time{0};
    std::vector<std::pair<std::string, std::string>> headers;  ///< Of a command.
    std::function<void(Transaction&)> publish;  ///< Has the service itself publish the event.
    std::optional<Error> wrong;                 ///< Why this cannot happen.

    /// The same command with one more header, its name in lower case.
    Cause with_header(std::string header, std::string value) &&;
    /// The same payload as an event with this partition key.
    Cause with_key(std::string key) &&;
};

/// The event as somebody publishes it, by its contract.
template <Event E>
Cause happened(const E& event) {
    Cause cause;
    cause.name = E::name.value;
    cause.major = E::name.major;
    cause.version = E::version;
    cause.publish = [event](Transaction& tx) { tx.publish(event); };
    if (Result<PublishedEvent> erased = erase(event)) {
        cause.target = std::move(erased->key);
        cause.text = std::move(erased->data);
    } else {
        cause.wrong = erased.error();
    }
    return cause;
}

/// What another service really sends: an event of this type with this JSON as its data, whether it
/// keeps its contract or not.
///
///     when(payload("order.placed", R"({"orderId": "o1", "colour": "a field of tomorrow"})"))
Cause payload(std::string_view type, std::string_view data, std::string_view version = "1.0.0");

/// A request to the service's API: a command, which is a step, or a query.
Cause command(std::string_view method, std::string_view path, std::string_view body = {});
/// The same with the body's model.
template <JsonModel M>
Cause command(std::string_view method, std::string_view path, const M& body) {
    std::string text;
    json::Writer writer{text};
    write_data(writer, body);
    return command(method, path, text);
}

/// The outside world answers the effect that was asked for with this subject.
Cause answered(std::string_view effect, std::string_view subject, std::string_view answer = "{}");
template <JsonModel M>
Cause answered(std::string_view effect, std::string_view subject, const M& answer) {
    std::string text;
    json::Writer writer{text};
    write_data(writer, answer);
    return answered(effect, subject, text);
}

/// Time goes by, and whatever becomes due in it happens: timers, deadlines, retries.
Cause passed(Duration time);

/// The event that came last comes once more, as brokers have it.
Cause again();

}  // namespace tidings

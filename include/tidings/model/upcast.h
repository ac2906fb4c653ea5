#pragma once

#include <tidings/base/result.h>
#include <tidings/model/event.h>
#include <tidings/model/json.h>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace tidings {

/// An event type that a newer major version has followed: `upcast(event)` turns it into that one.
/// The generator declares the upcaster, the platform's author writes it.
template <class E>
concept Superseded = Event<E> && requires(const E& event) {
    { upcast(event) } -> Event;
};

/// An event type in its newest major version: what handlers see.
template <class E>
concept Newest = Event<E> && !Superseded<E>;

/// An event type that has a major version before it.
template <class E>
concept Successor = Event<E> && requires {
    typename E::Previous;
};

/// Turns `event` into a newer major version of its type, one upcaster after the other, and checks
/// what came out. Errors: `contract_violation`, naming both versions.
template <Event To, Event From>
Result<To> upcast_to(const From& event) {
    if constexpr (std::same_as<To, From>) {
        return event;
    } else {
        static_assert(Superseded<From>, "no upcasters lead from this type to that one");
        const auto next = upcast(event);
        if (Result<void> valid = validate(next); !valid) {
            return with_context(std::move(valid).error(),
                                std::string{From::name.value} + " upcast from version " +
                                    std::to_string(From::name.major) + " to " +
                                    std::to_string(next.name.major));
        }
        return upcast_to<To>(next);
    }
}

/// Reads data by the contract of `From` and turns it into `To`.
/// Errors: `contract_violation`, `limit_exceeded`.
template <Event To, Event From>
Result<To> read_upcast(std::string_view data_json) {
    json::Reader reader{data_json};
    From event;
    static_cast<void>(read_data(reader, event));
    if (Result<void> finished = reader.finish(); !finished) return std::move(finished).error();
    return upcast_to<To>(event);
}

/// Reads data of whichever major version up to that of `E` and turns it into `E`.
/// Errors: as `read_upcast`; `unsupported` if there is no contract of `major`.
template <Event E, Event From = E>
Result<E> read_any_major(std::string_view data_json, int major) {
    if (major == From::name.major) return read_upcast<E, From>(data_json);
    if constexpr (Successor<From>) {
        return read_any_major<E, typename From::Previous>(data_json, major);
    } else {
        return Error{ErrorCode::unsupported, "no contract of " + std::string{E::name.value} +
                                                 " version " + std::to_string(major)};
    }
}

/// Turns the JSON of one major version into that of the next. For generated code.
template <Superseded E>
Result<std::string> upcast_json(std::string_view data_json) {
    using Next = decltype(upcast(std::declval<const E&>()));
    Result<Next> next = read_upcast<Next, E>(data_json);
    if (!next) return std::move(next).error();
    std::string text;
    json::Writer writer{text};
    write_data(writer, *next);
    return text;
}

}  // namespace tidings

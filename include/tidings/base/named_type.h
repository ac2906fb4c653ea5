#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace tidings {

/// An integer of the domain as a type of its own. Subtracting two gives a plain distance; adding
/// two does not compile.
template <class Tag>
struct NamedInteger {
    std::int64_t value = 0;

    constexpr NamedInteger() = default;
    constexpr explicit NamedInteger(std::int64_t number) : value(number) {}
    auto operator<=>(const NamedInteger&) const = default;
    constexpr NamedInteger operator+(std::int64_t distance) const {
        return NamedInteger{value + distance};
    }
    constexpr NamedInteger& operator++() {
        ++value;
        return *this;
    }
    friend constexpr std::int64_t operator-(NamedInteger a, NamedInteger b) {
        return a.value - b.value;
    }
};

/// The position of a record in a partition, from 0.
using Offset = NamedInteger<struct OffsetTag>;
/// A group's next offset in a partition.
using Position = Offset;
/// The number that a source's outbox gives an event, per topic, from 1 and without gaps.
using Sequence = NamedInteger<struct SequenceTag>;

}  // namespace tidings

template <class Tag>
struct std::hash<tidings::NamedInteger<Tag>> {
    std::size_t operator()(tidings::NamedInteger<Tag> number) const noexcept {
        return std::hash<std::int64_t>{}(number.value);
    }
};

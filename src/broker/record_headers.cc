#include <tidings/broker/record_headers.h>

#include <cstdint>
#include <cstring>

namespace tidings {
namespace {

constexpr char form = 1;                        // persistent
constexpr std::uint8_t has_epoch = 1 << 0;      // persistent
constexpr std::uint8_t has_downcasts = 1 << 1;  // persistent
constexpr std::uint64_t majors_max = 1'000;
constexpr std::size_t type_at = 2;  // persistent: the type comes first, to be peeked at

void put_number(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

std::size_t number_bytes(std::uint64_t number) noexcept {
    std::size_t bytes = 1;
    while (number >>= 7) ++bytes;
    return bytes;
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out += text;
}

bool is_one_of_several(const EventHeaders& headers) noexcept {
    return headers.downcast != 0 || headers.downcasts_left != 0;
}

/// Takes fields off the front of a byte string; after the first that is not there, nothing.
class Taker {
public:
    explicit Taker(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) break;
            const auto byte = static_cast<std::uint8_t>(bytes_.front());
            bytes_.remove_prefix(1);
            const std::uint64_t part = byte & 0x7f;
            if (shift == 63 && part > 1) break;
            value |= part << shift;
            if (byte < 0x80) {
                // One number has one form: no zeros in front.
                if (byte == 0 && shift > 0) break;
                return value;
            }
        }
        fail();
        return 0;
    }

    std::string_view raw(std::uint64_t count) noexcept {
        if (count > bytes_.size()) {
            fail();
            return {};
        }
        const std::string_view taken = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return taken;
    }

    std::string_view text() noexcept { return raw(number()); }
    bool failed() const noexcept { return failed_; }
    bool at_end() const noexcept { return !failed_ && bytes_.empty(); }

private:
    void fail() noexcept {
        failed_ = true;
        bytes_ = {};
    }

    std::string_view bytes_;
    bool failed_ = false;
};

Error broken() { return {ErrorCode::corruption, "the stored event headers are broken"}; }

}  // namespace

std::size_t record_headers_bytes(const EventHeaders& headers) noexcept {
    std::size_t bytes = type_at + (headers.epoch.is_nil() ? 0 : headers.epoch.bytes.size());
    bytes += number_bytes(static_cast<std::uint64_t>(headers.sequence.value));
    if (is_one_of_several(headers)) {
        bytes += number_bytes(static_cast<std::uint64_t>(headers.downcast)) +
                 number_bytes(static_cast<std::uint64_t>(headers.downcasts_left));
    }
    for (const std::string* text : {&headers.type, &headers.key, &headers.source,
                                    &headers.causation_id, &headers.traceparent}) {
        bytes += number_bytes(text->size()) + text->size();
    }
    return bytes;
}

void write_record_headers(const EventHeaders& headers, std::string& out) {
    const bool epoch = !headers.epoch.is_nil();
    out.push_back(form);
    const bool several = is_one_of_several(headers);
    out.push_back(static_cast<char>((epoch ? has_epoch : 0) | (several ? has_downcasts : 0)));
    put_text(out, headers.type);
    if (epoch) {
        out.append(reinterpret_cast<const char*>(headers.epoch.bytes.data()),
                   headers.epoch.bytes.size());
    }
    put_number(out, static_cast<std::uint64_t>(headers.sequence.value));
    if (several) {
        put_number(out, static_cast<std::uint64_t>(headers.downcast));
        put_number(out, static_cast<std::uint64_t>(headers.downcasts_left));
    }
    put_text(out, headers.key);
    put_text(out, headers.source);
    put_text(out, headers.causation_id);
    put_text(out, headers.traceparent);
}

Result<EventHeaders> read_record_headers(std::string_view bytes) {
    if (bytes.size() < type_at) return broken();
    if (bytes[0] != form) {
        return Error{ErrorCode::unsupported,
                     "the stored event headers have a form that is not "
                     "known",
                     "read them with the version of Tidings that wrote them"};
    }
    const auto flags = static_cast<std::uint8_t>(bytes[1]);
    if ((flags & ~(has_epoch | has_downcasts)) != 0) return broken();
    EventHeaders headers;
    Taker taker{bytes.substr(type_at)};
    headers.type = taker.text();
    if ((flags & has_epoch) != 0) {
        const std::string_view epoch = taker.raw(headers.epoch.bytes.size());
        if (taker.failed()) return broken();
        std::memcpy(headers.epoch.bytes.data(), epoch.data(), epoch.size());
    }
    headers.sequence = Sequence{static_cast<std::int64_t>(taker.number())};
    if ((flags & has_downcasts) != 0) {
        const std::uint64_t downcast = taker.number();
        const std::uint64_t left = taker.number();
        if (downcast > majors_max || left > majors_max || downcast + left == 0) return broken();
        if (headers.epoch.is_nil()) return broken();  // Nothing numbers what it was cast from.
        headers.downcast = static_cast<int>(downcast);
        headers.downcasts_left = static_cast<int>(left);
    }
    headers.key = taker.text();
    headers.source = taker.text();
    headers.causation_id = taker.text();
    headers.traceparent = taker.text();
    if (!taker.at_end() || headers.sequence.value < 0) return broken();
    return headers;
}

std::optional<std::string_view> peek_record_type(std::string_view bytes) noexcept {
    if (bytes.size() < type_at || bytes[0] != form) return std::nullopt;
    Taker taker{bytes.substr(type_at)};
    const std::string_view type = taker.text();
    if (taker.failed()) return std::nullopt;
    return type;
}

}  // namespace tidings

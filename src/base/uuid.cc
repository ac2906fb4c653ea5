#include <tidings/base/text.h>
#include <tidings/base/uuid.h>

namespace tidings {

namespace {

struct HexPairs {
    char text[512];
};

constexpr HexPairs make_hex_pairs() {
    constexpr char digits[] = "0123456789abcdef";
    HexPairs pairs{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
        pairs.text[2 * byte] = digits[byte >> 4];
        pairs.text[2 * byte + 1] = digits[byte & 15];
    }
    return pairs;
}

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digit_values() {
    std::array<std::uint8_t, 256> values{};
    for (auto& value : values) value = no_digit;
    for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) {
        values['a' + i] = static_cast<std::uint8_t>(10 + i);
        values['A' + i] = static_cast<std::uint8_t>(10 + i);
    }
    return values;
}

constexpr HexPairs hex_pairs = make_hex_pairs();
constexpr std::array<std::uint8_t, 256> digit_values = make_digit_values();
/// Where in the text the two digits of each byte stand.
constexpr std::array<std::uint8_t, 16> places = {0,  2,  4,  6,  9,  11, 14, 16,
                                                 19, 21, 24, 26, 28, 30, 32, 34};

Error not_a_uuid(std::string_view text) {
    return {ErrorCode::invalid_argument, "not a uuid: " + quote(text),
            "write 32 hexadecimal digits as 8-4-4-4-12"};
}

}  // namespace

Uuid Uuid::version4(std::array<std::uint8_t, 16> random) noexcept {
    random[6] = static_cast<std::uint8_t>((random[6] & 0x0F) | 0x40);
    random[8] = static_cast<std::uint8_t>((random[8] & 0x3F) | 0x80);
    return Uuid{random};
}

Result<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != text_bytes || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
        text[23] != '-') {
        return not_a_uuid(text);
    }
    Uuid uuid;
    unsigned wrong = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        const unsigned high = digit_values[static_cast<unsigned char>(text[places[i]])];
        const unsigned low = digit_values[static_cast<unsigned char>(text[places[i] + 1u])];
        wrong |= high | low;
        uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if (wrong > 15) return not_a_uuid(text);
    return uuid;
}

void write_uuid(const Uuid& uuid, char* out) noexcept {
    for (std::size_t i = 0; i < 16; ++i) {
        const std::size_t pair = std::size_t{2} * uuid.bytes[i];
        out[places[i]] = hex_pairs.text[pair];
        out[places[i] + 1u] = hex_pairs.text[pair + 1];
    }
    out[8] = out[13] = out[18] = out[23] = '-';
}

std::string to_string(const Uuid& uuid) {
    std::string text(Uuid::text_bytes, '\0');
    write_uuid(uuid, text.data());
    return text;
}

}  // namespace tidings

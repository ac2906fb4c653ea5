#include "store/sqlite/page_checksum.h"

#include <tidings/base/crc32c.h>

#include <cstring>

namespace tidings::sqlite {
namespace {

constexpr std::size_t header_bytes = 100;
constexpr std::size_t reserved_at = 20;
constexpr std::size_t application_id_at = 68;
constexpr std::size_t page_bytes_min = 512;
constexpr std::string_view header_begin{"SQLite format 3", 16};
constexpr std::uint32_t mark = 0x43504454;  // persistent: "TDPC", behind the checksum

struct Seal {
    std::uint32_t crc = 0;
    std::uint32_t mark = sqlite::mark;
};
static_assert(sizeof(Seal) == page_checksum_bytes);

Seal seal_of(std::uint64_t offset, std::string_view content) {
    // Its place is part of it: a page that was written to another's place is found, too.
    return {crc32c(content, crc32c({reinterpret_cast<const char*>(&offset), sizeof offset}))};
}

std::uint32_t big_endian(const char* bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return __builtin_bswap32(value);
}

}  // namespace

bool PageChecksums::notice(std::uint64_t offset, std::string_view bytes) noexcept {
    if (offset != 0 || bytes.size() < header_bytes || !bytes.starts_with(header_begin)) return true;
    present_ = bytes[reserved_at] == page_checksum_bytes;
    return present_ || big_endian(bytes.data() + application_id_at) != application_id;
}

bool PageChecksums::covers(std::uint64_t offset, std::size_t bytes) const noexcept {
    const bool is_page =
        bytes >= page_bytes_min && bytes <= page_bytes_max && (bytes & (bytes - 1)) == 0;
    return present_ && is_page && offset % bytes == 0;
}

SealedPage::SealedPage(std::uint64_t offset, std::string_view page) noexcept : size_(page.size()) {
    const std::size_t content = size_ - page_checksum_bytes;
    const Seal seal = seal_of(offset, page.substr(0, content));
    std::memcpy(bytes_, page.data(), content);
    std::memcpy(bytes_ + content, &seal, sizeof seal);
}

bool PageChecksums::holds(std::uint64_t offset, std::string_view page) noexcept {
    const std::size_t content = page.size() - page_checksum_bytes;
    const Seal expected = seal_of(offset, page.substr(0, content));
    if (std::memcmp(page.data() + content, &expected, sizeof expected) == 0) return true;
    return page.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace tidings::sqlite

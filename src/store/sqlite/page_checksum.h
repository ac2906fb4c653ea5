#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidings::sqlite {

/// What SQLite leaves free at the end of each page for its page's checksum.
inline constexpr int page_checksum_bytes = 8;                // persistent
inline constexpr std::uint32_t application_id = 0x54444e47;  // persistent: "TDNG"
inline constexpr std::size_t page_bytes_max = 65536;         // SQLite's

/// The checksums of a database file's pages: in the last bytes of each, over the rest of it and its
/// place. SQLite checks what it writes to the WAL, and nothing of what it then copies from there.
///
/// Whether a database has them its header says, in the bytes that SQLite reads first: those of
/// before have none, and get none.
class PageChecksums {
public:
    /// Takes note of what was read or written at `offset`, which tells where the header is.
    /// Returns false if the header contradicts itself: it is one of ours and has no checksums.
    bool notice(std::uint64_t offset, std::string_view bytes) noexcept;
    /// Whether bytes at `offset` are a page, and pages have checksums here.
    bool covers(std::uint64_t offset, std::size_t bytes) const noexcept;

    /// Whether the page at `offset` is what was written. One that is all zero was never written.
    static bool holds(std::uint64_t offset, std::string_view page) noexcept;

private:
    bool present_ = false;
};

/// A copy of a page with its checksum, for writing it to `offset`.
class SealedPage {
public:
    SealedPage(std::uint64_t offset, std::string_view page) noexcept;
    const char* data() const noexcept { return bytes_; }
    std::string_view text() const noexcept { return {bytes_, size_}; }

private:
    std::size_t size_;
    char bytes_[page_bytes_max];  // Not allocated: SQLite's C code lets no exception through.
};

}  // namespace tidings::sqlite

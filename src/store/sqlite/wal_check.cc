#include <tidings/store/sqlite.h>

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>
#include <vector>

namespace tidings {

namespace {

constexpr std::size_t header_bytes = 32;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::uint32_t magic = 0x377f0682;  // The lowest bit says how checksums read words.
/// A writer at work may begin the log anew under us; then nothing is the same twice.
constexpr int looks_max = 3;

std::uint32_t big_endian(const char* bytes) {
    std::array<unsigned char, 4> b{};
    std::memcpy(b.data(), bytes, b.size());
    return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
}

/// SQLite's checksum, which each frame continues from the one before it.
struct Checksum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;

    bool operator==(const Checksum&) const = default;

    static Checksum stored(const char* at) { return {big_endian(at), big_endian(at + 4)}; }
    void add(std::string_view bytes, bool words_are_big_endian) {
        for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
            first += word(bytes.data() + at, words_are_big_endian) + second;
            second += word(bytes.data() + at + 4, words_are_big_endian) + first;
        }
    }

private:
    static std::uint32_t word(const char* bytes, bool is_big_endian) {
        const std::uint32_t big = big_endian(bytes);
        return is_big_endian ? big : __builtin_bswap32(big);
    }
};

/// Reads a write-ahead log frame by frame.
class Wal {
public:
    Wal(const io::File& file, std::string path) : file_(file), path_(std::move(path)) {}

    /// Returns the first frame that is damaged though it was acknowledged; nothing if there is
    /// none.
    Result<std::optional<Error>> look() {
        std::array<char, header_bytes> header{};
        auto read = file_.read_at(0, header);
        if (!read) return read.error();
        if (*read < header_bytes || is_zero(header)) return none();
        std::memcpy(salts_.data(), header.data() + 16, salts_.size());
        big_endian_ = (big_endian(header.data()) & 1) != 0;
        page_bytes_ = big_endian(header.data() + 8);
        Checksum checksum;
        checksum.add({header.data(), 24}, big_endian_);
        const bool is_page = page_bytes_ >= 512 && page_bytes_ <= 65536;
        // It fills less than a sector, so a loss of power leaves it whole.
        if ((big_endian(header.data()) & ~1U) != magic || !is_page ||
            !(checksum == Checksum::stored(header.data() + 24))) {
            return damaged(0, "its header is damaged");
        }
        return walk(checksum);
    }

private:
    static std::optional<Error> none() { return std::nullopt; }
    static bool is_zero(std::string_view bytes) {
        return bytes.find_first_not_of('\0') == std::string_view::npos;
    }
    static bool is_zero(const std::array<char, header_bytes>& bytes) {
        return is_zero(std::string_view{bytes.data(), bytes.size()});
    }

    std::uint64_t place(std::uint64_t frame) const {
        return header_bytes + frame * (frame_header_bytes + page_bytes_);
    }
    std::optional<Error> damaged(std::uint64_t byte, std::string_view what) const {
        return Error{ErrorCode::corruption, fmt::format("file {}, byte {}: {}", path_, byte, what),
                     "nothing was changed; restore the directory from a copy"};
    }

    /// Behind a damage the next frame continues what the damaged one says, or, if just that is what
    /// is damaged, what it should say.
    Result<std::optional<Error>> walk(Checksum continued) {
        Checksum said = continued;
        std::optional<std::uint64_t> broken;  // The first frame that is not right.
        bool committed = false;  // A transaction has ended since, that frame's or later.
        std::string bytes(frame_header_bytes + page_bytes_, '\0');
        for (std::uint64_t frame = 0;; ++frame) {
            const auto read = file_.read_at(place(frame), bytes);
            if (!read) return read.error();
            if (*read < bytes.size()) return none();
            const bool ours = std::memcmp(bytes.data() + 8, salts_.data(), salts_.size()) == 0;
            for (Checksum* checksum : {&continued, &said}) {
                checksum->add({bytes.data(), 8}, big_endian_);
                checksum->add({bytes.data() + frame_header_bytes, page_bytes_}, big_endian_);
            }
            const Checksum stored = Checksum::stored(bytes.data() + 16);
            const bool valid = ours && (stored == continued || stored == said);
            if (broken && valid && committed) {
                return damaged(
                    place(*broken),
                    fmt::format("frame {} is damaged, but was acknowledged: frame {}, at "
                                "byte {}, was written after it was durable",
                                *broken + 1, frame + 1, place(frame)));
            }
            // Two that are not right: what stands behind them may be left of a transaction that
            // found no room, written over in part by one that did not come to its end, either.
            if (broken && !valid) return none();
            if (!valid) broken = frame;
            said = stored;
            const bool ends_transaction = ours && big_endian(bytes.data() + 4) != 0;
            committed = committed || (broken && ends_transaction);
        }
    }

    const io::File& file_;
    const std::string path_;
    std::array<char, 8> salts_{};
    bool big_endian_ = false;
    std::size_t page_bytes_ = 0;
};

}  // namespace

Result<void> check_sqlite_wal(io::World& world, const std::string& path) {
    const std::string name = path + "-wal";
    std::optional<Error> found;
    for (int look = 0; look < looks_max; ++look) {
        auto file = world.files().open(name, io::OpenMode::read);
        if (!file) {
            if (file.error().code == ErrorCode::not_found) return {};
            return file.error();
        }
        auto damage = Wal{**file, name}.look();
        if (!damage) return with_context(damage.error(), name);
        if (!*damage || (found && found->message != (*damage)->message)) return {};
        found = std::move(*damage);
    }
    return *found;
}

}  // namespace tidings

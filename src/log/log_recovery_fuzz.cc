// Any bytes as a segment file: opening, recovering and reading them must end, and never crash.
#include <tidings/base/crc32c.h>
#include <tidings/log/log.h>
#include <tidings/sim/world.h>

#include "log/format.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace {

using namespace tidings;
using namespace tidings::log;

constexpr std::size_t bytes_max = 256 * 1024;
const std::string directory = "order";

void put_crc(std::string& bytes, std::size_t at, std::uint32_t crc) {
    std::memcpy(bytes.data() + at, &crc, sizeof crc);
}

/// Makes the checksums fit, so that what lies behind them is tried too.
void mend_checksums(std::string& bytes) {
    const std::string_view view = bytes;
    if (bytes.size() < block_bytes) return;
    constexpr std::size_t segment_crc_at = segment_header_bytes - 4;
    put_crc(bytes, segment_crc_at, crc32c(view.substr(0, segment_crc_at)));
    constexpr std::size_t header_crc_at = batch_header_bytes - 4;
    constexpr std::size_t body_crc_at = batch_header_bytes - 8;
    for (std::size_t at = block_bytes; at + batch_header_bytes <= bytes.size(); at += block_bytes) {
        std::uint32_t magic = 0;
        std::uint32_t body = 0;
        std::memcpy(&magic, bytes.data() + at, sizeof magic);
        std::memcpy(&body, bytes.data() + at + 8, sizeof body);
        if (magic != batch_magic) continue;
        if (body <= bytes.size() - at - batch_header_bytes) {
            put_crc(bytes, at + body_crc_at, crc32c(view.substr(at + batch_header_bytes, body)));
        }
        put_crc(bytes, at + header_crc_at, crc32c(view.substr(at, header_crc_at)));
    }
}

void read_through(io::World& world, Reader::Unacknowledged unacknowledged) {
    const auto reader = Reader::open(world, directory, unacknowledged);
    if (!reader) return;
    std::int64_t at = (*reader)->first().value;
    while (true) {
        const auto records = (*reader)->read(Offset{at}, 100, 64 * 1024);
        if (!records || records->empty()) break;
        for (const Record& record : *records) {
            TIDINGS_ASSERT(record.offset.value == at);
            ++at;
            // Touches every byte, for the sanitizer to see whether they are there.
            const auto bytes = std::string{record.headers} + std::string{record.payload};
            TIDINGS_ASSERT(bytes.size() <= bytes_max);
        }
    }
    static_cast<void>((*reader)->read(Offset{at / 2}, 1, 1));
    static_cast<void>((*reader)->find(world.now()));
    static_cast<void>((*reader)->find(Timestamp{}));
    static_cast<void>((*reader)->high_watermark());
}

}  // namespace

/// The first byte says whether checksums are mended; the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool mend = (data[0] & 1) != 0;
    std::string bytes{reinterpret_cast<const char*>(data) + 1, std::min(size - 1, bytes_max)};
    if (mend) mend_checksums(bytes);

    sim::SimWorld world{1};
    io::FileSystem& files = world.files();
    files.make_directory(directory).value();
    auto file = files.open(directory + "/" + segment_name(0), io::OpenMode::create).value();
    file->write_at(0, bytes).value();
    file->flush().value();

    read_through(world, Reader::Unacknowledged::shown);
    const auto log = Log::open(world, directory, "fuzzer", Options{.segment_bytes_max = 1 << 20});
    if (log) {
        const NewRecord record{"headers", "payload"};
        const auto appended = (*log)->append({&record, 1});
        TIDINGS_ASSERT(appended && *appended == (*log)->recovery().next);
    } else {
        // What cannot be recovered is left as it was.
        std::string after(bytes.size(), '\0');
        TIDINGS_ASSERT(file->read_at(0, after).value() == bytes.size() && after == bytes);
    }
    read_through(world, Reader::Unacknowledged::hidden);
    return 0;
}

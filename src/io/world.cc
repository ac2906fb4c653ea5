#include <tidings/io/world.h>

#include "io/posix.h"

#include <cstring>

namespace tidings::io {

namespace {

class RealWorld final : public World {
public:
    Timestamp now() override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }

    TimePoint monotonic() override { return std::chrono::steady_clock::now(); }

    void random(std::span<std::uint8_t> into) override { fill_random(into.data(), into.size()); }

    FileSystem& files() override { return posix_files(); }

    std::string boot_id() override {
        static const std::string id = read_boot_id();
        return id;
    }

    Result<DiskSpace> disk_space(const std::string& path) override {
        return posix_disk_space(path);
    }

    void end_process(int status) override { end_this_process(status); }

private:
    static std::string read_boot_id() {
        // Not every container shows it; then every process takes every shared page for stale, which
        // costs time and nothing else.
        char text[Uuid::text_bytes];
        const auto file = posix_files().open("/proc/sys/kernel/random/boot_id", OpenMode::read);
        if (file) {
            const auto count = (*file)->read_at(0, text);
            if (count && *count == sizeof text) return std::string(text, sizeof text);
        }
        return to_string(real_world().new_uuid());
    }
};

}  // namespace

Uuid World::new_uuid() {
    std::array<std::uint8_t, 16> bytes{};
    random(bytes);
    return Uuid::version4(bytes);
}

std::uint64_t World::random_number() {
    std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
    random(bytes);
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

World& real_world() {
    static RealWorld world;
    return world;
}

}  // namespace tidings::io

#include <tidings/io/world.h>

#include "io/posix.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tidings::io {

namespace {

constexpr std::size_t page_bytes = 4096;

/// The layout of the file. Bell and words are on cache lines of their own.
struct Layout {
    alignas(64) std::atomic<std::uint32_t> wakes;
    alignas(64) std::atomic<std::uint64_t> words[SharedPage::words_count];
};

static_assert(sizeof(Layout) <= page_bytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

class MappedPage final : public SharedPage {
public:
    explicit MappedPage(void* memory) : layout_(static_cast<Layout*>(memory)) {}
    ~MappedPage() override { ::munmap(layout_, page_bytes); }
    MappedPage(const MappedPage&) = delete;
    MappedPage& operator=(const MappedPage&) = delete;

    std::span<std::atomic<std::uint64_t>, words_count> words() noexcept override {
        return layout_->words;
    }

    void wake() noexcept override {
        layout_->wakes.fetch_add(1);
        futex_wake(layout_->wakes, true);
    }

    void wait(std::uint32_t seen, Duration timeout) noexcept override {
        const TimePoint deadline = deadline_after(timeout);
        while (layout_->wakes.load() == seen && std::chrono::steady_clock::now() < deadline) {
            futex_wait(layout_->wakes, seen, deadline, true);
        }
    }

    std::uint32_t wakes() const noexcept override { return layout_->wakes.load(); }

private:
    Layout* layout_;
};

}  // namespace

Result<std::unique_ptr<SharedPage>> map_shared_page(const std::string& path) {
    auto file = open_regular(path, O_RDWR | O_CREAT);
    if (!file) return std::move(file).error();
    // Real blocks, because touching a hole on a full disk would kill us with SIGBUS.
    if (const int failed = ::posix_fallocate(file->get(), 0, page_bytes); failed != 0) {
        return system_error(failed, "reserve room for", path);
    }
    void* memory = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file->get(), 0);
    if (memory == MAP_FAILED) return system_error(errno, "map", path);
    return std::unique_ptr<SharedPage>{std::make_unique<MappedPage>(memory)};
}

}  // namespace tidings::io

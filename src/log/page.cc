#include "log/page.h"

#include <cstring>
#include <utility>

namespace tidings::log {
namespace {

// Which word means what; the layout counts as the page's version, told apart by the boot word.
enum Word : std::size_t { boot, log_high, log_low, first, watermark, tail_segment, tail_end };

constexpr std::uint64_t layout_version = 1;

/// Never 0, which stands for a page that says nothing.
std::uint64_t hash_of_boot(const std::string& boot_id) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U + layout_version;
    for (const char byte : boot_id) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    }
    return hash | 1;
}

std::pair<std::uint64_t, std::uint64_t> halves(const Uuid& uuid) noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, uuid.bytes.data(), sizeof high);
    std::memcpy(&low, uuid.bytes.data() + sizeof high, sizeof low);
    return {high, low};
}

}  // namespace

std::string progress_page_path(const std::string& directory) { return directory + "/watermark"; }

Result<std::unique_ptr<ProgressPage>> ProgressPage::open(io::World& world,
                                                         const std::string& directory) {
    auto page = world.files().share(progress_page_path(directory));
    if (!page) return page.error();
    return std::unique_ptr<ProgressPage>{
        new ProgressPage{std::move(*page), hash_of_boot(world.boot_id())}};
}

void ProgressPage::clear() noexcept { words_[Word::boot].store(0); }

void ProgressPage::begin(const Uuid& log, const Progress& progress) noexcept {
    const auto [high, low] = halves(log);
    words_[log_high].store(high);
    words_[log_low].store(low);
    words_[first].store(static_cast<std::uint64_t>(progress.first));
    advance(progress);
    words_[boot].store(boot_);
}

void ProgressPage::advance(const Progress& progress) noexcept {
    words_[tail_segment].store(static_cast<std::uint64_t>(progress.tail_segment),
                               std::memory_order_relaxed);
    words_[tail_end].store(progress.tail_end, std::memory_order_relaxed);
    words_[watermark].store(static_cast<std::uint64_t>(progress.watermark),
                            std::memory_order_release);
}

void ProgressPage::set_first(std::int64_t offset) noexcept {
    words_[first].store(static_cast<std::uint64_t>(offset));
}

std::optional<Uuid> ProgressPage::log() noexcept {
    if (words_[boot].load() != boot_) return std::nullopt;
    const std::uint64_t high = words_[log_high].load();
    const std::uint64_t low = words_[log_low].load();
    Uuid uuid;
    std::memcpy(uuid.bytes.data(), &high, sizeof high);
    std::memcpy(uuid.bytes.data() + sizeof high, &low, sizeof low);
    return uuid;
}

std::optional<Progress> ProgressPage::read(const Uuid& log) noexcept {
    if (this->log() != log) return std::nullopt;
    Progress progress;
    // The watermark first: what is read after it is at least as new, so that the segment it names
    // holds the records below the watermark or comes after the one that does.
    progress.watermark =
        static_cast<std::int64_t>(words_[watermark].load(std::memory_order_acquire));
    progress.tail_segment = static_cast<std::int64_t>(words_[tail_segment].load());
    progress.tail_end = words_[tail_end].load();
    progress.first = static_cast<std::int64_t>(words_[first].load());
    // A writer that began anew meanwhile may have changed some of them only.
    if (words_[boot].load() != boot_) return std::nullopt;
    return progress;
}

}  // namespace tidings::log

#include <tidings/log/log.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

namespace tidings::log {
namespace {

// Words of the shared page: how many processes listen, then how often each log was rung. Logs may
// share a word, which rings once too often.
constexpr std::size_t listeners_word = 0;
constexpr std::size_t slots_begin = 1;
constexpr std::size_t slots_count = io::SharedPage::words_count - slots_begin;
/// A listener looks at least so often, should a ring get lost with the process that made it.
constexpr Duration wait_max = 1s;

std::size_t slot_of(const std::string& log) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : log) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    }
    return hash % slots_count;
}

/// What all doorbells of one directory in one process share.
class Bell final : public io::Worker {
public:
    Bell(std::unique_ptr<io::SharedPage> page, bool real)
        : page_(std::move(page)), words_(page_->words()), real_(real) {}

    ~Bell() override {
        if (!listening_) return;
        words_[listeners_word].fetch_sub(1);
        closing_.store(true);
        page_->wake();
        runner_.stop();
    }

    void watch(const void* owner, const std::string& log, io::Wakeup& wakeup) {
        const std::lock_guard guard{mutex_};
        watchers_.push_back({owner, slot_of(log), log, &wakeup});
        if (!real_ || listening_) return;
        // Counted before the first look at the slots: whoever rings after that sees the count.
        words_[listeners_word].fetch_add(1);
        for (std::size_t slot = 0; slot < slots_count; ++slot) foreign_[slot] = foreign(slot);
        listening_ = true;
        runner_.start(*this);
    }

    /// Forgets what `owner` watches for, or, without a wakeup, all of it.
    void forget(const void* owner, const io::Wakeup* wakeup) {
        const std::lock_guard guard{mutex_};
        std::erase_if(watchers_, [&](const Watcher& watcher) {
            return watcher.owner == owner && (wakeup == nullptr || watcher.wakeup == wakeup);
        });
    }

    void ring(const std::string& log) {
        const std::size_t slot = slot_of(log);
        std::uint64_t others = 0;
        {
            const std::lock_guard guard{mutex_};
            ++own_[slot];
            words_[slots_begin + slot].fetch_add(1);
            others = words_[listeners_word].load() - (listening_ ? 1 : 0);
            for (const Watcher& watcher : watchers_) {
                if (watcher.log == log) watcher.wakeup->notify();
            }
        }
        // A process that was killed stays counted, which costs a system call and no more.
        if (others != 0) page_->wake();
    }

    TimePoint poll(TimePoint now) override {
        const std::uint32_t seen = page_->wakes();
        if (closing_.load()) return when_woken;
        look();
        // This thread has nothing else to do, and waits in the kernel rather than at its wakeup.
        page_->wait(seen, wait_max);
        return now;
    }

    std::string_view name() const noexcept override { return "doorbell"; }

private:
    struct Watcher {
        const void* owner;
        std::size_t slot;
        std::string log;
        io::Wakeup* wakeup;
    };

    /// Returns how often other processes rang.
    std::uint64_t foreign(std::size_t slot) const noexcept {
        return words_[slots_begin + slot].load() - own_[slot];
    }

    /// Rings for what other processes rang; our own rings were heard when they were made.
    void look() {
        const std::lock_guard guard{mutex_};
        for (std::size_t slot = 0; slot < slots_count; ++slot) {
            const std::uint64_t rung = foreign(slot);
            if (rung == foreign_[slot]) continue;
            foreign_[slot] = rung;
            for (const Watcher& watcher : watchers_) {
                if (watcher.slot == slot) watcher.wakeup->notify();
            }
        }
    }

    std::unique_ptr<io::SharedPage> page_;
    std::span<std::atomic<std::uint64_t>, io::SharedPage::words_count> words_;
    const bool real_;
    std::mutex mutex_;
    std::vector<Watcher> watchers_;
    std::array<std::uint64_t, slots_count> own_{};
    std::array<std::uint64_t, slots_count> foreign_{};
    bool listening_ = false;
    std::atomic<bool> closing_{false};
    io::Runner runner_;
};

class SharedDoorbell final : public Doorbell {
public:
    explicit SharedDoorbell(std::shared_ptr<Bell> bell) : bell_(std::move(bell)) {}
    ~SharedDoorbell() override { bell_->forget(this, nullptr); }

    void watch(const std::string& log, io::Wakeup& wakeup) override {
        bell_->watch(this, log, wakeup);
    }
    void forget(io::Wakeup& wakeup) override { bell_->forget(this, &wakeup); }
    void ring(const std::string& log) override { bell_->ring(log); }

private:
    std::shared_ptr<Bell> bell_;
};

}  // namespace

Result<std::unique_ptr<Doorbell>> Doorbell::open(io::World& world, const std::string& directory) {
    // One bell for all doorbells of a directory in this process, so that a ring reaches all their
    // watchers without a system call. In a simulated world, which has no threads, that is the only
    // way it does; there the processes of one world are told by the memory that they share.
    using Key = std::pair<const void*, std::string>;
    static std::mutex mutex;
    static std::map<Key, std::weak_ptr<Bell>> bells;
    auto page = world.files().share(directory + "/doorbell");
    if (!page) return page.error();
    const bool real = &world == &io::real_world();
    const Key key = real ? Key{nullptr, directory} : Key{(*page)->words().data(), ""};

    const std::lock_guard guard{mutex};
    std::erase_if(bells, [](const auto& entry) { return entry.second.expired(); });
    std::shared_ptr<Bell> bell = bells[key].lock();
    if (!bell) {
        bell = std::make_shared<Bell>(std::move(*page), real);
        bells[key] = bell;
    }
    return std::unique_ptr<Doorbell>{std::make_unique<SharedDoorbell>(std::move(bell))};
}

}  // namespace tidings::log

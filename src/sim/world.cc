#include <tidings/base/assert.h>
#include <tidings/sim/world.h>

#include "sim/disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

namespace tidings::sim {
namespace {

constexpr std::chrono::sys_days first_day{std::chrono::year{2026} / 1 / 1};

class SimFile final : public io::File {
public:
    SimFile(Disk& disk, std::shared_ptr<Life> life, std::string path, Disk::FilePointer file,
            bool writable)
        : disk_(disk),
          life_(std::move(life)),
          path_(std::move(path)),
          file_(std::move(file)),
          writable_(writable) {}

    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
        return disk_.read(*life_, path_, *file_, offset, into);
    }
    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
        if (!writable_) return read_only();
        return disk_.write(*life_, path_, *file_, offset, bytes);
    }
    Result<void> flush() override { return disk_.flush(*life_, path_, *file_); }
    Result<std::uint64_t> size() const override {
        if (life_->is_over()) return Error{ErrorCode::io_error, path_ + ": its process has ended"};
        return file_->size();
    }
    Result<void> truncate(std::uint64_t size) override {
        if (!writable_) return read_only();
        return disk_.truncate(*life_, path_, *file_, size);
    }

private:
    Error read_only() const { return Error{ErrorCode::io_error, path_ + " is open to read"}; }

    Disk& disk_;
    std::shared_ptr<Life> life_;
    std::string path_;
    Disk::FilePointer file_;
    bool writable_;
};

class SimLock final : public io::FileLock {
public:
    SimLock(Disk::FilePointer file, std::uint64_t number)
        : file_(std::move(file)), number_(number) {}
    ~SimLock() override {
        // After a kill somebody else may hold it by now.
        if (file_->lock_number == number_) file_->lock_holder.reset();
    }

private:
    Disk::FilePointer file_;
    std::uint64_t number_;
};

class SimPage final : public io::SharedPage {
public:
    explicit SimPage(std::shared_ptr<PageState> state) : state_(std::move(state)) {}
    std::span<std::atomic<std::uint64_t>, words_count> words() noexcept override {
        return state_->words;
    }
    void wake() noexcept override { ++state_->wakes; }
    void wait(std::uint32_t, Duration) noexcept override {}
    std::uint32_t wakes() const noexcept override { return state_->wakes; }

private:
    std::shared_ptr<PageState> state_;
};

/// The disk as one process has it.
class SimFiles final : public io::FileSystem {
public:
    SimFiles(Disk& disk, std::string process)
        : disk_(disk), life_(std::make_shared<Life>(std::move(process))) {}

    void begin_new_life() {
        life_->alive = false;
        life_ = std::make_shared<Life>(life_->process);
    }
    Life& life() noexcept { return *life_; }

    Result<std::unique_ptr<io::File>> open(const std::string& given, io::OpenMode mode) override {
        const std::string path = plain(given);
        auto file = disk_.find_or_make(*life_, path, mode);
        if (!file) return file.error();
        return std::unique_ptr<io::File>{std::make_unique<SimFile>(
            disk_, life_, path, std::move(*file), mode != io::OpenMode::read)};
    }
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return disk_.list(plain(directory));
    }
    Result<void> make_directory(const std::string& path) override {
        return disk_.make_directory(*life_, plain(path));
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return disk_.rename(*life_, plain(from), plain(to));
    }
    Result<void> remove(const std::string& path) override {
        return disk_.remove(*life_, plain(path));
    }
    Result<void> flush_directory(const std::string& path) override {
        return disk_.flush_directory(*life_, plain(path));
    }
    Result<std::unique_ptr<io::FileLock>> lock(const std::string& given,
                                               std::string_view holder) override {
        const std::string path = plain(given);
        auto found = disk_.find_or_make(*life_, path, io::OpenMode::create);
        if (!found) return found.error();
        FileData& file = **found;
        if (file.lock_holder && file.lock_holder->alive) {
            return Error{ErrorCode::unavailable,
                         fmt::format("{} is locked by {}", path, file.lock_text),
                         "stop that one first, or choose another directory"};
        }
        file.lock_holder = life_;
        file.lock_text = holder;
        file.lock_number = ++disk_.next_lock;
        return std::unique_ptr<io::FileLock>{
            std::make_unique<SimLock>(std::move(*found), file.lock_number)};
    }
    Result<std::unique_ptr<io::SharedPage>> share(const std::string& path) override {
        auto found = disk_.find_or_make(*life_, plain(path), io::OpenMode::create);
        if (!found) return found.error();
        auto& page = (*found)->page;
        if (!page) page = std::make_shared<PageState>();
        return std::unique_ptr<io::SharedPage>{std::make_unique<SimPage>(page)};
    }

private:
    Disk& disk_;
    std::shared_ptr<Life> life_;
};

/// The world as one process has it.
class Process final : public io::World {
public:
    Process(SimWorld& world, Disk& disk, Random random, std::string_view name)
        : world_(world), random_(random), files_(disk, std::string{name}) {}
    Timestamp now() override {
        const auto since = std::chrono::floor<std::chrono::milliseconds>(monotonic() - clock_set_);
        return world_.now() + clock_.offset + since * clock_.drift_ppm / 1'000'000;
    }
    TimePoint monotonic() override { return world_.monotonic(); }
    void random(std::span<std::uint8_t> into) override {
        while (!into.empty()) {
            const std::uint64_t number = random_.next();
            const std::size_t count = std::min(into.size(), sizeof number);
            for (std::size_t i = 0; i < count; ++i) {
                into[i] = static_cast<std::uint8_t>(number >> (8 * i));
            }
            into = into.subspan(count);
        }
    }
    io::FileSystem& files() override { return files_; }
    std::string boot_id() override { return world_.boot_id(); }
    Result<io::DiskSpace> disk_space(const std::string& path) override {
        return world_.disk_space(path);
    }
    void end_process(int) override { end(); }
    void end() { files_.begin_new_life(); }
    Life& life() noexcept { return files_.life(); }
    void set_clock(const ClockError& error) {
        clock_ = error;
        clock_set_ = monotonic();
    }

private:
    SimWorld& world_;
    Random random_;
    SimFiles files_;
    ClockError clock_;
    TimePoint clock_set_{};
};

}  // namespace

struct SimWorld::Impl {
    Impl(std::uint64_t seed, DiskProfile profile)
        : random(seed), disk(profile, random.split("disk")) {}

    Process& find_or_make(SimWorld& world, std::string_view name);

    Random random;
    Disk disk;
    std::map<std::string, std::unique_ptr<Process>, std::less<>> processes;
    std::chrono::sys_time<Duration> wall = first_day;
    TimePoint monotonic{1h};
    int boots = 1;
};

SimWorld::SimWorld(std::uint64_t seed, DiskProfile profile)
    : impl_(std::make_unique<Impl>(seed, profile)) {
    impl_->disk.pass_time = [this](Duration by) { advance(by); };
}
SimWorld::~SimWorld() = default;

Timestamp SimWorld::now() { return std::chrono::floor<std::chrono::milliseconds>(impl_->wall); }
TimePoint SimWorld::monotonic() { return impl_->monotonic; }
void SimWorld::random(std::span<std::uint8_t> into) { process("").random(into); }
io::FileSystem& SimWorld::files() { return process("").files(); }
std::string SimWorld::boot_id() { return fmt::format("simulated-boot-{}", impl_->boots); }

Result<io::DiskSpace> SimWorld::disk_space(const std::string&) {
    const std::uint64_t total = impl_->disk.bytes_max;
    return io::DiskSpace{total, total - std::min(total, impl_->disk.bytes())};
}
void SimWorld::end_process(int status) { process("").end_process(status); }

std::uint64_t SimWorld::seed() const noexcept { return impl_->random.seed(); }
Random SimWorld::stream(std::string_view purpose) const { return impl_->random.split(purpose); }

void SimWorld::advance(Duration by) {
    TIDINGS_ASSERT(by >= Duration::zero());
    impl_->wall += by;
    impl_->monotonic += by;
}

void SimWorld::jump_wall_clock(std::chrono::milliseconds by) { impl_->wall += by; }

void SimWorld::set_clock(std::string_view name, const ClockError& error) {
    impl_->find_or_make(*this, name).set_clock(error);
}

io::World& SimWorld::process(std::string_view name) { return impl_->find_or_make(*this, name); }

Process& SimWorld::Impl::find_or_make(SimWorld& world, std::string_view name) {
    const auto found = processes.find(name);
    if (found != processes.end()) return *found->second;
    Random own = random.split(fmt::format("process {}", name));
    auto made = std::make_unique<Process>(world, disk, own, name);
    return *processes.emplace(name, std::move(made)).first->second;
}

void SimWorld::kill(std::string_view name) {
    const auto found = impl_->processes.find(name);
    if (found != impl_->processes.end()) found->second->end();
}

void SimWorld::kill() {
    for (auto& [name, process] : impl_->processes) process->end();
    impl_->disk.stop_at = std::numeric_limits<std::uint64_t>::max();
}

void SimWorld::crash() {
    kill();
    impl_->disk.lose_power();
    ++impl_->boots;
}

void SimWorld::fail(DiskFault fault) {
    TIDINGS_ASSERT(fault.nth > 0);
    impl_->disk.faults.push_back(std::move(fault));
}

void SimWorld::set_disk_rates(const DiskRates& rates) { impl_->disk.rates = rates; }
void SimWorld::set_disk_bytes_max(std::uint64_t bytes) { impl_->disk.bytes_max = bytes; }
std::uint64_t SimWorld::disk_bytes() const { return impl_->disk.bytes(); }
void SimWorld::stop_after(std::uint64_t operations) {
    impl_->disk.stop_at = impl_->disk.operations + operations;
}
bool SimWorld::is_stopped() const noexcept { return impl_->disk.operations >= impl_->disk.stop_at; }
void SimWorld::stop_after(std::string_view name, std::uint64_t operations) {
    Life& life = impl_->find_or_make(*this, name).life();
    life.stop_at = life.operations + operations;
}
bool SimWorld::is_stopped(std::string_view name) const noexcept {
    const auto found = impl_->processes.find(name);
    return found != impl_->processes.end() && found->second->life().is_over();
}
std::uint64_t SimWorld::operations() const noexcept { return impl_->disk.operations; }
void SimWorld::heal() {
    impl_->disk.heal();
    constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
    for (const auto& [name, process] : impl_->processes) {
        Life& life = process->life();
        if (!life.is_over()) life.stop_at = never;
    }
}
std::uint64_t SimWorld::digest() const { return impl_->disk.digest(); }

}  // namespace tidings::sim

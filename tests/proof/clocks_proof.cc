// T12: no wall clock is trusted.
//
// A year of virtual time. The two services have wall clocks of their own, an hour apart and more,
// which are set forward and back by an hour or a day, and stand still; the bank is closed now and
// then, for so long that deadlines pass; and services are killed. Deadlines may come early or late
// by what the clocks are wrong, but the books balance: nobody is charged twice, whoever is charged
// gets the order or the money back, and nothing is unaccounted.
#include "flow.h"
#include "memory_world.h"
#include "rig.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace tidings::proof {
namespace {

using std::chrono::hours;
constexpr int parts_of_a_day = 4;
constexpr int polls_max = 400;
constexpr int days_to_rest_max = 60;

/// A process's own wall clock, over a world that it shares.
class OwnClock final : public io::World {
public:
    explicit OwnClock(MemoryWorld& world) : world_(world) {}
    Timestamp now() override {
        const Timestamp now = world_.now() + std::chrono::floor<std::chrono::milliseconds>(off_);
        return frozen_at_ ? *frozen_at_ : now;
    }
    TimePoint monotonic() override { return world_.monotonic(); }
    void random(std::span<std::uint8_t> into) override { world_.random(into); }
    io::FileSystem& files() override { return world_.files(); }
    std::string boot_id() override { return world_.boot_id(); }
    Result<io::DiskSpace> disk_space(const std::string& path) override {
        return world_.disk_space(path);
    }
    void end_process(int status) override { world_.end_process(status); }

    void set(Duration by) { off_ += by; }
    void freeze() { frozen_at_ = now(); }
    void thaw() { frozen_at_.reset(); }

private:
    MemoryWorld& world_;
    Duration off_{0};
    std::optional<Timestamp> frozen_at_;
};

/// The reference flow as two processes with clocks of their own.
class Year {
public:
    Year(std::uint64_t seed, bool bank_forgets)
        : random_(seed), world_(seed), clocks_{OwnClock{world_}, OwnClock{world_}} {
        clocks_[1].set(hours{1});
        for (std::size_t i = 0; i < flows_.size(); ++i) {
            Flow::Options options;
            options.parts = i == 0 ? Flow::Parts::orders : Flow::Parts::payments;
            options.bank_is_open = [this] { return bank_is_open_; };
            options.bank_forgets = bank_forgets;
            options.draw = [this](std::uint64_t below) { return random_.below(below); };
            flows_[i] = std::make_unique<Flow>(clocks_[i], witness_, std::move(options));
            flows_[i]->open().value();
        }
    }

    void live_a_day() {
        for (int part = 0; part < parts_of_a_day; ++part) {
            disturb();
            flows_[0]->place(orders_++);
            const std::uint64_t polls = 5 + random_.below(60);
            for (std::uint64_t i = 0; i < polls; ++i) {
                for (auto& flow : flows_) flow->poll();
                world_.advance(50ms);
            }
            world_.advance(hours{24} / parts_of_a_day);
        }
    }
    /// Lets the clocks be, and everything come to its end. Returns what is wrong then.
    std::vector<std::string> end() {
        bank_is_open_ = true;
        for (auto& clock : clocks_) clock.thaw();
        for (auto& flow : flows_) flow->close();
        Flow whole{world_, witness_, {}};
        if (Result<void> opened = whole.open(); !opened) return {opened.error().message};
        // What was set while a clock was ahead is due that much later.
        while (!settles(whole) && days_to_rest_ < days_to_rest_max) {
            world_.advance(hours{24});
            ++days_to_rest_;
        }
        std::vector<std::string> wrong = whole.out_of_balance();
        if (!settles(whole)) wrong.push_back("it does not come to rest");
        whole.close();
        const std::vector<std::string> left = verified(world_, "data");
        wrong.insert(wrong.end(), left.begin(), left.end());
        return wrong;
    }
    int orders() const { return orders_; }
    int jumps() const { return jumps_; }
    int days_to_rest() const { return days_to_rest_; }

private:
    bool settles(Flow& flow) {
        return flow.settle(polls_max, [&] { world_.advance(100ms); }) && flow.all_are_final();
    }
    void disturb() {
        OwnClock& clock = clocks_[random_.below(clocks_.size())];
        const std::size_t which = random_.below(flows_.size());
        switch (random_.below(8)) {
            case 0:
            case 1:
                ++jumps_;
                clock.set(random_.chance(0.5) ? hours{1} : -hours{1});
                break;
            case 2:
                ++jumps_;
                clock.set(random_.chance(0.5) ? hours{24} : -hours{24});
                break;
            case 3:
                ++jumps_;
                clock.freeze();
                break;
            case 4:
                clock.thaw();
                break;
            case 5:
                bank_is_open_ = !bank_is_open_;
                break;
            case 6:
                world_.be_dead(true);
                flows_[which]->drop();
                world_.be_dead(false);
                flows_[which]->open().value();
                break;
            default:
                break;
        }
    }

    sim::Random random_;
    MemoryWorld world_;
    std::array<OwnClock, 2> clocks_;
    Witness witness_;
    std::array<std::unique_ptr<Flow>, 2> flows_;
    bool bank_is_open_ = true;
    int orders_ = 0;
    int jumps_ = 0;
    int days_to_rest_ = 0;
};

/// Whether a bank is found that knows a request again for an hour by its wall clock only.
bool finds_forgetful_bank() {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Year year{seed, true};
        for (int day = 0; day < 20; ++day) year.live_a_day();
        if (!year.end().empty()) return true;
    }
    return false;
}

int prove(int argc, char** argv) {
    Rig rig{"T12", argc, argv};
    rig.control("a bank that forgets requests after an hour by the wall clock",
                finds_forgetful_bank());
    const std::int64_t days = rig.amount(365);
    Year year{rig.seed(), false};
    for (std::int64_t day = 0; day < days; ++day) {
        year.live_a_day();
        rig.progress(day, days, "days");
    }
    for (const std::string& wrong : year.end()) rig.broken(wrong);
    rig.figure("orders", std::to_string(year.orders()));
    rig.figure("clocks set or stopped", std::to_string(year.jumps()));
    rig.figure("days until all was at rest", std::to_string(year.days_to_rest()));
    return rig.finish(fmt::format("{} days", days));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }

#include "demo/progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <unistd.h>

namespace shop {

namespace {

using namespace tidings;

constexpr std::size_t bar_width = 30;

}  // namespace

Progress::Progress(io::World& world, std::size_t orders)
    : world_(world), orders_(orders), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::show(const Host& host, const Intake& intake) {
    const TimePoint now = world_.monotonic();
    const Duration pause = terminal_ ? Duration{100ms} : Duration{5s};
    if (now - shown_ < pause) return;
    shown_ = now;
    std::int64_t on_the_way = 0;
    for (const std::string& service : host.services()) {
        const DeliveryStatus status = host.status(service);
        on_the_way += status.lag + status.outbox_pending + status.timers + status.effects_owed;
    }
    const bool importing = intake.orders_accepted() == 0 && intake.answered() < intake.total();
    const std::size_t done = importing ? intake.answered() : intake.orders_accepted();
    const std::size_t total = importing ? intake.total() - orders_ : orders_;
    const std::size_t filled =
        total == 0 ? bar_width : std::min(bar_width, done * bar_width / total);
    const std::string text =
        fmt::format("[{}{}] {} {} of {}, {} on the way", std::string(filled, '#'),
                    std::string(bar_width - filled, ' '), importing ? "imported" : "orders taken",
                    done, total, on_the_way);
    if (terminal_) {
        fmt::print(stderr, "\r{}\x1b[K", text);
    } else {
        fmt::print(stderr, "{}\n", text);
    }
    std::fflush(stderr);
}

void Progress::end() {
    if (terminal_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace shop

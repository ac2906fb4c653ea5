#include "service/host_watch.h"

#include <algorithm>

namespace tidings {

namespace {

/// What the relay publishes at once has to fit into a segment, and a log needs some of them.
constexpr std::uint64_t segment_bytes_min = 8 * 1024 * 1024;
constexpr std::uint64_t segments_min = 4;

}  // namespace

Result<log::Options> log_options(log::Options wanted) {
    if (wanted.bytes_max == 0) return wanted;
    if (wanted.bytes_max < segments_min * segment_bytes_min) {
        return Error{ErrorCode::invalid_argument,
                     "a log of at most " + std::to_string(wanted.bytes_max) + " bytes is too small",
                     "give it 32 MiB at least"};
    }
    wanted.segment_bytes_max =
        std::clamp(wanted.bytes_max / 8, segment_bytes_min, wanted.segment_bytes_max);
    if (wanted.retention_bytes_max == 0) wanted.retention_bytes_max = wanted.bytes_max / 4 * 3;
    return wanted;
}

HostWatch::HostWatch(io::World& world, const HostOptions& options, Broker& broker, Metrics& metrics)
    : options_(options),
      broker_(broker),
      metrics_(metrics),
      disk_(
          world,
          {options.data, options.disk_reserve_bytes, options.disk_low_bytes,
           options.journal.named("disk")},
          [this] { return is_refused_room(); },
          [this](const std::optional<Error>& why) {
              for (StepLoop* loop : loops_) loop->hold_intake(why);
          }) {
    watches_.push_back(
        metrics.watch("tidings_disk_free_bytes", "Room left on the disk of the data directory.", {},
                      [this] { return static_cast<double>(disk_.state().space.bytes_free); }));
    watches_.push_back(metrics.watch(
        "tidings_disk_full", "1 while nothing new is taken for want of room.", {},
        [this] { return disk_.state().level == DiskState::Level::full ? 1.0 : 0.0; }));
}

bool HostWatch::is_refused_room() const {
    return std::any_of(loops_.begin(), loops_.end(), [](const StepLoop* loop) {
        const std::optional<Error> failed = loop->status().failed;
        return failed && failed->code == ErrorCode::limit_exceeded;
    });
}

void HostWatch::show_log(const std::string& domain) {
    const auto show = [this, &domain](const char* name, const char* help,
                                      double (*read)(const TopicUsage&)) {
        watches_.push_back(metrics_.watch(name, help, {{"topic", domain}}, [this, domain, read] {
            for (const TopicUsage& usage : broker_.usage()) {
                if (usage.topic == domain) return read(usage);
            }
            return 0.0;
        }));
    };
    show("tidings_log_bytes", "Size of the domain's log.",
         [](const TopicUsage& usage) { return static_cast<double>(usage.bytes); });
    show("tidings_log_bytes_max", "Bound of it, where publishers have to wait; 0: none.",
         [](const TopicUsage& usage) { return static_cast<double>(usage.bytes_max); });
    show("tidings_log_held_bytes",
         "What retention would remove, if its slowest reader had read it.",
         [](const TopicUsage& usage) { return static_cast<double>(usage.held_bytes); });
}

void HostWatch::clear() {
    watches_.clear();
    loops_.clear();
}

std::vector<io::Worker*> HostWatch::watchers() {
    std::vector<io::Worker*> watchers{&disk_};
    for (StepLoop* loop : loops_) watchers.push_back(&loop->watchdog());
    return watchers;
}

HealthView HostWatch::view() const {
    HealthView view;
    view.data = options_.data;
    view.disk = disk_.state();
    view.logs = broker_.usage();
    view.alarms = options_.alarms;
    view.outbox_max = options_.limits.outbox_max;
    return view;
}

}  // namespace tidings

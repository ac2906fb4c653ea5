#include "delivery/outbox_history.h"

#include "base/test_points.h"

#include <algorithm>
#include <map>
#include <optional>

namespace tidings {

namespace {

constexpr std::size_t read_count = 1024;

/// The highest sequence that a log holds of one source and epoch; 0 if none. Nothing if the broker
/// does not tell at the moment.
std::optional<std::int64_t> highest_sequence(Broker& broker, const std::string& topic,
                                             std::string_view source, const Uuid& epoch) {
    auto log = broker.subscribe(Topic{topic}, ConsumerGroup{}, {Latest{}, {}, nullptr});
    if (!log) return std::nullopt;
    const Position end = (*log)->high_watermark();
    const auto is_ours = [&](const DeliveredEvent& event) {
        return event.headers.source == source && event.headers.epoch == epoch;
    };
    // One writer for a topic: so the last event is nearly always the one that is looked for.
    if (end.value > 0 && (*log)->seek(Position{end.value - 1})) {
        const Result<Fetched> last = (*log)->fetch(1);
        if (last && !last->events.empty() && is_ours(last->events.front())) {
            return last->events.front().headers.sequence.value;
        }
    }
    if (!(*log)->seek(Earliest{})) return std::nullopt;
    std::int64_t highest = 0;
    while (true) {
        const Result<Fetched> fetched = (*log)->fetch(read_count);
        if (!fetched) return std::nullopt;
        for (const DeliveredEvent& event : fetched->events) {
            if (is_ours(event)) highest = std::max(highest, event.headers.sequence.value);
        }
        if (fetched->next >= end) return highest;
        if (fetched->events.empty()) return std::nullopt;
    }
}

[[noreturn]] void refuse(std::string_view service, const std::string& topic, std::int64_t published,
                         std::int64_t found) {
    throw Failure{
        {ErrorCode::corruption,
         "the log of topic " + topic + " ends with event " + std::to_string(found) + " of " +
             std::string{service} + ", which has published " + std::to_string(published),
         "the log was replaced or restored from an older copy: restore logs and databases of one "
         "backup together, or bring the newer log back; nothing was changed"}};
}

}  // namespace

bool reconcile_with_logs(StoreTransaction& tx, io::World& world, Broker& broker,
                         std::span<const std::string> domains, std::string_view service,
                         Outbox& outbox, const Journal& journal) {
    std::map<std::string, std::int64_t, std::less<>> in_log;
    bool restored = false;
    for (const std::string& domain : domains) {
        const std::int64_t last = outbox.last_sequence(domain);
        if (last == 0) continue;  // Nothing of this epoch was ever published there.
        const auto found = highest_sequence(broker, domain, service, outbox.epoch());
        if (!found) continue;
        in_log[domain] = *found;
        const std::int64_t published = outbox.published_sequence(tx, domain);
        // What is not durable may go with the power, and nobody was promised more.
        if (*found < published && broker.features().durability == Durability::durable) {
            reached("outbox.log_lacks_published_events");
            refuse(service, domain, published, *found);
        }
        restored = restored || *found > last;
    }
    if (!restored) return false;
    reached("outbox.restored_database_found");
    journal.write(LogLevel::warning,
                  "the database is older than the log: it was restored, and its outbox begins a "
                  "new epoch",
                  {{"service", service}, {"epoch", outbox.epoch()}});
    outbox.begin_epoch(tx, world.new_uuid(), in_log);
    return true;
}

}  // namespace tidings

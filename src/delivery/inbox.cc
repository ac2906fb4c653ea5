#include "delivery/inbox.h"

#include "base/test_points.h"
#include "delivery/due_clock.h"

#include <algorithm>

namespace tidings {

namespace {

/// Ids forgotten by one group at most: its commit stays short.
constexpr std::int64_t forgotten_at_once = 1000;
constexpr Duration look_interval = 1min;

std::chrono::milliseconds whole(Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

}  // namespace

void Inbox::open(StoreTransaction& tx) {
    foreign_taken_ = false;
    foreign_count_ =
        tx.value<std::int64_t>("SELECT count(*) FROM tidings_inbox_foreign").value_or(0);
    forgotten_to_ =
        tx.value<Timestamp>("SELECT forgotten_to FROM tidings_inbox_horizon WHERE id = 1")
            .value_or(Timestamp::min());
    look_again_ = {};
    sources_.clear();
    last_ = nullptr;
    last_name_ = nullptr;
    {
        Rows rows = tx.query("SELECT topic, source, epoch, mark FROM tidings_inbox");
        while (rows.next()) {
            const Row row = rows.row();
            Source& known = sources_[{row.get<std::string>(0), row.get<std::string>(1),
                                      Uuid::parse(row.text(2)).value()}];
            known.mark = known.stored_mark = row.integer(3);
        }
    }
    Rows rows = tx.query("SELECT topic, source, epoch, sequence FROM tidings_inbox_ahead");
    while (rows.next()) {
        const Row row = rows.row();
        Source& known = sources_[{row.get<std::string>(0), row.get<std::string>(1),
                                  Uuid::parse(row.text(2)).value()}];
        known.ahead.insert(row.integer(3));
        known.stored_ahead.insert(row.integer(3));
    }
}

Inbox::Source& Inbox::source(const std::string& topic, const EventHeaders& headers) {
    if (last_ != nullptr && std::get<2>(*last_name_) == headers.epoch &&
        std::get<0>(*last_name_) == topic && std::get<1>(*last_name_) == headers.source) {
        return *last_;
    }
    const auto entry = sources_.try_emplace({topic, headers.source, headers.epoch}).first;
    last_name_ = &entry->first;
    last_ = &entry->second;
    return *last_;
}

bool Inbox::take(const std::string& topic, const EventHeaders& headers) {
    Source& from = source(topic, headers);
    const std::int64_t sequence = headers.sequence.value;
    if (sequence <= from.mark) return false;
    from.dirty = true;
    if (planted(Mistake::inbox_closes_gaps)) from.mark = sequence - 1;
    if (sequence != from.mark + 1) {
        reached("inbox.gap");
        return from.ahead.insert(sequence).second;
    }
    ++from.mark;
    while (!from.ahead.empty() && *from.ahead.begin() == from.mark + 1) {
        reached("inbox.gap_closed");
        from.ahead.erase(from.ahead.begin());
        ++from.mark;
    }
    return true;
}

bool Inbox::take_original(const std::string& topic, const EventHeaders& headers) {
    EventHeaders one = headers;
    one.sequence.value -= headers.downcast;
    if (one.sequence.value <= 0) return true;  // It is the first that is numbered so.
    const bool is_fresh = take(topic, one);
    while (++one.sequence.value < headers.sequence.value) take(topic, one);
    return is_fresh;
}

Taken Inbox::take_foreign(StoreTransaction& tx, std::string_view id, Timestamp time,
                          Timestamp now) {
    foreign_taken_ = true;
    // Remembered by the later of both times: by neither may its event look new again.
    if (tx.execute("INSERT INTO tidings_inbox_foreign (id, seen) VALUES ($1, $2) "
                   "ON CONFLICT (id) DO NOTHING",
                   id, std::max(time, now)) == 0) {
        return Taken::duplicate;
    }
    ++foreign_count_;
    // A time that far ahead would have its id kept for ever, or its duplicates run.
    if (time > now + whole(horizon_.age_max)) return Taken::unknown;
    return time <= forgotten_to_ ? Taken::unknown : Taken::fresh;
}

void Inbox::forget(StoreTransaction& tx, Timestamp now) {
    foreign_taken_ = false;
    const bool too_many = foreign_count_ > horizon_.ids_max;
    if (!too_many && now < look_again_ && now >= look_again_ - whole(look_interval)) return;
    Timestamp horizon = now - whole(horizon_.age_max);
    if (too_many) {
        // The oldest go before their time; how far back ids are known then is there to be watched.
        const auto oldest = tx.value<Timestamp>(
            "SELECT seen FROM tidings_inbox_foreign ORDER BY seen LIMIT 1 OFFSET $1",
            std::min(foreign_count_ - horizon_.ids_max, forgotten_at_once) - 1);
        horizon = std::max(horizon, oldest.value_or(horizon));
    }
    const std::int64_t forgotten = tx.execute(
        "DELETE FROM tidings_inbox_foreign WHERE id IN (SELECT id FROM tidings_inbox_foreign "
        "WHERE seen <= $1 ORDER BY seen LIMIT $2)",
        horizon, forgotten_at_once);
    foreign_count_ -= forgotten;
    if (forgotten < forgotten_at_once) look_again_ = now + whole(look_interval);
    if (forgotten == 0 || horizon <= forgotten_to_) return;
    reached("inbox.forgot_foreign_ids");
    forgotten_to_ = horizon;
    tx.execute(
        "INSERT INTO tidings_inbox_horizon (id, forgotten_to) VALUES (1, $1) "
        "ON CONFLICT (id) DO UPDATE SET forgotten_to = excluded.forgotten_to",
        horizon);
}

void Inbox::before_commit(StoreTransaction& tx, DueClock& clock) {
    if (foreign_taken_) forget(tx, clock.now());
    for (auto& [name, from] : sources_) {
        if (!from.dirty) continue;
        const auto& [topic, source, epoch_id] = name;
        const std::string epoch = to_string(epoch_id);
        if (from.mark != from.stored_mark) {
            tx.execute(
                "INSERT INTO tidings_inbox (topic, source, epoch, mark) VALUES ($1, $2, $3, $4) "
                "ON CONFLICT (topic, source, epoch) DO UPDATE SET mark = excluded.mark",
                topic, source, epoch, from.mark);
        }
        for (const std::int64_t sequence : from.ahead) {
            if (from.stored_ahead.contains(sequence)) continue;
            tx.execute(
                "INSERT INTO tidings_inbox_ahead (topic, source, epoch, sequence) "
                "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                topic, source, epoch, sequence);
        }
        if (!from.stored_ahead.empty()) {
            tx.execute(
                "DELETE FROM tidings_inbox_ahead WHERE topic = $1 AND source = $2 AND epoch = $3 "
                "AND sequence <= $4",
                topic, source, epoch, from.mark);
        }
        from.stored_mark = from.mark;
        from.stored_ahead = from.ahead;
        from.dirty = false;
    }
}

}  // namespace tidings

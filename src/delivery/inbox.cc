#include "delivery/inbox.h"

#include "base/test_points.h"

namespace tidings {

void Inbox::open(StoreTransaction& tx) {
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

bool Inbox::take_foreign(StoreTransaction& tx, std::string_view id, Timestamp now) {
    return tx.execute(
               "INSERT INTO tidings_inbox_foreign (id, seen) VALUES ($1, $2) "
               "ON CONFLICT (id) DO NOTHING",
               id, now) == 1;
}

void Inbox::before_commit(StoreTransaction& tx) {
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

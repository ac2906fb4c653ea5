#include "delivery/outbox.h"

#include "base/test_points.h"

#include <algorithm>
#include <limits>

namespace tidings {

namespace {

/// Entries that there is room for at once in a group.
constexpr std::size_t added_min = 8;
constexpr auto everything = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());

}  // namespace

void Outbox::open(StoreTransaction& tx, io::World& world, std::string_view service) {
    service_ = service;
    const std::string fresh = to_string(world.new_uuid());
    tx.execute(
        "INSERT INTO tidings_outbox_state (id, epoch, last_position, published_position) "
        "VALUES (1, $1, 0, 0) ON CONFLICT (id) DO NOTHING",
        fresh);
    {
        Rows rows = tx.query(
            "SELECT epoch, last_position, published_position FROM tidings_outbox_state WHERE id = "
            "1");
        rows.next();
        epoch_ =
            Uuid::parse(planted(Mistake::makes_new_epochs) ? fresh : rows.row().text(0)).value();
        last_position_ = rows.row().integer(1);
        marked_ = rows.row().integer(2);
    }
    sequences_.clear();
    Rows topics = tx.query(planted(Mistake::reuses_sequences)
                               ? "SELECT topic, max(sequence) FROM tidings_outbox GROUP BY topic"
                               : "SELECT topic, last_sequence FROM tidings_outbox_topic");
    while (topics.next()) {
        sequences_[topics.row().get<std::string>(0)] = topics.row().integer(1);
    }
    stored_sequences_ = sequences_;
    stored_position_ = last_position_;
    committed_position_ = last_position_;
    if (published_ < marked_) published_ = marked_;
    added_.clear();
    begin_step();
}

std::vector<OutboxEntry> Outbox::load(StoreTransaction& tx, std::int64_t position,
                                      std::size_t count_max, std::size_t bytes_max) const {
    std::vector<OutboxEntry> entries;
    std::size_t bytes = 0;
    Rows rows = tx.query(
        "SELECT position, topic, sequence, type, key, causation_id, traceparent, created, "
        "envelope, downcast, downcasts_left "
        "FROM tidings_outbox WHERE position > $1 ORDER BY position LIMIT $2",
        std::max(position, marked_), count_max);
    while (bytes < bytes_max && rows.next()) {
        const Row row = rows.row();
        OutboxEntry entry;
        entry.position = row.integer(0);
        entry.topic = row.get<std::string>(1);
        entry.headers.sequence = row.get<Sequence>(2);
        entry.headers.type = row.get<std::string>(3);
        entry.headers.key = row.get<std::string>(4);
        entry.headers.causation_id = row.get<std::string>(5);
        entry.headers.traceparent = row.get<std::string>(6);
        entry.created = row.get<Timestamp>(7);
        entry.envelope = row.get<std::string>(8);
        entry.headers.downcast = static_cast<int>(row.integer(9));
        entry.headers.downcasts_left = static_cast<int>(row.integer(10));
        entry.headers.source = service_;
        entry.headers.epoch = epoch_;
        bytes += entry.envelope.size();
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::int64_t Outbox::last_sequence(const std::string& topic) const {
    const auto known = sequences_.find(topic);
    return known == sequences_.end() ? 0 : known->second;
}

std::int64_t Outbox::published_sequence(StoreTransaction& tx, const std::string& topic) const {
    const auto waiting = tx.value<std::int64_t>(
        "SELECT min(sequence) FROM tidings_outbox WHERE topic = $1 AND position > $2", topic,
        marked_);
    return waiting ? *waiting - 1 : last_sequence(topic);
}

void Outbox::begin_epoch(StoreTransaction& tx, const Uuid& epoch,
                         const std::map<std::string, std::int64_t, std::less<>>& in_log) {
    std::vector<OutboxEntry> waiting = load(tx, 0, everything, everything);
    tx.execute("DELETE FROM tidings_outbox");
    tx.execute("DELETE FROM tidings_outbox_topic");
    epoch_ = epoch;
    sequences_.clear();
    // Positions go on: everything up to here counts as published.
    marked_ = last_position_;
    for (OutboxEntry& entry : waiting) {
        const auto found = in_log.find(entry.topic);
        if (found != in_log.end() && entry.headers.sequence.value <= found->second) continue;
        add(tx, std::move(entry.topic), std::move(entry.headers), std::move(entry.envelope),
            entry.created);
    }
    tx.execute(
        "UPDATE tidings_outbox_state SET epoch = $1, last_position = $2, published_position = $3 "
        "WHERE id = 1",
        to_string(epoch_), last_position_, marked_);
    for (const auto& [topic, sequence] : sequences_) {
        tx.execute("INSERT INTO tidings_outbox_topic (topic, last_sequence) VALUES ($1, $2)", topic,
                   sequence);
    }
    published_ = marked_;
    stored_position_ = committed_position_ = last_position_;
    stored_sequences_ = sequences_;
    added_.clear();
    begin_step();
}

void Outbox::add(StoreTransaction& tx, std::string topic, EventHeaders headers,
                 std::string envelope, Timestamp created) {
    headers.epoch = epoch_;
    const auto known = sequences_.find(topic);
    headers.sequence = Sequence{known == sequences_.end() ? 1 : known->second + 1};
    OutboxEntry entry{last_position_ + 1, std::move(topic), std::move(headers), std::move(envelope),
                      created};
    // Room first: without memory for it after the row is there, its number would be given in vain.
    if (added_.size() == added_.capacity()) {
        added_.reserve(std::max<std::size_t>(added_min, 2 * added_.capacity()));
    }
    tx.execute(
        "INSERT INTO tidings_outbox (position, topic, sequence, type, key, causation_id, "
        "traceparent, created, envelope, downcast, downcasts_left) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        entry.position, entry.topic, entry.headers.sequence, entry.headers.type, entry.headers.key,
        entry.headers.causation_id, entry.headers.traceparent, entry.created, entry.envelope,
        entry.headers.downcast, entry.headers.downcasts_left);
    // Numbers are given with the row, so that one that was refused leaves no gap.
    sequences_[entry.topic] = entry.headers.sequence.value;
    last_position_ = entry.position;
    added_.push_back(std::move(entry));
}

void Outbox::undo_step() {
    if (planted(Mistake::publishes_undone_events)) return;
    // The last one first, so that each number ends at what it was before the step.
    for (; added_.size() > step_added_; added_.pop_back()) {
        reached("outbox.event_undone");
        --last_position_;
        const auto topic = sequences_.find(added_.back().topic);
        if (--topic->second == 0) sequences_.erase(topic);
    }
}

void Outbox::before_commit(StoreTransaction& tx) {
    const std::int64_t published = published_.load();
    if (published > marked_) {
        reached("outbox.published_are_removed");
        tx.execute("DELETE FROM tidings_outbox WHERE position <= $1", published);
    }
    if (published > marked_ || last_position_ != stored_position_) {
        tx.execute(
            "UPDATE tidings_outbox_state SET last_position = $1, published_position = $2 "
            "WHERE id = 1",
            last_position_, published);
    }
    for (const auto& [topic, sequence] : sequences_) {
        const auto stored = stored_sequences_.find(topic);
        if (stored != stored_sequences_.end() && stored->second == sequence) continue;
        tx.execute(
            "INSERT INTO tidings_outbox_topic (topic, last_sequence) VALUES ($1, $2) "
            "ON CONFLICT (topic) DO UPDATE SET last_sequence = excluded.last_sequence",
            topic, sequence);
    }
    marked_ = published;
}

std::vector<OutboxEntry> Outbox::committed() {
    stored_position_ = last_position_;
    stored_sequences_ = sequences_;
    committed_position_ = last_position_;
    return std::exchange(added_, {});
}

}  // namespace tidings

#pragma once

#include <tidings/broker/broker.h>
#include <tidings/io/world.h>
#include <tidings/model/envelope.h>
#include <tidings/store/store.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tidings {

/// One event that is committed (or about to be) and not yet published.
struct OutboxEntry {
    std::int64_t position = 0;  ///< In commit order over all topics, from 1, without gaps.
    std::string topic;
    EventHeaders headers;
    std::string envelope;
    Timestamp created;
};

/// The outbox of one service: events committed with the change that caused them.
///
/// The step loop adds within a step, undoes a step's additions with it, and after the commit hands
/// what was added to the relay. What the relay published is marked by the step loop too, lazily:
/// a mark lost in a crash is an event published again with the same id, which consumers drop.
///
/// Threads   The step loop's, except `published` and `pending`, which any thread may call.
class Outbox {
public:
    /// Reads the state, or makes it with a new epoch.
    void open(StoreTransaction& tx, io::World& world, std::string_view service);

    /// The largest envelope that the broker takes. What it would refuse for ever must not get in.
    std::size_t event_bytes_max = Envelope::bytes_max;

    const Uuid& epoch() const noexcept { return epoch_; }
    /// The last sequence given in `topic`; 0 if none was.
    std::int64_t last_sequence(const std::string& topic) const;
    /// The last sequence in `topic` that is known to be published.
    std::int64_t published_sequence(StoreTransaction& tx, const std::string& topic) const;
    /// Begins `epoch`, in which sequences are given anew. Of what waits to be published, that which
    /// `in_log` says is published goes; the rest becomes the first of the new epoch.
    void begin_epoch(StoreTransaction& tx, const Uuid& epoch,
                     const std::map<std::string, std::int64_t, std::less<>>& in_log);

    /// What is committed behind `position` and not marked as published, oldest first: at most
    /// about `count_max` entries and `bytes_max` bytes, but one at least.
    std::vector<OutboxEntry> load(StoreTransaction& tx, std::int64_t position,
                                  std::size_t count_max, std::size_t bytes_max) const;

    void add(StoreTransaction& tx, std::string topic, EventHeaders headers, std::string envelope,
             Timestamp created);

    /// Remembers where a step begins, and forgets what was added since.
    void begin_step() noexcept { step_added_ = added_.size(); }
    void undo_step();

    /// Writes counters and marks, as part of the group's transaction.
    void before_commit(StoreTransaction& tx);
    /// What the group added, for the relay.
    std::vector<OutboxEntry> committed();
    /// Whether there are marks that no commit has written yet.
    bool has_marks() const { return published_.load() > marked_; }
    /// Has the next commit write the state even if nothing changed.
    void write_again() { stored_position_ = -1; }

    /// Says that everything up to `position` was published.
    void published(std::int64_t position) { published_.store(position); }
    /// The position of the last entry that is committed.
    std::int64_t committed_position() const { return committed_position_.load(); }
    std::int64_t pending() const { return committed_position_.load() - published_.load(); }
    std::int64_t published_position() const { return published_.load(); }

private:
    std::string service_;
    Uuid epoch_;
    std::int64_t last_position_ = 0;
    std::int64_t stored_position_ = 0;
    std::int64_t marked_ = 0;
    std::map<std::string, std::int64_t> sequences_;
    std::map<std::string, std::int64_t> stored_sequences_;
    std::vector<OutboxEntry> added_;
    std::size_t step_added_ = 0;  ///< Of `added_`, by earlier steps.
    std::atomic<std::int64_t> committed_position_{0};
    std::atomic<std::int64_t> published_{0};
};

}  // namespace tidings

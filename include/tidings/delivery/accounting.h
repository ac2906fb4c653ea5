#pragma once

#include <tidings/broker/broker.h>
#include <tidings/store/store.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidings {

/// What became of the events that a service has taken from one topic.
///
///     accepted = done + pending + scheduled + parked + dead + discarded
///
/// What is left over is unaccounted for, and must be 0 at any time: in a running service between
/// two steps, and in the tables of one that was killed.
struct TopicAccount {
    std::string topic;
    std::int64_t position = 0;  ///< Where reading goes on.
    std::int64_t accepted = 0;  ///< Taken, by the inbox.
    std::int64_t done = 0;
    std::int64_t pending = 0;    ///< Their turn has come; not tried yet.
    std::int64_t scheduled = 0;  ///< Failed, to be tried again.
    std::int64_t parked = 0;     ///< Behind an earlier one of their key or saga instance.
    std::int64_t dead = 0;       ///< Given up.
    std::int64_t discarded = 0;  ///< By whom and why is on the audit record.

    std::int64_t unaccounted() const noexcept {
        return accepted - done - pending - scheduled - parked - dead - discarded;
    }
};

/// Returns the account of a service: each topic that it ever took something from, by name. One
/// query on the service's tables, so it needs no running service, only its database. Throws
/// Failure.
///
///     for (const TopicAccount& topic : account(*store.reader().value())) {
///         if (topic.unaccounted() != 0) ...
///     }
std::vector<TopicAccount> account(StoreTransaction& tx);

/// Returns what the account leaves over, over all topics: the sum of its absolute figures, so that
/// too many here do not hide too few there.
std::int64_t unaccounted(const std::vector<TopicAccount>& account);

/// An event that the tables contradict each other about.
struct UnaccountedEvent {
    std::string topic;
    std::string source;
    std::int64_t sequence = 0;  ///< Of the source's outbox; 0: not numbered, or not known.
    std::int64_t place = 0;     ///< Its position among held or outbox rows, or its offset.
    std::string type;           ///< Empty where nothing of it is left that tells.
    std::string key;
    std::string what;  ///< What is wrong with it, and what follows from that.
};

/// Names the events that a service's tables cannot account for, as far as tables can tell: rows of
/// the outbox that are missing, held events that the inbox does not know, that are there twice, or
/// that wait for nothing, discards that nobody is on record for. At most `count_max` of each kind.
/// Throws Failure.
std::vector<UnaccountedEvent> unaccounted_events(StoreTransaction& tx,
                                                 std::size_t count_max = 1000);

/// Names the events of a log that a service has read past and its inbox does not know: skipped.
/// Reads the log from its beginning to the service's position. Those of foreign producers, whom
/// nothing numbers, are not among them. Throws Failure.
std::vector<UnaccountedEvent> skipped_events(StoreTransaction& tx, Broker& broker,
                                             const std::string& topic,
                                             std::size_t count_max = 1000);

}  // namespace tidings

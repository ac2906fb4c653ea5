#include <tidings/delivery/accounting.h>

#include "base/test_points.h"

#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

namespace tidings {

namespace {

constexpr std::string_view account_sql =
    "SELECT topic, sum(position), sum(accepted), sum(done), sum(discarded), sum(pending), "
    "sum(scheduled) - sum(pending), sum(parked), sum(dead) FROM ("
    "SELECT topic, position, accepted, done, discarded, "
    " 0 AS pending, 0 AS scheduled, 0 AS parked, 0 AS dead FROM tidings_position "
    "UNION ALL SELECT topic, 0, 0, 0, 0, 0, "
    " CASE state WHEN 1 THEN count(*) ELSE 0 END, CASE state WHEN 2 THEN count(*) ELSE 0 END, "
    " CASE state WHEN 3 THEN count(*) ELSE 0 END FROM tidings_held GROUP BY topic, state "
    "UNION ALL SELECT topic, 0, 0, 0, 0, count(*), 0, 0, 0 FROM tidings_held "
    " WHERE state = 1 AND attempts = 0 GROUP BY topic) AS figures GROUP BY topic ORDER BY topic";

struct Check {
    std::string_view sql;  // Selects topic, source, sequence, place, type, key; LIMIT $1.
    std::string_view what;
};

constexpr Check checks[] = {
    {"SELECT h.topic, h.source, h.sequence, h.position, h.type, h.key FROM tidings_held AS h "
     "LEFT JOIN tidings_inbox AS i "
     " ON i.topic = h.topic AND i.source = h.source AND i.epoch = h.epoch "
     "WHERE h.sequence > 0 AND h.epoch <> '00000000-0000-0000-0000-000000000000' "
     "AND (i.mark IS NULL OR h.sequence > i.mark) AND NOT EXISTS ("
     " SELECT 1 FROM tidings_inbox_ahead AS a WHERE a.topic = h.topic AND a.source = h.source "
     " AND a.epoch = h.epoch AND a.sequence = h.sequence) ORDER BY h.position LIMIT $1",
     "it is held, and the inbox does not know it: a copy of it would be handled as new"},
    {"SELECT topic, source, sequence, max(position), max(type), max(key) FROM tidings_held "
     "WHERE sequence > 0 AND epoch <> '00000000-0000-0000-0000-000000000000' "
     "GROUP BY topic, source, epoch, sequence HAVING count(*) > 1 ORDER BY 4 LIMIT $1",
     "it is held twice: it would be handled twice"},
    {"SELECT topic, source, sequence, position, type, key FROM tidings_held AS h WHERE state = 2 "
     "AND NOT EXISTS (SELECT 1 FROM tidings_held AS e WHERE e.topic = h.topic AND e.key = h.key "
     " AND e.blocks = 1 AND e.position < h.position) "
     "AND NOT EXISTS (SELECT 1 FROM tidings_held AS e WHERE e.saga = h.saga AND e.saga <> '' "
     " AND e.key = h.key AND e.blocks = 1 AND e.position < h.position) ORDER BY position LIMIT $1",
     "it is parked behind nothing: it would wait for ever"},
    {"SELECT topic, source, sequence, position, type, key FROM tidings_held "
     "WHERE state NOT IN (1, 2, 3) ORDER BY position LIMIT $1",
     "it is in a state that there is none of: nobody would look for it"},
    {"SELECT h.topic, h.source, h.sequence, h.position, h.type, h.key FROM tidings_held AS h "
     "WHERE NOT EXISTS (SELECT 1 FROM tidings_position AS p WHERE p.topic = h.topic) "
     "ORDER BY h.position LIMIT $1",
     "it is held, and nothing was ever taken from its topic"},
    {"SELECT topic, '', before_it + 1, place, '', '' FROM ("
     " SELECT topic, position AS place, sequence, "
     "  lag(sequence) OVER (PARTITION BY topic ORDER BY position) AS before_it "
     " FROM tidings_outbox) AS entries WHERE before_it IS NOT NULL AND sequence <> before_it + 1 "
     "ORDER BY place LIMIT $1",
     "it was committed, and is neither published nor in the outbox: nobody would hear of it"},
    {"SELECT t.topic, '', t.last_sequence, s.last_position, '', '' FROM tidings_outbox_topic AS t "
     "JOIN tidings_outbox_state AS s ON s.id = 1 "
     "JOIN (SELECT topic, max(sequence) AS last FROM tidings_outbox GROUP BY topic) AS o "
     " ON o.topic = t.topic WHERE o.last < t.last_sequence ORDER BY t.topic LIMIT $1",
     "it was committed, and is neither published nor in the outbox: nobody would hear of it"},
    {"SELECT '', '', 0, published_position + 1, '', '' FROM tidings_outbox_state AS s "
     "WHERE last_position - published_position > "
     " (SELECT count(*) FROM tidings_outbox AS o WHERE o.position > s.published_position) LIMIT $1",
     "events from here on were committed that are neither published nor in the outbox"},
    {"SELECT topic, '', 0, position, type, key FROM tidings_outbox "
     "WHERE position <= (SELECT published_position FROM tidings_outbox_state WHERE id = 1) "
     "ORDER BY position LIMIT $1",
     "it counts as published and is in the outbox still: it would not be sent"},
    {"SELECT p.topic, '', 0, p.position, '', '' FROM tidings_position AS p WHERE p.discarded > ("
     " SELECT count(*) FROM tidings_audit AS a WHERE a.act = 'discard' AND a.topic = p.topic) "
     "ORDER BY p.topic LIMIT $1",
     "more events of the topic are discarded than there are discards on the audit record"},
};

/// What the inbox knows of one topic.
class Known {
public:
    Known(StoreTransaction& tx, const std::string& topic) {
        Rows marks =
            tx.query("SELECT source, epoch, mark FROM tidings_inbox WHERE topic = $1", topic);
        while (marks.next()) {
            const Row row = marks.row();
            marks_[{row.get<std::string>(0), row.get<std::string>(1)}] = row.integer(2);
        }
        Rows ahead = tx.query(
            "SELECT source, epoch, sequence FROM tidings_inbox_ahead WHERE topic = $1", topic);
        while (ahead.next()) {
            const Row row = ahead.row();
            ahead_.insert({{row.get<std::string>(0), row.get<std::string>(1)}, row.integer(2)});
        }
    }

    bool has(const EventHeaders& headers) const {
        const Source source{headers.source, to_string(headers.epoch)};
        const auto mark = marks_.find(source);
        if (mark != marks_.end() && headers.sequence.value <= mark->second) return true;
        return ahead_.contains({source, headers.sequence.value});
    }

private:
    using Source = std::pair<std::string, std::string>;  // And its epoch.
    std::map<Source, std::int64_t> marks_;
    std::set<std::pair<Source, std::int64_t>> ahead_;
};

}  // namespace

std::vector<TopicAccount> account(StoreTransaction& tx) {
    std::vector<TopicAccount> topics;
    Rows rows = tx.query(account_sql);
    while (rows.next()) {
        const Row row = rows.row();
        topics.push_back({row.get<std::string>(0), row.integer(1), row.integer(2), row.integer(3),
                          row.integer(5), row.integer(6), row.integer(7), row.integer(8),
                          row.integer(4)});
    }
    return topics;
}

std::int64_t unaccounted(const std::vector<TopicAccount>& account) {
    std::int64_t sum = 0;
    for (const TopicAccount& topic : account) sum += std::abs(topic.unaccounted());
    return sum;
}

std::vector<UnaccountedEvent> unaccounted_events(StoreTransaction& tx, std::size_t count_max) {
    std::vector<UnaccountedEvent> events;
    for (const Check& check : checks) {
        Rows rows = tx.query(check.sql, count_max);
        while (rows.next()) {
            const Row row = rows.row();
            events.push_back({row.get<std::string>(0), row.get<std::string>(1), row.integer(2),
                              row.integer(3), row.get<std::string>(4), row.get<std::string>(5),
                              std::string{check.what}});
        }
    }
    return events;
}

std::vector<UnaccountedEvent> skipped_events(StoreTransaction& tx, Broker& broker,
                                             const std::string& topic, std::size_t count_max) {
    std::vector<UnaccountedEvent> events;
    const std::int64_t position =
        tx.value<std::int64_t>("SELECT position FROM tidings_position WHERE topic = $1", topic)
            .value_or(0);
    const Known known{tx, topic};
    auto subscription = broker.subscribe(Topic{topic}, ConsumerGroup{""}, {}).value();
    while (events.size() < count_max) {
        const Fetched fetched = subscription->fetch(1000).value();
        if (fetched.events.empty()) break;
        for (const DeliveredEvent& event : fetched.events) {
            const EventHeaders& headers = event.headers;
            if (event.offset.value >= position || events.size() >= count_max) return events;
            if (headers.epoch.is_nil() || headers.sequence.value <= 0 || known.has(headers)) {
                continue;
            }
            events.push_back({topic, headers.source, headers.sequence.value, event.offset.value,
                              headers.type, headers.key,
                              "the service has read past it and never took it: it was skipped"});
        }
    }
    return events;
}

}  // namespace tidings

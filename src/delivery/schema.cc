#include "delivery/schema.h"

#include <array>

namespace tidings {

namespace {

constexpr std::string_view tables = R"sql(
-- One row: who this outbox is. Positions and sequences never repeat, so they are counters of our
-- own and not row ids, which SQLite gives again after a purge.
CREATE TABLE tidings_outbox_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,
    last_position BIGINT NOT NULL,
    published_position BIGINT NOT NULL
);
CREATE TABLE tidings_outbox_topic (
    topic TEXT PRIMARY KEY,
    last_sequence BIGINT NOT NULL
);
-- INTEGER, because that alone makes a column the key of SQLite's own tree: no index beside it.
CREATE TABLE tidings_outbox (
    position INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    causation_id TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    created BIGINT NOT NULL,
    envelope TEXT NOT NULL
);
-- Up to which sequence all events of a source have been taken, and those taken above it.
CREATE TABLE tidings_inbox (
    topic TEXT NOT NULL,
    source TEXT NOT NULL,
    epoch TEXT NOT NULL,
    mark BIGINT NOT NULL,
    PRIMARY KEY (topic, source, epoch)
);
CREATE TABLE tidings_inbox_ahead (
    topic TEXT NOT NULL,
    source TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (topic, source, epoch, sequence)
);
-- Events of foreign producers, who number nothing, by id.
CREATE TABLE tidings_inbox_foreign (
    id TEXT PRIMARY KEY,
    seen BIGINT NOT NULL
);
CREATE TABLE tidings_position (
    topic TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    done BIGINT NOT NULL,
    discarded BIGINT NOT NULL
);
-- Events that wait for a retry (1), behind another of their key (2), or were given up (3).
CREATE TABLE tidings_held (
    position INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    source TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    causation_id TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    envelope TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due BIGINT NOT NULL,
    error_code INTEGER NOT NULL,
    error TEXT NOT NULL,
    first_failed BIGINT NOT NULL,
    last_failed BIGINT NOT NULL
);
CREATE INDEX tidings_held_by_key ON tidings_held (topic, key, position);
CREATE INDEX tidings_held_by_due ON tidings_held (state, due);
CREATE TABLE tidings_timer (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    due BIGINT NOT NULL,
    id TEXT NOT NULL,  -- Of this setting: the cause of what it does when it goes off.
    data TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    causation_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX tidings_timer_by_due ON tidings_timer (due);
-- Requests to the outside world that have no answer yet: to be asked (1), taken (2), failed (3).
CREATE TABLE tidings_effect (
    idempotency_key TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    state INTEGER NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    request TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due BIGINT,
    error TEXT NOT NULL
);
)sql";

constexpr std::string_view held_with_cause = R"sql(
-- Which handler failed, and why: dead letters of one cause (handler, error code, shape of the
-- message) are one group. `handler` is also empty for rows of before this version.
ALTER TABLE tidings_held ADD COLUMN handler TEXT NOT NULL DEFAULT '';
ALTER TABLE tidings_held ADD COLUMN cause TEXT NOT NULL DEFAULT '';
ALTER TABLE tidings_held ADD COLUMN shape TEXT NOT NULL DEFAULT '';
ALTER TABLE tidings_held ADD COLUMN hint TEXT NOT NULL DEFAULT '';
-- Of the envelope; empty if it cannot be read.
ALTER TABLE tidings_held ADD COLUMN event_id TEXT NOT NULL DEFAULT '';
ALTER TABLE tidings_held ADD COLUMN correlation_id TEXT NOT NULL DEFAULT '';
-- The offset in its topic's log; null for rows of before this version.
ALTER TABLE tidings_held ADD COLUMN log_offset BIGINT;
-- The id of the event that this one was edited from; null if nobody edited it.
ALTER TABLE tidings_held ADD COLUMN edited_from TEXT;
-- The saga whose instance `key` the event belongs to, beside its topic and key; empty for none.
ALTER TABLE tidings_held ADD COLUMN saga TEXT NOT NULL DEFAULT '';
-- 1: later events of its topic and key, and of its saga's instance, wait behind it. 0: they pass.
ALTER TABLE tidings_held ADD COLUMN blocks INTEGER NOT NULL DEFAULT 1;
-- How many of its attempts were of before the last redrive: these no longer count for giving up.
ALTER TABLE tidings_held ADD COLUMN attempts_before INTEGER NOT NULL DEFAULT 0;
DROP INDEX tidings_held_by_key;
CREATE INDEX tidings_held_by_key ON tidings_held (topic, key, blocks, position);
CREATE INDEX tidings_held_by_saga ON tidings_held (saga, key, blocks, position) WHERE saga <> '';
CREATE INDEX tidings_held_by_cause ON tidings_held (cause, position) WHERE state = 3;
-- What each attempt at a held event came to: the first one and the last ones of them.
CREATE TABLE tidings_attempt (
    position BIGINT NOT NULL,  -- In tidings_held.
    attempt INTEGER NOT NULL,
    failed BIGINT NOT NULL,
    error_code INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (position, attempt)
);
-- When each was set: an interval that is left is then known whatever the wall clock did.
ALTER TABLE tidings_timer ADD COLUMN set_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tidings_effect ADD COLUMN set_at BIGINT NOT NULL DEFAULT 0;
-- Ids of foreign events up to this moment are forgotten: what is as old and not known may be a
-- duplicate.
CREATE TABLE tidings_inbox_horizon (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    forgotten_to BIGINT NOT NULL
);
CREATE INDEX tidings_inbox_foreign_by_seen ON tidings_inbox_foreign (seen);
)sql";

// A checksum of the event before the position, by which its log is known again; -1: unknown.
constexpr std::string_view position_with_seen = R"sql(
ALTER TABLE tidings_position ADD COLUMN seen BIGINT NOT NULL DEFAULT -1;
)sql";

constexpr std::string_view steps_under_way = R"sql(
-- One row: whether the last run of the service ended as it should.
CREATE TABLE tidings_run (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stopped_cleanly INTEGER NOT NULL
);
INSERT INTO tidings_run (id, stopped_cleanly) VALUES (1, 1);
-- Steps that are run one by one, because they may be what took the process down: under way (1), or
-- remembered for the next time that they come (0).
CREATE TABLE tidings_under_way (
    step TEXT PRIMARY KEY,
    began BIGINT NOT NULL,
    running INTEGER NOT NULL,
    reason TEXT NOT NULL
);
)sql";

constexpr std::string_view audit = R"sql(
-- Who did what to which held event, and why. Written with the act; never changed, never purged.
CREATE TABLE tidings_audit (
    number INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    act TEXT NOT NULL,
    chosen TEXT NOT NULL,  -- What was asked for: a position, a group, all.
    position BIGINT NOT NULL,
    topic TEXT NOT NULL,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    event_id TEXT NOT NULL,
    before_act TEXT NOT NULL,  -- JSON objects. The event itself is in them where it is gone after.
    after_act TEXT NOT NULL
);
CREATE INDEX tidings_audit_by_position ON tidings_audit (position, number);
CREATE INDEX tidings_audit_by_act ON tidings_audit (act, topic);
-- Dead letters of before there were causes are grouped by what is known of them.
UPDATE tidings_held SET cause = 'old-' || error_code || '-' || type WHERE cause = '' AND state = 3;
)sql";

constexpr std::string_view held_state = R"sql(
-- Positions are never given twice: whoever keeps one (an audit) must mean one event by it.
CREATE TABLE tidings_held_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    last_position BIGINT NOT NULL
);
-- What the clock of due times said lately: a restart begins no earlier.
CREATE TABLE tidings_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    said BIGINT NOT NULL
);
)sql";

// The account counts by these columns alone.
constexpr std::string_view held_by_topic = R"sql(
CREATE INDEX tidings_held_by_topic ON tidings_held (topic, state);
)sql";

// How often the process did not survive the step. An effect's attempts count how often it was asked
// for, and most of these are no failures.
constexpr std::string_view steps_not_survived = R"sql(
ALTER TABLE tidings_under_way ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
)sql";

// The database counts by itself, so that nobody who adds, changes or removes a row can forget it.
constexpr std::string_view held_bytes = R"sql(
-- How many bytes the envelopes of all held events have.
ALTER TABLE tidings_held_state ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
INSERT INTO tidings_held_state (id, last_position)
    SELECT 1, coalesce(max(position), 0) FROM tidings_held WHERE true ON CONFLICT (id) DO NOTHING;
UPDATE tidings_held_state SET bytes =
    (SELECT coalesce(sum(length(CAST(envelope AS BLOB))), 0) FROM tidings_held);
CREATE TRIGGER tidings_held_added AFTER INSERT ON tidings_held BEGIN
    UPDATE tidings_held_state SET bytes = bytes + length(CAST(NEW.envelope AS BLOB));
END;
CREATE TRIGGER tidings_held_removed AFTER DELETE ON tidings_held BEGIN
    UPDATE tidings_held_state SET bytes = bytes - length(CAST(OLD.envelope AS BLOB));
END;
CREATE TRIGGER tidings_held_edited AFTER UPDATE OF envelope ON tidings_held BEGIN
    UPDATE tidings_held_state SET bytes = bytes - length(CAST(OLD.envelope AS BLOB))
        + length(CAST(NEW.envelope AS BLOB));
END;
)sql";

// One event in several major versions: see EventHeaders.
constexpr std::string_view outbox_downcasts = R"sql(
ALTER TABLE tidings_outbox ADD COLUMN downcast INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tidings_outbox ADD COLUMN downcasts_left INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::array migrations{Migration{1, "delivery", tables},
                                Migration{2, "held_with_cause", held_with_cause},
                                Migration{3, "position_with_seen", position_with_seen},
                                Migration{4, "steps_under_way", steps_under_way},
                                Migration{5, "audit", audit},
                                Migration{6, "held_state", held_state},
                                Migration{7, "held_by_topic", held_by_topic},
                                Migration{8, "steps_not_survived", steps_not_survived},
                                Migration{9, "held_bytes", held_bytes},
                                Migration{10, "outbox_downcasts", outbox_downcasts}};

}  // namespace

std::span<const Migration> delivery_migrations() { return migrations; }

}  // namespace tidings

#pragma once

#include <tidings/model/envelope.h>
#include <tidings/store/store.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace tidings {

class DueClock;

/// Whether an event is new to a service.
enum class Taken {
    fresh,      ///< It is, and from now on it is not.
    duplicate,  ///< It was taken before.
    unknown,    ///< Nobody knows any more: it is older than the ids that are kept.
};

/// What a service has taken from its topics: for each source a mark, up to which everything was
/// taken, and the sequences above it. Bounded for ever, however late a duplicate comes.
///
/// Changes are kept in memory and written with the group's commit; after a lost group `open` reads
/// them again.
///
/// Threads   The step loop's.
class Inbox {
public:
    /// For how long, and how many, ids of foreign events are kept.
    struct Horizon {
        Duration age_max = 24h * 30;
        std::int64_t ids_max = 1'000'000;
    };
    explicit Inbox(const Horizon& horizon) : horizon_(horizon) {}

    /// Whether the source numbers its events; those of foreign producers are known by their ids.
    static bool is_numbered(const EventHeaders& headers) {
        return !headers.epoch.is_nil() && headers.sequence.value > 0;
    }

    void open(StoreTransaction& tx);

    /// Takes the event with these headers. Returns false if it was taken before.
    /// Requires: the headers name an epoch.
    bool take(const std::string& topic, const EventHeaders& headers);
    /// Takes the event from which the one with these headers was cast down, and those between.
    /// Returns false if that event was taken before, in whichever version.
    bool take_original(const std::string& topic, const EventHeaders& headers);
    /// Takes an event of a foreign producer, known by its id only, which says that it
    /// happened at `time`. An id is forgotten once it was seen, and its event happened, before the
    /// horizon; so what is not known and happened before that may be a duplicate, whatever any
    /// clock says.
    Taken take_foreign(StoreTransaction& tx, std::string_view id, Timestamp time, Timestamp now);

    /// Writes marks, and forgets some of the ids that are past the horizon.
    void before_commit(StoreTransaction& tx, DueClock& clock);

    /// How many ids of foreign events are known.
    std::int64_t foreign_count() const noexcept { return foreign_count_; }
    /// Up to when foreign ids are forgotten; the beginning of time if none is.
    Timestamp forgotten_to() const noexcept { return forgotten_to_; }

private:
    struct Source {
        std::int64_t mark = 0;
        std::set<std::int64_t> ahead;
        std::int64_t stored_mark = 0;
        std::set<std::int64_t> stored_ahead;
        bool dirty = false;
    };
    using Name = std::tuple<std::string, std::string, Uuid>;  // topic, source, epoch

    Source& source(const std::string& topic, const EventHeaders& headers);
    void forget(StoreTransaction& tx, Timestamp now);

    Horizon horizon_;
    bool foreign_taken_ = false;  // By this group.
    std::int64_t foreign_count_ = 0;
    Timestamp forgotten_to_{};
    Timestamp look_again_{};  // When ids may be past the horizon.
    std::map<Name, Source> sources_;
    Source* last_ = nullptr;  // Runs of events come from one source.
    const Name* last_name_ = nullptr;
};

}  // namespace tidings

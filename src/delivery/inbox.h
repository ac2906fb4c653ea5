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

/// What a service has taken from its topics: for each source a mark, up to which everything was
/// taken, and the sequences above it. Bounded for ever, however late a duplicate comes.
///
/// Changes are kept in memory and written with the group's commit; after a lost group `open` reads
/// them again.
///
/// Threads   The step loop's.
class Inbox {
public:
    void open(StoreTransaction& tx);

    /// Takes the event with these headers. Returns false if it was taken before.
    /// Requires: the headers name an epoch.
    bool take(const std::string& topic, const EventHeaders& headers);
    /// The same for an event of a foreign producer, known by its id only.
    bool take_foreign(StoreTransaction& tx, std::string_view id, Timestamp now);

    void before_commit(StoreTransaction& tx);

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

    std::map<Name, Source> sources_;
    Source* last_ = nullptr;  // Runs of events come from one source.
    const Name* last_name_ = nullptr;
};

}  // namespace tidings

#pragma once

#include <tidings/delivery/handlers.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// A request to the outside world as its row tells it.
struct StoredEffect {
    EffectRequest request;
    std::string correlation_id;
    std::int64_t position = 0;  ///< In the order of asking.
    std::optional<Timestamp> due;
};

/// What came of asking once.
struct EffectOutcome {
    StoredEffect effect;
    Result<EffectResult> result;
};

/// The requests of one service to the outside world that have no answer yet.
///
/// Threads   The step loop's, but for the counts.
class Effects {
public:
    /// Reads what is open, for the worker to ask again with the same keys.
    std::vector<StoredEffect> open(StoreTransaction& tx);

    /// Follows the tables again after a lost group.
    void lose_group();

    void begin_step() noexcept { step_ = {added_.size(), open_, owed_}; }
    void undo_step();

    void add(StoreTransaction& tx, std::string_view name, std::string_view subject,
             std::string_view request, std::string_view correlation_id,
             std::string_view causation_id);
    /// The answer was handled: the request is closed. False if it was closed before.
    bool close(StoreTransaction& tx, const StoredEffect& effect);
    /// Taken, or failed for now (`due` tells when it is asked again), or failed for good.
    void put_off(StoreTransaction& tx, const StoredEffect& effect, std::optional<Timestamp> due,
                 std::string_view error, bool gave_up);

    /// What the group added, for the worker.
    std::vector<StoredEffect> committed();

    /// How many have no answer.
    std::int64_t open_count() const noexcept { return open_; }
    /// How many of these are being asked, or will be at a known time.
    std::int64_t owed_count() const noexcept { return owed_; }

private:
    struct Step {
        std::size_t added = 0;
        std::int64_t open = 0;
        std::int64_t owed = 0;
    };

    std::vector<StoredEffect> added_;
    Step step_;
    Step stored_;  ///< As the last commit left it.
    std::int64_t last_position_ = 0;
    std::int64_t open_ = 0;
    std::int64_t owed_ = 0;
};

/// Asks the outside world, in the order of the requests, and hands what comes of it back to the
/// step loop.
///
/// Threads   `poll` one thread; `push` any.
class EffectWorker : public io::Worker {
public:
    EffectWorker(io::World& world, const Handlers& handlers, std::string name,
                 std::function<void(std::vector<EffectOutcome>)> report);

    /// Takes requests to carry out; those with a due time, then.
    void push(std::vector<StoredEffect> effects);

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return name_; }

private:
    static constexpr std::size_t batch_max = 128;

    io::World& world_;
    const Handlers& handlers_;
    std::string name_;
    std::function<void(std::vector<EffectOutcome>)> report_;
    std::mutex mutex_;
    /// By due time and then in the order of asking.
    std::map<std::pair<Timestamp, std::int64_t>, StoredEffect> waiting_;
};

}  // namespace tidings

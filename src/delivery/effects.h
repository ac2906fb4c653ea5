#pragma once

#include <tidings/delivery/handlers.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include "delivery/due_clock.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
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

    void begin_step() noexcept { step_ = {added_.size(), open_, owed_, failed_}; }
    void undo_step();

    void add(StoreTransaction& tx, std::string_view name, std::string_view subject,
             std::string_view request, std::string_view correlation_id,
             std::string_view causation_id);
    /// The answer was handled: the request is closed. False if it was closed before.
    bool close(StoreTransaction& tx, const StoredEffect& effect);
    /// Taken, or failed for now (its `due` tells when it is asked again), or failed for good.
    void put_off(StoreTransaction& tx, const StoredEffect& effect, Timestamp now,
                 std::string_view error, bool gave_up);

    /// What the group added, for the worker.
    std::vector<StoredEffect> committed();

    /// How many have no answer.
    std::int64_t open_count() const noexcept { return open_; }
    /// How many of these are being asked, or will be at a known time.
    std::int64_t owed_count() const noexcept { return owed_; }
    /// How many failed for good, and rest until somebody looks.
    std::int64_t failed_count() const noexcept { return failed_; }

private:
    struct Step {
        std::size_t added = 0;
        std::int64_t open = 0;
        std::int64_t owed = 0;
        std::int64_t failed = 0;
    };

    std::vector<StoredEffect> added_;
    Step step_;
    Step stored_;  ///< As the last commit left it.
    std::int64_t last_position_ = 0;
    std::int64_t open_ = 0;
    std::int64_t owed_ = 0;
    std::int64_t failed_ = 0;
};

/// Asks the outside world, and hands what comes of it back to the step loop.
///
/// Each effect has a queue of its own, in the order of the requests. What one port does not answer
/// at once, or puts off, holds up its own queue and no other.
///
/// Threads   `poll` one thread; `push` and `put_off_count` any.
class EffectWorker : public io::Worker {
public:
    EffectWorker(io::World& world, DueClock& clock, const Handlers& handlers, std::string name,
                 std::function<void(std::vector<EffectOutcome>)> report);
    ~EffectWorker() override;

    /// Takes requests to carry out; those with a due time, then.
    void push(std::vector<StoredEffect> effects);
    /// How many wait because their port put them off.
    std::int64_t put_off_count() const;
    /// How often the outside world was asked or has answered, and what it has been asked for and
    /// not answered yet; empty: nothing.
    std::int64_t moved() const;
    std::string running() const;

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return name_; }

private:
    static constexpr std::size_t batch_max = 128;
    /// Of one effect, begun and not yet answered: what more there is waits here, not in the port.
    static constexpr std::size_t begun_max = 256;

    struct Queue {
        /// By due time and then in the order of asking.
        std::map<std::pair<Timestamp, std::int64_t>, StoredEffect> waiting;
        TimePoint not_before{};  // Put off until then.
        bool put_off = false;
        std::size_t begun = 0;
    };
    /// What ports have answered; they may do so at any time, and longer than this lives.
    struct Answers {
        std::mutex mutex;
        std::vector<EffectOutcome> outcomes;
        io::Wakeup* wakeup = nullptr;  // Rung for each, while nobody polls. None: the end.
        bool is_polling = false;
    };

    /// Begins the next request of `queue`, if it may be begun now.
    bool begin_next(Queue& queue, TimePoint now);
    void begin(StoredEffect effect);
    /// Takes what was answered: what was put off goes back to its queue, the rest to `outcomes`.
    void take_answers(std::vector<EffectOutcome>& outcomes, bool last);
    TimePoint next_poll(TimePoint now) const;
    static void add(Queue& queue, StoredEffect effect);

    void note(const std::string& running);

    io::World& world_;
    DueClock& clock_;
    const Handlers& handlers_;
    std::string name_;
    std::function<void(std::vector<EffectOutcome>)> report_;
    std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
    mutable std::mutex mutex_;
    std::map<std::string, Queue> queues_;  // By effect; none is ever taken out.
    std::int64_t moved_ = 0;
    std::string running_;  // The request that is being begun.
};

}  // namespace tidings

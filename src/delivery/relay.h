#pragma once

#include <tidings/broker/broker.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/resilience/retry_policy.h>

#include "delivery/outbox.h"
#include "delivery/step_telemetry.h"

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tidings {

/// Publishes the outbox in commit order. Marks are the step loop's to write: see Outbox.
///
/// A publish that fails is tried again with the same ids, for ever, with backoff; one that is too
/// large for the broker in two halves, and at once.
///
/// Threads   `poll` one thread; the rest any.
class Relay : public io::Worker {
public:
    Relay(io::World& world, Broker& broker, Outbox& outbox, StepTelemetry telemetry,
          std::string name);

    /// What it holds in memory, about; the rest of the outbox stays in the database.
    static constexpr std::size_t entries_max = 16 * 1024;
    static constexpr std::size_t bytes_max = 32 * 1024 * 1024;

    /// Takes committed entries, in order. Returns false, and takes none, if it holds enough.
    bool push(std::vector<OutboxEntry>& entries);
    /// Whether it has done half of what it may hold, and more is welcome.
    bool is_low() const;
    /// Has `wakeup` rung each time that it is low; with null no longer.
    void ring_when_low(io::Wakeup* wakeup);
    /// Publishes nothing for now, or goes on.
    void hold(std::optional<Error> why);
    /// Why it does not get on, if it does not.
    std::optional<Error> error() const;
    /// When the oldest entry not yet published was made.
    std::optional<Timestamp> oldest() const;

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return name_; }

private:
    static constexpr std::size_t batch_max = 2048;
    static constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;
    bool has_room_now() const { return waiting_.size() < entries_max && bytes_ < bytes_max; }
    bool is_low_now() const { return waiting_.size() < entries_max / 2 && bytes_ < bytes_max / 2; }
    bool is_held() const;
    void take_batch();
    /// Where the later half begins; 0: it has no halves.
    std::size_t half_of_batch() const;
    /// Gives the later half of the batch back, to be published after the first.
    void halve_batch();

    io::World& world_;
    Broker& broker_;
    Outbox& outbox_;
    StepTelemetry telemetry_;
    std::string name_;
    RetryPolicy retry_;
    int attempts_ = 0;
    TimePoint not_before_{};
    std::vector<OutboxEntry> batch_;  // Of one topic; kept until it is published.
    mutable std::mutex mutex_;
    std::deque<OutboxEntry> waiting_;
    std::size_t bytes_ = 0;  // Of their envelopes.
    std::optional<Error> held_;
    io::Wakeup* when_low_ = nullptr;
    std::optional<Error> error_;
    std::optional<Timestamp> oldest_in_batch_;
};

}  // namespace tidings

#pragma once

#include <tidings/io/worker.h>
#include <tidings/testing/client.h>
#include <tidings/testing/view.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace tidings::sim {

class Run;

/// The other end of a Client: sends its calls when they are due, and again where need be.
class Callers final : public io::Worker {
public:
    /// Calls of the workload with these numbers are never sent.
    Callers(Run& run, std::vector<std::uint64_t> skipped);

    /// Takes the workload.
    void ask(const std::vector<std::function<void(Client&)>>& workloads);

    /// Returns the numbers of the calls of the workload itself that it can do without.
    std::vector<std::uint64_t> spare_calls() const;
    /// Returns how many calls are not answered, those not yet sent included.
    std::uint64_t open() const noexcept { return open_ + waiting_; }
    bool all_answered() const noexcept { return open() == 0; }
    const std::vector<CallAnswer>& answers() const noexcept { return answers_; }

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return "client"; }

private:
    friend class Client;
    struct Sent {
        Call call;
        Random random{0};
        int attempts = 0;
        Duration pause{50ms};
        Duration place{0};  ///< Drawn; for one without a time.
    };

    Call& make(std::string service, std::string method, std::string path, std::string body);
    /// Gives calls their time, up to the next that waits for rest.
    void take_workload();
    /// Gives calls that were just made in answer to another their time.
    void take_new();
    void take(std::size_t index, Duration at);
    bool is_skipped(const Sent& sent) const;
    void send(std::size_t index);
    void answer(std::size_t index, int attempt, io::HttpResponse response);

    Run& run_;
    Client client_{*this};
    Random random_;
    Random places_;
    std::vector<std::uint64_t> skipped_;
    Duration spread_{10s};
    std::deque<Sent> calls_;          // References to a Call stay good.
    std::size_t taken_ = 0;           ///< Of the workload's calls.
    std::size_t answers_made_ = 0;    ///< Of those made in answer to others.
    std::vector<std::size_t> rests_;  ///< Calls from these on wait for rest, each in turn.
    std::size_t rests_over_ = 0;
    std::uint64_t first_calls_ = 0;
    std::uint64_t open_ = 0;
    std::uint64_t waiting_ = 0;  ///< Of the workload's calls, those that wait for rest.
    std::multimap<TimePoint, std::size_t> due_;
    std::vector<CallAnswer> answers_;
};

}  // namespace tidings::sim

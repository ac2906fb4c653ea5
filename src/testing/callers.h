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

    /// Returns how many calls the workload made itself, before anything was answered.
    std::uint64_t first_calls() const noexcept { return first_calls_; }
    bool all_answered() const noexcept { return open_ == 0; }
    std::uint64_t open() const noexcept { return open_; }
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
    };

    Call& make(std::string service, std::string method, std::string path, std::string body);
    /// Gives calls that were just made their time.
    void take_new();
    void send(std::size_t index);
    void answer(std::size_t index, int attempt, io::HttpResponse response);

    Run& run_;
    Client client_{*this};
    Random random_;
    Random places_;
    std::vector<std::uint64_t> skipped_;
    Duration spread_{10s};
    std::deque<Sent> calls_;  // References to a Call stay good.
    std::size_t taken_ = 0;
    std::uint64_t first_calls_ = 0;
    std::uint64_t open_ = 0;
    std::multimap<TimePoint, std::size_t> due_;
    std::vector<CallAnswer> answers_;
};

}  // namespace tidings::sim

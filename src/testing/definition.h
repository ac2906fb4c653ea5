#pragma once

#include <tidings/testing/simulation.h>

#include <string>
#include <vector>

namespace tidings::sim {

class Run;

/// What a user has said of a simulation: the same for each of its runs.
struct Definition {
    struct OneService {
        std::string name;
        MakeService make;
        Simulation::ServiceOptions options;
    };
    struct OneDependency {
        std::string name;
        Answer answer;
        std::function<AnswerHttp()> make_http{};  ///< Of one that answers HTTP.
    };
    enum class When { always, at_end, eventually };
    struct OneCheck {
        std::string invariant;
        Check check;
        When when = When::at_end;
        std::uint64_t every = 0;
        Duration within{0};
    };

    std::uint64_t seed = 0;
    Simulation::Options options;
    std::vector<OneService> services;
    std::vector<std::function<void(Client&)>> workloads;
    std::vector<OneDependency> dependencies;
    std::vector<OneCheck> checks;
    std::vector<std::string> never_twice;  ///< Dependencies.
    bool order_per_key = false;
    Run* run = nullptr;  ///< The one that is under way: ports and connections lead to it.
};

}  // namespace tidings::sim

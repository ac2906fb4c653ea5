#pragma once

#include <tidings/sim/random.h>
#include <tidings/testing/simulation.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings::sim {

class Run;
struct Definition;

/// The outside world of a run: what its dependencies have done, and what ails them.
class Dependencies {
public:
    Dependencies(Run& run, const Definition& definition);

    /// Asks a dependency, from the process that is being polled.
    Result<EffectResult> perform(const std::string& dependency, const EffectRequest& request);
    /// Sends one a request over HTTP, likewise.
    Result<io::HttpResponse> send(const std::string& dependency, const io::HttpRequest& request,
                                  Duration timeout);
    /// Has it be slow, failing or hanging for a while.
    void begin(const Incident& incident);
    void heal();

    const std::vector<DependencyEffect>& effects(std::string_view dependency) const;
    /// Returns what was the first thing to be done twice for one subject, if any.
    const std::optional<std::string>& done_twice(std::string_view dependency) const;

private:
    struct One {
        const Answer* answer = nullptr;
        AnswerHttp http;
        std::map<std::string, int> asked_over_http;  ///< How often, by method, target and key.
        std::vector<DependencyEffect> effects;
        std::map<std::string, std::size_t, std::less<>> by_key;
        /// By what was asked, and about whom: a careless caller has a new key each time.
        std::map<std::pair<std::string, std::string>, TimePoint> first_asked;
        std::set<std::pair<std::string, std::string>> done;  ///< Effect and subject.
        std::optional<std::string> done_twice;
        TimePoint slow_until{};
        TimePoint failing_until{};
        TimePoint hanging_until{};
        std::chrono::milliseconds slow_call{0};
        std::chrono::milliseconds hanging_call{0};
    };

    const One& find(std::string_view dependency) const;
    Result<io::HttpResponse> answer(One& one, const io::HttpRequest& request, Duration timeout,
                                    Random random);
    io::HttpResponse carry_out(One& one, const io::HttpRequest& request);
    Result<EffectResult> carry_out(One& one, const EffectRequest& request);

    Run& run_;
    Random random_;
    std::map<std::string, One, std::less<>> all_;
};

}  // namespace tidings::sim

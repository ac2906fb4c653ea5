#include "testing/shrink.h"

#include "testing/diagram.h"

#include <algorithm>

namespace tidings::sim {
namespace {

/// Makes a failing run smaller by running it again and again without some of it (Zeller and
/// Hildebrandt's delta debugging, over faults and then over calls).
class Shrinker {
public:
    Shrinker(Definition& definition, const RunResult& failed, std::uint64_t seed)
        : definition_(definition), invariant_(failed.invariant) {
        smallest_.seed = seed;
        smallest_.incidents = failed.incidents;
        if (definition.options.schedule) {
            smallest_.skipped_calls = definition.options.schedule->skipped_calls;
        }
        calls_ = failed.spare_calls;
        // Without faults all is faster, if anything; and days without an event take long to run.
        until_ = failed.figures.took * 2 + 1min;
    }

    Schedule shrink() {
        // A run that cannot be replayed is shown as it is.
        if (!fails(smallest_)) return smallest_;
        without_kinds();
        without_incidents();
        without_calls();
        without_incidents();
        return smallest_;
    }
    std::uint64_t runs() const noexcept { return runs_; }

private:
    bool may_go_on() const {
        return runs_ < definition_.options.shrink_runs_max &&
               polls_ < definition_.options.shrink_polls_max;
    }

    bool fails(const Schedule& schedule) {
        if (!may_go_on()) return false;
        ++runs_;
        const RunResult result =
            Run{definition_, {schedule.seed, &schedule, false, until_}}.execute();
        polls_ += result.figures.polls;
        return result.invariant == invariant_;
    }

    bool take(Schedule schedule) {
        if (!fails(schedule)) return false;
        smallest_ = std::move(schedule);
        return true;
    }

    /// All faults, then all of one kind: mostly one or two kinds are what it needs.
    void without_kinds() {
        Schedule without = smallest_;
        without.incidents.clear();
        if (smallest_.incidents.empty() || take(without)) return;
        for (std::size_t i = 0; i < fault_kinds; ++i) {
            without = smallest_;
            std::erase_if(without.incidents, [i](const Incident& incident) {
                return incident.kind == static_cast<FaultKind>(i);
            });
            if (without.incidents.size() < smallest_.incidents.size()) take(without);
        }
    }

    /// Tries without pieces of `size()` things, ever smaller ones. `without(begin, end)` returns
    /// the schedule without some of them.
    template <class Size, class Without>
    void without_pieces(const Size& size, const Without& without) {
        for (std::size_t piece = std::max<std::size_t>(size() / 2, 1); size() > 0; piece /= 2) {
            for (std::size_t begin = 0; begin < size() && may_go_on();) {
                const std::size_t end = std::min(begin + piece, size());
                if (!take(without(begin, end))) begin = end;
            }
            if (piece == 1) return;
        }
    }

    void without_incidents() {
        without_pieces([this] { return smallest_.incidents.size(); },
                       [this](std::size_t begin, std::size_t end) {
                           Schedule without = smallest_;
                           const auto first = without.incidents.begin();
                           without.incidents.erase(first + static_cast<std::ptrdiff_t>(begin),
                                                   first + static_cast<std::ptrdiff_t>(end));
                           return without;
                       });
    }

    void without_calls() {
        const auto left = [this] {
            std::vector<std::uint64_t> calls = calls_;
            std::erase_if(calls, [this](std::uint64_t call) {
                return std::binary_search(smallest_.skipped_calls.begin(),
                                          smallest_.skipped_calls.end(), call);
            });
            return calls;
        };
        without_pieces([&left] { return left().size(); },
                       [&](std::size_t begin, std::size_t end) {
                           Schedule without = smallest_;
                           const std::vector<std::uint64_t> calls = left();
                           without.skipped_calls.insert(
                               without.skipped_calls.end(),
                               calls.begin() + static_cast<std::ptrdiff_t>(begin),
                               calls.begin() + static_cast<std::ptrdiff_t>(end));
                           std::sort(without.skipped_calls.begin(), without.skipped_calls.end());
                           return without;
                       });
    }

    Definition& definition_;
    const std::string invariant_;
    Schedule smallest_;
    std::vector<std::uint64_t> calls_;
    Duration until_{0};
    std::uint64_t runs_ = 0;
    std::uint64_t polls_ = 0;
};

}  // namespace

Verdict to_verdict(std::uint64_t seed, const RunResult& result) {
    Verdict verdict;
    verdict.seed = seed;
    verdict.invariant = result.invariant;
    verdict.violation = result.violation;
    verdict.figures = result.figures;
    verdict.story = result.story;
    verdict.schedule = {seed, result.incidents, {}};
    return verdict;
}

void draw(const RunResult& shown, Verdict& verdict) {
    // What was at rest before led to nothing.
    const auto from = shown.happenings.begin() + static_cast<std::ptrdiff_t>(shown.before_rest);
    verdict.diagram = draw_text(fold({from, shown.happenings.end()}));
    verdict.html = draw_html(verdict, fold(shown.happenings));
}

void make_small(Definition& definition, const RunResult& failed, Verdict& verdict) {
    Shrinker shrinker{definition, failed, verdict.seed};
    verdict.schedule = shrinker.shrink();
    verdict.runs = shrinker.runs();
    verdict.calls_before = failed.spare_calls.size();
    verdict.incidents_before = failed.incidents.size();
    const RunResult shown = Run{definition, {verdict.seed, &verdict.schedule, true}}.execute();
    verdict.is_replayed = shown.invariant == failed.invariant;
    if (verdict.is_replayed) verdict.violation = shown.violation;
    draw(shown, verdict);
}

}  // namespace tidings::sim

#include "search.h"

#include <tidings/base/assert.h>

#include "market_simulation.h"

#include <sys/wait.h>
#include <unistd.h>

namespace market {

using namespace tidings;

namespace {

void tell(int to, const std::string& text) {
    const ssize_t told = ::write(to, text.data(), text.size());
    TIDINGS_ASSERT(told == static_cast<ssize_t>(text.size()));
}

/// Tells a dot for each seed that it tries, and then what showed the mistake.
void try_seeds(const Planted& planted, std::uint64_t first, int to) {
    plant(planted.mistake);
    for (std::uint64_t seed = first; seed < first + planted.seeds_max; ++seed) {
        tell(to, ".");
        const std::string invariant = simulation(seed).run_once().invariant;
        if (!invariant.empty()) return tell(to, invariant);
    }
}

}  // namespace

Search search(const Planted& planted, std::uint64_t first) {
    int ends[2];
    TIDINGS_ASSERT(::pipe(ends) == 0);
    const pid_t child = ::fork();
    TIDINGS_ASSERT(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        try_seeds(planted, first, ends[1]);
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string told;
    char bytes[256];
    for (ssize_t count = 0; (count = ::read(ends[0], bytes, sizeof bytes)) > 0;) {
        told.append(bytes, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);

    Search search;
    search.seeds = told.find_first_not_of('.');
    if (search.seeds == std::string::npos) search.seeds = told.size();
    search.invariant = told.substr(search.seeds);
    if (WIFSIGNALED(status)) search.invariant = "an assertion of the code's own";
    return search;
}

}  // namespace market

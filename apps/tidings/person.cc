#include "person.h"

#include <fmt/format.h>

#include <cstdio>
#include <unistd.h>

namespace tidings::cli {

bool is_person() noexcept { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

bool confirm(const std::string& word, Console& console) {
    console.flush();
    fmt::print(stderr, "type {} to do it: ", word);
    std::string typed;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
        typed += static_cast<char>(c);
    }
    return typed == word;
}

Result<void> check_actor(const Actor& actor, bool needs_reason) {
    if (actor.who.empty()) {
        return Error{ErrorCode::invalid_argument, "it is not known who does it",
                     "add --who NAME; it is kept on the audit record"};
    }
    if (needs_reason && actor.why.empty()) {
        return Error{ErrorCode::invalid_argument, "no reason is given",
                     "add --why 'such as: a test order'; it is kept on the audit record"};
    }
    return {};
}

Progress::Progress(Console& console) : visible_(!console.json() && ::isatty(STDERR_FILENO) == 1) {}

void Progress::show(std::int64_t done, std::int64_t of) {
    if (!visible_ || (done >= of && !shown_)) return;
    shown_ = true;
    fmt::print(stderr, "\r{} of {}", done, of);
    std::fflush(stderr);
}

void Progress::end() {
    if (shown_) fmt::print(stderr, "\r\x1b[K");
    shown_ = false;
}

}  // namespace tidings::cli

#include <tidings/io/program.h>

#include "io/posix.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace tidings::io {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t errors_bytes_max = 64 * 1024;

/// Both ends of a pipe.
struct Pipe {
    Descriptor read;
    Descriptor write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error(errno, "make", "a pipe");
    return Pipe{Descriptor{ends[0]}, Descriptor{ends[1]}};
}

/// The child's three standard streams.
class Streams {
public:
    Streams(const Descriptor& output, const Descriptor& errors) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, output.get(), STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, errors.get(), STDERR_FILENO);
    }
    ~Streams() { ::posix_spawn_file_actions_destroy(&actions_); }
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;
    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Reads what there is; false at the end.
bool read_some(const Descriptor& from, std::string& into) {
    const std::size_t before = into.size();
    into.resize(before + read_bytes);
    ssize_t count = 0;
    do {
        count = ::read(from.get(), into.data() + before, read_bytes);
    } while (count < 0 && errno == EINTR);
    into.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    return count > 0;
}

/// Reads both streams to their ends; false if the output is too long.
bool read_all(const Descriptor& output, const Descriptor& errors, std::size_t output_bytes_max,
              ProgramOutput& said) {
    std::array<pollfd, 2> streams{{{output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}}};
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        if (::poll(streams.data(), streams.size(), -1) < 0 && errno != EINTR) return true;
        if (streams[0].revents != 0 && !read_some(output, said.output)) streams[0].fd = -1;
        if (said.output.size() > output_bytes_max) return false;
        if (streams[1].revents != 0 && !read_some(errors, said.errors)) streams[1].fd = -1;
        if (said.errors.size() > errors_bytes_max) said.errors.resize(errors_bytes_max);
    }
    return true;
}

/// Starts a program. Null for `streams` has it share this process's own.
Result<pid_t> start(const std::vector<std::string>& arguments,
                    const posix_spawn_file_actions_t* streams,
                    const posix_spawnattr_t* attributes) {
    std::vector<char*> words;
    words.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.data()));
    words.push_back(nullptr);
    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, words[0], streams, attributes, words.data(), environ);
    if (failed != 0) return system_error(failed, "run", arguments.front());
    return child;
}

/// Leaves the keys that interrupt to a child, as long as it lives.
class InterruptsLeftToChild {
public:
    InterruptsLeftToChild() {
        struct sigaction ignored {};
        ignored.sa_handler = SIG_IGN;
        ::sigaction(SIGINT, &ignored, &interrupt_);
        ::sigaction(SIGQUIT, &ignored, &quit_);
        sigset_t defaults{};
        ::sigemptyset(&defaults);
        for (const int signal : {SIGINT, SIGQUIT}) ::sigaddset(&defaults, signal);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    }
    ~InterruptsLeftToChild() {
        ::posix_spawnattr_destroy(&attributes_);
        ::sigaction(SIGINT, &interrupt_, nullptr);
        ::sigaction(SIGQUIT, &quit_, nullptr);
    }
    InterruptsLeftToChild(const InterruptsLeftToChild&) = delete;
    InterruptsLeftToChild& operator=(const InterruptsLeftToChild&) = delete;
    const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

private:
    struct sigaction interrupt_ {};
    struct sigaction quit_ {};
    posix_spawnattr_t attributes_{};
};

}  // namespace

Result<int> run_at_terminal(const std::vector<std::string>& arguments) {
    const InterruptsLeftToChild interrupts;
    const Result<pid_t> child = start(arguments, nullptr, interrupts.attributes());
    if (!child) return child.error();
    return wait_for(*child);
}

Result<ProgramOutput> run_program(const std::vector<std::string>& arguments,
                                  std::size_t output_bytes_max) {
    auto output = make_pipe();
    if (!output) return std::move(output).error();
    auto errors = make_pipe();
    if (!errors) return std::move(errors).error();
    const Streams streams{output->write, errors->write};
    const Result<pid_t> child = start(arguments, streams.get(), nullptr);
    if (!child) return child.error();
    output->write = Descriptor{};
    errors->write = Descriptor{};

    ProgramOutput said;
    const bool fits = read_all(output->read, errors->read, output_bytes_max, said);
    if (!fits) ::kill(*child, SIGKILL);
    said.status = wait_for(*child);
    if (fits) return said;
    return Error{ErrorCode::limit_exceeded, arguments.front() + " said more than " +
                                                std::to_string(output_bytes_max) + " bytes"};
}

}  // namespace tidings::io

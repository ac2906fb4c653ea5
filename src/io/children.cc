#include <tidings/io/children.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): not every system declares it

namespace tidings::io {

namespace {

Error failed(const std::string& program, int number) {
    return Error{ErrorCode::io_error, program + " cannot be started: " + std::strerror(number)};
}

}  // namespace

struct Children::Impl {
    struct Child {
        pid_t pid = 0;
        int output = -1;
        std::string rest;  // Of a line that has not ended.
        int status = 0;
    };

    void read_from(std::size_t index);
    void end(Child& child);

    std::vector<Child> children;
    std::deque<Line> lines;
};

Children::Children() : impl_(std::make_unique<Impl>()) {}

Children::~Children() {
    for (Impl::Child& child : impl_->children) {
        if (child.pid == 0) continue;
        ::kill(child.pid, SIGKILL);
        impl_->end(child);
    }
}

Result<void> Children::start(const std::vector<std::string>& command) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return failed(command.front(), errno);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    Impl::Child child;
    const int error =
        ::posix_spawn(&child.pid, words.front(), &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    if (error != 0) {
        ::close(pipe[0]);
        return failed(command.front(), error);
    }
    child.output = pipe[0];
    impl_->children.push_back(std::move(child));
    return {};
}

bool Children::any_left() const noexcept {
    for (const Impl::Child& child : impl_->children) {
        if (child.pid != 0) return true;
    }
    return !impl_->lines.empty();
}

std::optional<Children::Line> Children::next_line(Duration timeout) {
    if (impl_->lines.empty()) {
        std::vector<pollfd> waiting;
        std::vector<std::size_t> indexes;
        for (std::size_t i = 0; i < impl_->children.size(); ++i) {
            if (impl_->children[i].pid == 0) continue;
            waiting.push_back({impl_->children[i].output, POLLIN, 0});
            indexes.push_back(i);
        }
        if (waiting.empty()) return std::nullopt;
        const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(milliseconds)) <= 0) {
            return std::nullopt;
        }
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].revents != 0) impl_->read_from(indexes[i]);
        }
    }
    if (impl_->lines.empty()) return std::nullopt;
    Line line = std::move(impl_->lines.front());
    impl_->lines.pop_front();
    return line;
}

void Children::Impl::read_from(std::size_t index) {
    Child& child = children[index];
    std::array<char, 16384> buffer{};
    const ssize_t count = ::read(child.output, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) {
        if (!child.rest.empty()) lines.push_back({index, std::move(child.rest)});
        return end(child);
    }
    child.rest.append(buffer.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end = child.rest.find('\n'); end != std::string::npos;
         end = child.rest.find('\n', begin)) {
        lines.push_back({index, child.rest.substr(begin, end - begin)});
        begin = end + 1;
    }
    child.rest.erase(0, begin);
}

void Children::Impl::end(Child& child) {
    ::close(child.output);
    while (::waitpid(child.pid, &child.status, 0) < 0 && errno == EINTR) {
    }
    child.pid = 0;
}

bool Children::all_succeeded() const noexcept {
    for (const Impl::Child& child : impl_->children) {
        if (child.pid == 0 && child.status != 0) return false;
    }
    return true;
}

int cores() noexcept {
    const unsigned count = std::thread::hardware_concurrency();
    return count == 0 ? 1 : static_cast<int>(count);
}

std::string own_program() { return "/proc/self/exe"; }

}  // namespace tidings::io

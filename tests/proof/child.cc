#include "child.h"

#include <tidings/io/worker.h>

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <new>
#include <sys/wait.h>
#include <unistd.h>

namespace tidings::proof {

namespace {

constexpr int polls_at_once = 200;
constexpr Duration rest_max = 20s;

std::filesystem::path base_directory() {
    const std::filesystem::path in_memory = "/dev/shm";
    return std::filesystem::is_directory(in_memory) ? in_memory
                                                    : std::filesystem::temp_directory_path();
}

/// Takes one line of what a child told.
void take(std::string_view line, Ended& ended, Witness& witness) {
    const std::size_t space = line.find(' ');
    const std::string_view kind = line.substr(0, space);
    const std::string rest{line.substr(space + 1)};
    const std::size_t second = rest.find(' ');
    if (kind == "accepted") {
        witness.accept(rest);
    } else if (kind == "carried") {
        witness.carry_out(rest.substr(0, second), rest.substr(second + 1));
    } else if (kind == "number") {
        ended.numbers[rest.substr(0, second)] = std::atoll(rest.c_str() + second + 1);
    } else {
        ended.wrong.push_back(rest);
    }
}

/// Reads whole lines until the other side is gone or has stopped itself.
void listen(int pipe, pid_t child, Ended& ended, Witness& witness,
            const std::function<void()>& when_stopped) {
    std::string text;
    std::array<char, 4096> buffer;
    if (when_stopped) {
        while (::waitpid(child, &ended.status, WUNTRACED) == child && WIFSTOPPED(ended.status)) {
            when_stopped();
            ::kill(child, SIGCONT);
        }
    }
    while (true) {
        const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
        if (count <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string::npos) break;
        take(std::string_view{text}.substr(at, end - at), ended, witness);
        at = end + 1;
    }
    if (!when_stopped) ::waitpid(child, &ended.status, 0);
}

Flow::Options options_of(const FlowRun& run) {
    Flow::Options options;
    options.data = run.data;
    options.acknowledges_early = run.acknowledges_early;
    options.starts_anew = run.starts_anew;
    return options;
}

/// Lets a flow go on in real time: what was being retried goes on after a while.
bool come_to_rest(Flow& flow) {
    io::World& world = io::real_world();
    io::Wakeup pause;  // Nobody rings it: it is the clock of this wait.
    const TimePoint end = world.monotonic() + rest_max;
    while (!flow.settle(polls_at_once, nullptr)) {
        if (world.monotonic() > end) return false;
        pause.wait_until(world.monotonic() + 2ms);
    }
    return true;
}

void tell_calls(Telling& telling) {
    telling.number("changes",
                   static_cast<std::int64_t>(storage_calls(StoragePlan::Calls::changes)));
    telling.number("reads", static_cast<std::int64_t>(storage_calls(StoragePlan::Calls::reads)));
    const std::string& file = wrote_after_failed_flush();
    if (!file.empty()) telling.wrong(file + " was written to after its flush had failed");
}

}  // namespace

Scratch::Scratch() {
    std::string name = (base_directory() / "tidings-proof-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
}
Scratch::~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}
void Scratch::clear() const {
    std::error_code ignored;
    std::filesystem::remove_all(data(), ignored);
}

void Telling::say(std::string_view kind, std::string_view text) {
    std::string line = fmt::format("{} {}", kind, text);
    for (char& c : line) c = c == '\n' ? ' ' : c;
    line += '\n';
    if (::write(pipe_, line.data(), line.size()) < 0) ::_exit(9);
}

void Telling::number(std::string_view name, std::int64_t value) {
    say("number", fmt::format("{} {}", name, value));
}

void Telling::follow(Witness& witness) {
    witness.on_accepted = [this](std::string_view order) { say("accepted", order); };
    witness.on_carried_out = [this](std::string_view key, std::string_view what) {
        say("carried", fmt::format("{} {}", key, what));
    };
}

bool Ended::was_killed() const noexcept {
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}
bool Ended::ended_well() const noexcept { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }
std::string Ended::how() const {
    if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
    return fmt::format("exit {}", WEXITSTATUS(status));
}

Ended run_child(Witness& witness, const std::function<void(Telling&)>& body,
                const std::function<void()>& when_stopped) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) std::abort();
    const pid_t child = ::fork();
    if (child < 0) std::abort();
    if (child == 0) {
        ::close(pipe[0]);
        Telling telling{pipe[1]};
        try {
            body(telling);
        } catch (const std::exception& exception) {
            telling.wrong(fmt::format("it ended with an exception: {}", exception.what()));
            ::_exit(3);
        }
        ::_exit(0);  // Without what the parent's own objects do at their end.
    }
    ::close(pipe[1]);
    Ended ended;
    listen(pipe[0], child, ended, witness, when_stopped);
    ::close(pipe[0]);
    return ended;
}

Ended run_flow(Witness& witness, const FlowRun& run, const StoragePlan& plan,
               const std::function<void()>& when_stopped) {
    return run_child(
        witness,
        [&](Telling& telling) {
            Witness own = witness;
            telling.follow(own);
            plan_storage(plan);
            {
                Flow::Options options = options_of(run);
                options.reached = [&](const char* state) {
                    if (std::string_view{state} == "opening") forget_failed_flushes();
                    telling.number(state, static_cast<std::int64_t>(
                                              storage_calls(StoragePlan::Calls::changes)));
                };
                Flow flow{io::real_world(), own, std::move(options)};
                const Result<void> ran = flow.run(run.first, run.count, nullptr);
                telling.number("ran", ran ? 1 : 0);
                flow.drop();
            }
            tell_calls(telling);
        },
        when_stopped);
}

Ended recover_flow(Witness& witness, const FlowRun& run, const StoragePlan& plan) {
    return run_child(witness, [&](Telling& telling) {
        Witness own = witness;
        telling.follow(own);
        plan_storage(plan);
        for (const std::string& wrong : verified(io::real_world(), run.data)) telling.wrong(wrong);
        Flow flow{io::real_world(), own, options_of(run)};
        const TimePoint began = io::real_world().monotonic();
        if (Result<void> opened = flow.open(); !opened) {
            telling.wrong("it cannot be opened: " + opened.error().message);
            return;
        }
        const Duration took = io::real_world().monotonic() - began;
        telling.number("open_ms",
                       std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
        for (const std::string& lost : flow.lost()) telling.wrong(lost);
        for (int i = 0; i < run.count; ++i) flow.place(run.first + i);
        if (!come_to_rest(flow)) telling.wrong("it does not come to rest");
        for (const std::string& wrong : flow.unfinished()) telling.wrong(wrong);
        flow.close();
        for (const std::string& wrong : verified(io::real_world(), run.data)) telling.wrong(wrong);
        tell_calls(telling);
    });
}

}  // namespace tidings::proof

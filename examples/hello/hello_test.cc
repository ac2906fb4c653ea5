// Both services of the tutorial, as processes: what is said to one is counted by the other.
#include <tidings/base/assert.h>
#include <tidings/io/http_client.h>
#include <tidings/io/world.h>

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <signal.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace tidings;

constexpr Duration patience = 30s;

/// A program of its own that prints where it listens; it is ended with the object.
class Process {
public:
    Process(const std::string& program, const std::string& data) {
        std::array<int, 2> pipe{};
        TIDINGS_ASSERT(::pipe(pipe.data()) == 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, pipe[0]);
        posix_spawn_file_actions_addclose(&actions, pipe[1]);
        std::vector<std::string> words{program, "--data", data, "--port", "0"};
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int failed =
            posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        output_ = ::fdopen(pipe[0], "r");
        if (failed != 0) pid_ = 0;
    }
    ~Process() {
        if (pid_ != 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        std::fclose(output_);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// The port of the line `listening on http://127.0.0.1:PORT`; 0 if it ends without it.
    int port() {
        std::array<char, 256> line{};
        while (std::fgets(line.data(), static_cast<int>(line.size()), output_) != nullptr) {
            int port = 0;
            if (std::sscanf(line.data(), "listening on http://127.0.0.1:%d", &port) == 1) {
                return port;
            }
        }
        return 0;
    }

    /// Asks it to end, and returns its exit status; -1 if a signal ended it.
    int stop() {
        ::kill(pid_, SIGTERM);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = 0;
    FILE* output_ = nullptr;
};

io::HttpResponse post(io::HttpClient& client, const std::string& target, const std::string& body) {
    io::HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.body = body;
    return client.send(request).value();
}

io::HttpResponse get(io::HttpClient& client, const std::string& target) {
    io::HttpRequest request;
    request.method = "GET";
    request.target = target;
    return client.send(request).value();
}

/// Asks until the answer is the one expected; returns the last one.
std::string await(io::HttpClient& client, const std::string& target, const std::string& expected) {
    const TimePoint end = io::real_world().monotonic() + patience;
    std::string body;
    do {
        body = get(client, target).body;
    } while (body != expected && io::real_world().monotonic() < end);
    return body;
}

class Hello : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "hello-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string data() const { return directory_ + "/data"; }

private:
    std::string directory_;
};

TEST_F(Hello, WhatIsSaidToOneServiceIsCountedByTheOther) {
    Process greetings{GREETING_SERVICE, data()};
    io::HttpClient greeting{greetings.port()};
    Process counts{AUDIENCE_SERVICE, data()};
    io::HttpClient audience{counts.port()};

    for (const char* text : {"Good morning", "Good evening"}) {
        const auto said = post(greeting, "/greetings",
                               R"({"person": "Ada", "text": ")" + std::string{text} + R"("})");
        ASSERT_EQ(said.status, 202) << said.body;
        EXPECT_EQ(get(greeting, said.headers.at("location")).body, said.body);
    }

    EXPECT_EQ(await(audience, "/counts/Ada", R"({"person":"Ada","greetings":2})"),
              R"({"person":"Ada","greetings":2})");
    EXPECT_EQ(greetings.stop(), 0);
    EXPECT_EQ(counts.stop(), 0);
}

TEST_F(Hello, AServiceThatWasAwayCatchesUpAndCountsNothingTwice) {
    Process greetings{GREETING_SERVICE, data()};
    io::HttpClient greeting{greetings.port()};
    const std::string hello = R"({"person": "Bo", "text": "Hello"})";
    for (const char* expected :
         {R"({"person":"Bo","greetings":1})", R"({"person":"Bo","greetings":2})"}) {
        ASSERT_EQ(post(greeting, "/greetings", hello).status, 202);
        Process counts{AUDIENCE_SERVICE, data()};
        io::HttpClient audience{counts.port()};
        EXPECT_EQ(await(audience, "/counts/Bo", expected), expected);
    }  // Killed here, without a word.
    EXPECT_EQ(greetings.stop(), 0);
}

TEST_F(Hello, BothMayBeStartedAtOnceOnANewDirectory) {
    Process counts{AUDIENCE_SERVICE, data()};
    Process greetings{GREETING_SERVICE, data()};

    EXPECT_NE(counts.port(), 0);
    EXPECT_NE(greetings.port(), 0);
    EXPECT_EQ(greetings.stop(), 0);
    EXPECT_EQ(counts.stop(), 0);
}

TEST_F(Hello, WhatBreaksTheModelIsRefusedWithTheFieldAndTheRule) {
    Process greetings{GREETING_SERVICE, data()};
    io::HttpClient greeting{greetings.port()};

    const auto refused = post(greeting, "/greetings", R"({"person": "", "text": "Hello"})");

    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("/person"), std::string::npos) << refused.body;
    EXPECT_EQ(get(greeting, "/greetings/unknown").status, 404);
    EXPECT_EQ(greetings.stop(), 0);
}

}  // namespace

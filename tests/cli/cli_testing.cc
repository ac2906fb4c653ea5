#include "cli_testing.h"

#include <tidings/base/crc32c.h>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace tidings::testing {

const std::string tidings_program = TIDINGS_PROGRAM;
const std::string platform_program = PLATFORM_PROGRAM;

namespace {

/// A program that says nothing for so long is stuck.
constexpr int line_within_ms = 20'000;

std::string read_whole(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

std::vector<std::string> Ran::lines() const {
    std::vector<std::string> found;
    std::istringstream in{out};
    for (std::string line; std::getline(in, line);) found.push_back(line);
    return found;
}

DataDirectory::DataDirectory(const std::string& mode) {
    std::string name = (std::filesystem::temp_directory_path() / "tidings-cli-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    if (mode.empty()) return;
    const Ran made = shell(platform_program + " " + mode + " " + path());
    EXPECT_EQ(made.status, mode == "killed" ? -1 : 0) << made.err;
}

DataDirectory::~DataDirectory() { std::filesystem::remove_all(root_); }

Ran DataDirectory::tidings(const std::string& arguments) const {
    return shell(tidings_program + " " + arguments + " --data " + path());
}

Ran DataDirectory::shell(const std::string& command) const {
    // exec: what ended the program is what the shell reports, a signal included.
    const std::string out = file("out");
    const std::string err = file("err");
    const int status = std::system(("exec >" + out + " 2>" + err + "; exec " + command).c_str());
    Ran ran;
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.out = read_whole(out);
    ran.err = read_whole(err);
    return ran;
}

std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> DataDirectory::contents() const {
    std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{path()}) {
        if (!entry.is_regular_file()) {
            found[entry.path().string()] = {0, 0};
            continue;
        }
        const std::string bytes = read_whole(entry.path().string());
        found[entry.path().string()] = {bytes.size(), crc32c(bytes)};
    }
    return found;
}

void DataDirectory::write(const std::string& name, std::string_view bytes) const {
    const std::filesystem::path to = path() + "/" + name;
    std::filesystem::create_directories(to.parent_path());
    std::ofstream out{to, std::ios::binary};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void DataDirectory::damage(const std::string& name, long position) const {
    std::fstream file{path() + "/" + name, std::ios::binary | std::ios::in | std::ios::out};
    file.seekg(position);
    const char byte = static_cast<char>(file.get());
    file.seekp(position);
    file.put(static_cast<char>(~byte));
}

Beside::Beside(const std::string& command) {
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) std::abort();
    process_ = ::fork();
    if (process_ == 0) {
        ::dup2(in[0], STDIN_FILENO);
        ::dup2(out[1], STDOUT_FILENO);
        const std::string whole = "exec " + command;
        ::execl("/bin/sh", "sh", "-c", whole.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    out_ = ::fdopen(out[0], "r");
    std::setvbuf(out_, nullptr, _IONBF, 0);  // So that poll() knows what there is.
}

Beside::~Beside() {
    wait();
    std::fclose(out_);
}

std::string Beside::line() {
    std::string text;
    pollfd output{::fileno(out_), POLLIN, 0};
    while (::poll(&output, 1, line_within_ms) == 1) {
        const int c = std::fgetc(out_);
        if (c == EOF || c == '\n') return text;
        text += static_cast<char>(c);
    }
    ADD_FAILURE() << "no line came";
    ::kill(process_, SIGKILL);
    return text;
}

int Beside::end(int signal) {
    ::kill(process_, signal);
    return wait();
}

int Beside::wait() {
    if (process_ < 0) return -1;
    ::close(in_);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string field(const std::string& line, std::string_view name) {
    const std::string lead = '"' + std::string{name} + "\":\"";
    const std::size_t at = line.find(lead);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + lead.size();
    return line.substr(begin, line.find('"', begin) - begin);
}

bool is_json(const std::string& line) {
    json::Reader reader{line};
    reader.skip();
    return static_cast<bool>(reader.finish());
}

}  // namespace tidings::testing

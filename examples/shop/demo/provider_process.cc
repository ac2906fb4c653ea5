#include "demo/provider_process.h"

#include <tidings/io/http_client.h>
#include <tidings/model/json.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace shop {

using namespace tidings;

namespace {

Error failed(const std::string& what, int error_number) {
    return {ErrorCode::io_error, "cannot " + what + ": " + std::strerror(error_number),
            "start `shop provider` by hand and name its port with --provider-port"};
}

/// The number after `lead` in `text`, once its line is complete; 0: not there yet.
int number_after(const std::string& text, std::string_view lead) {
    const std::size_t at = text.find(lead);
    if (at == std::string::npos || text.find('\n', at) == std::string::npos) return 0;
    return std::atoi(text.c_str() + at + lead.size());
}

}  // namespace

ProviderProcess::ProviderProcess(ProviderProcess&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      input_(std::exchange(other.input_, -1)),
      port_(other.port_),
      control_port_(other.control_port_) {}

ProviderProcess::~ProviderProcess() {
    if (process_ < 0) return;
    ::kill(process_, SIGTERM);
    ::close(input_);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<ProviderProcess> ProviderProcess::start(const std::string& stories,
                                               const std::string& ledger) {
    std::string path = (std::filesystem::temp_directory_path() / "shop-stories-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    if (file < 0) return failed("write " + path, errno);
    ::close(file);
    std::ofstream{path, std::ios::binary} << stories;
    std::vector<std::string> words{"shop", "provider", "--with-parent", "--stories", path};
    if (!ledger.empty()) words.insert(words.end(), {"--ledger", ledger});
    auto started = spawn(std::move(words));
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // Once it listens, it has read it.
    return started;
}

Result<ProviderProcess> ProviderProcess::spawn(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    if (::pipe2(input.data(), O_CLOEXEC) != 0) return failed("make a pipe", errno);
    if (::pipe2(output.data(), O_CLOEXEC) != 0) return failed("make a pipe", errno);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    ProviderProcess provider;
    const int spawned = ::posix_spawn(&provider.process_, "/proc/self/exe", &actions, nullptr,
                                      arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    provider.input_ = input[1];
    if (spawned != 0) {
        provider.process_ = -1;
        ::close(input[1]);
        ::close(output[0]);
        return failed("start the provider", spawned);
    }
    const Result<void> listens = provider.read_ports(output[0]);
    ::close(output[0]);
    if (!listens) return listens.error();
    return provider;
}

Result<void> ProviderProcess::read_ports(int output) {
    std::string said;
    std::array<char, 512> bytes{};
    for (;;) {
        const ssize_t count = ::read(output, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            return Error{ErrorCode::unavailable, "the provider ended before it listened",
                         "what it said stands above"};
        }
        said.append(bytes.data(), static_cast<std::size_t>(count));
        port_ = number_after(said, "listening on http://127.0.0.1:");
        control_port_ = number_after(said, "faults and ledger at http://127.0.0.1:");
        if (port_ != 0 && control_port_ != 0) return {};
    }
}

Result<ProviderBooks> ProviderProcess::books() const {
    io::HttpClient client{control_port_};
    const Result<io::HttpResponse> answer = client.send({.method = "GET", .target = "/ledger"});
    if (!answer) return answer.error();
    ProviderBooks books;
    json::Reader reader{answer->body};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "charges") {
            books.charges = reader.integer();
        } else if (name == "doubleCharges") {
            books.double_charges = reader.integer();
        } else if (name == "repeats") {
            books.repeats = reader.integer();
        } else if (name == "captured" || name == "refunded") {
            Money& amount = name == "captured" ? books.captured : books.refunded;
            const Result<Money> read = Money::parse(reader.text());
            if (!read) return read.error();
            amount = *read;
        } else {
            reader.skip();
        }
    }
    if (Result<void> read = reader.finish(); !read) return std::move(read).error();
    return books;
}

}  // namespace shop

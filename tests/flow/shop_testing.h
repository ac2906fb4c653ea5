#pragma once

#include <tidings/base/time.h>
#include <tidings/io/http_client.h>

#include "demo/accounts.h"
#include "orders/order_book.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The shop as its users meet it: the built programs on real directories, over HTTP.
namespace shop::testing {

using tidings::Duration;
using namespace std::chrono_literals;

extern const std::string shop_program;
extern const std::string tidings_program;

/// Whoever waits longer than this waits for something that does not come.
inline constexpr Duration patience = 60s;

/// A directory that lives as long as a test.
class Directory {
public:
    Directory();
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    /// A name in it.
    std::string operator/(std::string_view name) const { return path_ + '/' + std::string{name}; }
    const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// Size and checksum of every file below a directory, by name. A missing one has none.
std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> listing(const std::string& path);
std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

/// A program that runs beside the test; killed with it.
class Process {
public:
    using Environment = std::map<std::string, std::string>;

    explicit Process(std::vector<std::string> command, const Environment& environment = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    int id() const noexcept { return process_; }
    /// Sends a signal; to one that has ended, nothing.
    void signal(int number);
    /// Waits for its end. False: it still runs.
    bool ends_within(Duration duration);
    /// Waits for its end and returns its exit status; minus the signal, if one ended it.
    int wait();
    /// Sends a signal and waits.
    int end(int number);

    std::string out() const { return read_text(output_ / "out"); }
    std::string err() const { return read_text(output_ / "err"); }
    /// Waits until its output holds `text`, or it ends. Returns whether it does.
    bool says(std::string_view text);
    /// Waits for its port. 0: it ended before, and the test has failed.
    int port();

private:
    Directory output_;
    int process_ = -1;
    std::optional<int> status_;
};

/// What a program printed, and how it ended.
struct Ran {
    int status;
    std::string out;
    std::string err;
};

Ran run(std::vector<std::string> command, const Process::Environment& environment = {});
/// Runs `shop demo ARGUMENTS`.
Ran run_demo(std::vector<std::string> arguments, const Process::Environment& environment = {});
/// Returns `shop demo ARGUMENTS` as a command.
std::vector<std::string> demo_command(std::vector<std::string> arguments);

/// Looks again and again until `condition` holds, with short pauses. False: it did not in time.
bool eventually(const std::function<bool()>& condition, Duration within = patience);

/// The HTTP API of a running shop, or of one of its services.
class Api {
public:
    explicit Api(int port) : client_(port) {}

    /// Answers with status 0 if there is nobody who answers.
    tidings::io::HttpResponse send(const std::string& method, const std::string& target,
                                   const std::string& body = {},
                                   const tidings::io::HttpHeaders& headers = {});
    tidings::io::HttpResponse get(const std::string& target) { return send("GET", target); }
    /// The body of a GET; null unless its status is 200.
    nlohmann::json json(const std::string& target);
    /// The status of an order; empty if there is none.
    std::string status_of(const std::string& reference);

private:
    tidings::io::HttpClient client_;
};

/// Opens a directory that nobody runs on, and checks the platform's invariants.
std::vector<Invariant> invariants_of(const std::string& data);
/// Returns the platform's accounts likewise.
Accounts accounts_of(const std::string& data);
/// Expects all invariants to hold.
void expect_invariants(const std::string& data);

/// Where the data set is, which is no part of the project.
std::filesystem::path olist_directory();
inline constexpr const char* no_olist =
    "no data set; set TIDINGS_OLIST to the directory of Olist's";

/// Writes the five files of a small, correct data set into a new directory. Its orders are named
/// for what becomes of them: created, approved, invoiced, shipped, delivered, recalled.
void write_small_orders(const std::string& directory);

}  // namespace shop::testing

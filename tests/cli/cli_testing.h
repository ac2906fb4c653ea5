#pragma once

#include <tidings/model/json.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings::testing {

/// What a program printed, and how it ended.
struct Ran {
    int status = -1;  ///< Exit status; -1 if a signal ended it.
    std::string out;
    std::string err;

    std::vector<std::string> lines() const;
    bool says(std::string_view text) const { return out.find(text) != std::string::npos; }
    bool complains(std::string_view text) const { return err.find(text) != std::string::npos; }
};

/// A data directory for one test, removed at its end.
class DataDirectory {
public:
    /// Empty, or filled by `cli_platform` (see platform.cc).
    explicit DataDirectory(const std::string& mode = {});
    ~DataDirectory();
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;

    /// Where the data is; it need not exist.
    std::string path() const { return root_ + "/data"; }
    std::string file(const std::string& name) const { return root_ + '/' + name; }

    /// Runs `tidings ARGUMENTS --data <this>`; the shell sees the arguments.
    Ran tidings(const std::string& arguments) const;
    Ran shell(const std::string& command) const;
    /// The names and contents of all files.
    std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> contents() const;
    void write(const std::string& name, std::string_view bytes) const;
    /// Inverts one byte.
    void damage(const std::string& name, long position) const;

private:
    std::string root_;
};

/// A program that runs beside the test until this object ends, which ends its stdin.
class Beside {
public:
    explicit Beside(const std::string& command);
    ~Beside();
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;
    /// Waits for its next line; empty at the end.
    std::string line();
    /// Sends SIGTERM or another signal and waits. Returns the exit status.
    int end(int signal);
    /// Waits for its end.
    int wait();

private:
    int process_ = -1;
    std::FILE* out_ = nullptr;
    int in_ = -1;
};

/// Returns a text field of a line of JSON, the first one of that name however deep.
std::string field(const std::string& line, std::string_view name);
bool is_json(const std::string& line);

extern const std::string tidings_program;
extern const std::string platform_program;

}  // namespace tidings::testing

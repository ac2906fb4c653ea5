#include "order_flow/machine.h"

#include <tidings/io/world.h>

#include <algorithm>
#include <fstream>
#include <sys/resource.h>

namespace order_flow {

using namespace tidings;

namespace {

/// Returns the number behind `name` in a file of /proc; 0 if there is none.
std::int64_t number_in(const char* path, const std::string& name) {
    std::ifstream file{path};
    std::string word;
    while (file >> word) {
        std::int64_t number = 0;
        if (word == name && file >> number) return number;
    }
    return 0;
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

Usage usage() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return {seconds(used.ru_utime) + seconds(used.ru_stime), number_in("/proc/self/io", "wchar:"),
            number_in("/proc/self/io", "write_bytes:")};
}

std::int64_t peak_memory() { return number_in("/proc/self/status", "VmHWM:") * 1024; }

void forget_peak_memory() { std::ofstream{"/proc/self/clear_refs"} << "5"; }

Result<Duration> flush_time(const std::string& directory) {
    constexpr std::uint64_t block = 4096;
    constexpr int flushes = 400;
    io::World& world = io::real_world();
    const std::string path = directory + "/flush_time";
    auto file = world.files().open(path, io::OpenMode::create);
    if (!file) return file.error();
    Result<void> done = (*file)->write_at(0, std::string(flushes * block, '\0'));
    if (done) done = (*file)->flush();
    const std::string bytes(block, 'x');
    std::vector<Duration> times;
    for (std::uint64_t i = 0; done && i < flushes; ++i) {
        const TimePoint begun = world.monotonic();
        done = (*file)->write_at(i * block, bytes);
        if (done) done = (*file)->flush();
        times.push_back(world.monotonic() - begun);
    }
    if (done) done = world.files().remove(path);
    if (!done) return done.error();
    return percentile(std::move(times), 0.5);
}

Duration percentile(std::vector<Duration> values, double part) {
    const auto last = static_cast<double>(values.size() - 1);
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(last * part);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

}  // namespace order_flow

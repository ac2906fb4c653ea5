#pragma once

#include <tidings/log/log.h>
#include <tidings/sim/world.h>

#include "log/format.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

/// What the tests of the log share.
namespace tidings::log {

inline const std::string log_directory = "order";

inline std::unique_ptr<Log> open_log(io::World& world, const Options& options = {},
                                     const std::string& directory = log_directory) {
    auto log = Log::open(world, directory, "order-service", options);
    EXPECT_TRUE(log) << log.error().message;
    return log ? std::move(*log) : nullptr;
}

inline std::unique_ptr<Reader> open_reader(
    io::World& world, Reader::Unacknowledged unacknowledged = Reader::Unacknowledged::hidden,
    const std::string& directory = log_directory) {
    auto reader = Reader::open(world, directory, unacknowledged);
    EXPECT_TRUE(reader) << reader.error().message;
    return reader ? std::move(*reader) : nullptr;
}

/// Returns the payload that tests give to the record of `offset`, `bytes` long or a little more.
inline std::string payload_of(std::int64_t offset, std::size_t bytes = 0) {
    std::string payload = "payload of " + std::to_string(offset) + " ";
    while (payload.size() < bytes) payload += static_cast<char>('a' + payload.size() % 26);
    return payload;
}

/// Appends one batch of `count` records that `payload_of` tells.
inline Result<Offset> append(Log& log, int count, std::size_t bytes = 0) {
    std::vector<std::string> payloads;
    std::vector<NewRecord> records;
    for (int i = 0; i < count; ++i) payloads.push_back(payload_of(log.next().value + i, bytes));
    for (const std::string& payload : payloads) records.push_back({"h", payload});
    return log.append(records);
}

/// Reads from `from` to the end, and checks what it reads.
inline Result<std::int64_t> read_all(Reader& reader, std::int64_t from, std::size_t bytes = 0,
                                     std::size_t count_max = 100) {
    while (true) {
        const auto records = reader.read(Offset{from}, count_max, 1 << 20);
        if (!records) return records.error();
        if (records->empty()) return from;
        for (const Record& record : *records) {
            EXPECT_EQ(record.offset.value, from);
            EXPECT_EQ(record.headers, "h");
            EXPECT_EQ(record.payload, payload_of(from, bytes));
            ++from;
        }
    }
}

/// Returns the paths of the segments, oldest first.
inline std::vector<std::string> segment_paths(io::World& world,
                                              const std::string& directory = log_directory) {
    std::vector<std::string> paths;
    for (const std::string& name : world.files().list(directory).value()) {
        if (name.ends_with(".segment")) paths.push_back(directory + "/" + name);
    }
    return paths;
}

inline std::string read_bytes(io::World& world, const std::string& path) {
    auto file = world.files().open(path, io::OpenMode::read).value();
    std::string bytes(file->size().value(), '\0');
    file->read_at(0, bytes).value();
    return bytes;
}

inline void write_bytes(io::World& world, const std::string& path, std::string_view bytes) {
    auto file = world.files().open(path, io::OpenMode::create).value();
    file->truncate(bytes.size()).value();
    file->write_at(0, bytes).value();
    file->flush().value();
}

}  // namespace tidings::log

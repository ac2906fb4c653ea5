#pragma once

#include <tidings/base/crc32c.h>
#include <tidings/store/sqlite.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

namespace tidings::sqlite {

/// A directory of the real world that goes with the test.
class TestDirectory {
public:
    TestDirectory() {
        std::string pattern = testing::TempDir() + "tidings-store-XXXXXX";
        const char* made = mkdtemp(pattern.data());
        if (made != nullptr) path_ = made;
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;
    ~TestDirectory() { std::filesystem::remove_all(path_); }

    std::string operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

    /// Returns size and checksum of every file, by name.
    std::map<std::string, std::pair<std::size_t, std::uint32_t>> content() const {
        std::map<std::string, std::pair<std::size_t, std::uint32_t>> all;
        for (const auto& entry : std::filesystem::directory_iterator{path_}) {
            std::ifstream file{entry.path(), std::ios::binary};
            const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
            all[entry.path().filename()] = {bytes.size(), crc32c(bytes)};
        }
        return all;
    }

private:
    std::filesystem::path path_;
};

#define TIDINGS_EXPECT_OK(expression)                                                       \
    do {                                                                                    \
        const auto outcome = (expression);                                                  \
        EXPECT_TRUE(outcome.has_value())                                                    \
            << #expression << ": " << (outcome.has_value() ? "" : outcome.error().message); \
    } while (false)

/// Does `work` in a transaction of its own and commits it.
template <class Work>
Result<void> commit(Store& store, Work work) {
    if (auto begun = store.begin(); !begun) return begun;
    try {
        work(store.transaction());
    } catch (const Failure& failure) {
        store.rollback();
        return failure.error();
    }
    return store.commit();
}

/// Returns the code of the Failure that `work` throws; a failed test if it throws none.
template <class Work>
Error failure_of(Work work) {
    try {
        work();
    } catch (const Failure& failure) {
        return failure.error();
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error{};
}

}  // namespace tidings::sqlite

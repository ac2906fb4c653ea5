#pragma once

#include <tidings/contract/contract.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

/// For tests: the contracts under tests/golden/sample, which use all that a contract can say.
namespace tidings::sample {

inline std::string folder() { return std::string{TIDINGS_SOURCE_DIR} + "/tests/golden/sample"; }

inline std::string read(const std::filesystem::path& path) {  // tidy: for tests
    std::ifstream file{path, std::ios::binary};               // tidy: for tests
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

inline std::vector<SourceFile> files_below(const std::string& root) {
    std::vector<SourceFile> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{root}) {  // tidy: for tests
        if (entry.is_regular_file()) {
            files.push_back({entry.path().string(), read(entry.path())});
        }
    }
    std::sort(files.begin(), files.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

inline std::vector<SourceFile> contract_files() { return files_below(folder() + "/contracts"); }
inline std::vector<SourceFile> model_files() { return files_below(folder() + "/models"); }

}  // namespace tidings::sample

// Runs a fuzz target without libFuzzer: over every file of its corpus, and over a fixed number of
// mutations of each, drawn from a fixed seed. So a crash once found stays found in every build.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int mutations_per_file = 200;

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutate(std::string input, std::mt19937_64& random) {
    const auto count = 1 + random() % 4;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto at = input.empty() ? 0 : random() % input.size();
        switch (random() % 4) {
            case 0:
                input.insert(at, 1, static_cast<char>(random()));
                break;
            case 1:
                if (!input.empty()) input.erase(at, 1 + random() % 8);
                break;
            case 2:
                if (!input.empty()) input[at] = static_cast<char>(random());
                break;
            default:
                if (!input.empty()) input += input.substr(at, random() % 64);
        }
    }
    return input;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> inputs{""};
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) continue;
        for (const auto& entry : std::filesystem::directory_iterator{argv[i]}) {
            std::ifstream file{entry.path(), std::ios::binary};
            inputs.emplace_back(std::istreambuf_iterator<char>{file},
                                std::istreambuf_iterator<char>{});
        }
    }
    std::mt19937_64 random{1};
    for (const std::string& input : inputs) {
        run(input);
        for (int i = 0; i < mutations_per_file; ++i) run(mutate(input, random));
    }
    std::printf("%zu inputs and %d mutations of each: no crash\n", inputs.size(),
                mutations_per_file);
    return 0;
}

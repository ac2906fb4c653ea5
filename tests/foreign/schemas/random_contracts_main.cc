// Writes the random contracts of one seed, from which the build makes C++:
// random_contracts <folder> <seed> <count> <domain>...
#include "random_schemas.h"

#include <filesystem>
#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
    if (argc < 5) {
        std::cerr << "error: random_contracts <folder> <seed> <count> <domain>...\n";
        return 2;
    }
    const std::filesystem::path folder{argv[1]};
    std::uint64_t seed = std::stoull(argv[2]);
    for (int i = 4; i < argc; ++i) {
        for (const tidings::SourceFile& file :
             tidings::agreement::random_contracts(argv[i], std::stoull(argv[3]), seed++)) {
            std::filesystem::create_directories((folder / file.path).parent_path());
            std::ofstream{folder / file.path, std::ios::binary} << file.text;
        }
    }
    return 0;
}

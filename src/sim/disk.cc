#include "sim/disk.h"

#include <tidings/base/crc32c.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tidings::sim {
namespace {

Error missing(const std::string& path) {
    return Error{ErrorCode::not_found, fmt::format("{} does not exist", path)};
}

Error simulated(std::string_view what, const std::string& path) {
    return Error{ErrorCode::io_error, fmt::format("{} {}: simulated fault", what, path)};
}

}  // namespace

std::string plain(const std::string& path) {
    std::string out;
    for (const char c : path) {
        if (c == '/' && !out.empty() && out.back() == '/') continue;
        out += c;
    }
    while (out.size() > 1 && out.back() == '/') out.pop_back();
    while (out.rfind("./", 0) == 0) out.erase(0, 2);
    return out.empty() ? "." : out;
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> Disk::admit(const Life& life) const {
    if (!life.is_over() && operations < stop_at) return {};
    return Error{ErrorCode::io_error, "this process of the simulated world has ended"};
}

Result<void> Disk::admit_change(Life& life) {
    auto admitted = admit(life);
    if (!admitted) return admitted;
    ++operations;
    ++life.operations;
    take_time();
    return admitted;
}

void Disk::take_time() {
    if (rates.slow <= 0 || !random_.chance(rates.slow)) return;
    const auto most = static_cast<std::uint64_t>(rates.slow_max.count());
    pass_time(Duration{static_cast<std::int64_t>(random_.below(most + 1))});
}

bool Disk::is_drawn(DiskOperation operation) {
    const double rate = operation == DiskOperation::read    ? rates.read_error
                        : operation == DiskOperation::write ? rates.write_error
                                                            : rates.flush_error;
    return rate > 0 && random_.chance(rate);
}

bool Disk::is_due(DiskOperation operation, const Life& life, const std::string& path) {
    bool due = is_drawn(operation);
    for (DiskFault& fault : faults) {
        if (fault.operation != operation || path.find(fault.path_part) == std::string::npos) {
            continue;
        }
        if (!fault.process.empty() && fault.process != life.process) continue;
        if (fault.nth > 0) --fault.nth;
        if (fault.nth > 0) continue;
        due = true;
    }
    std::erase_if(faults, [](const DiskFault& fault) { return fault.nth == 0 && !fault.for_ever; });
    return due;
}

bool Disk::has_directory(const std::string& path) const {
    return path == "." || path == "/" || directories_.contains(path);
}

Result<Disk::FilePointer> Disk::find_or_make(Life& life, const std::string& path,
                                             io::OpenMode mode) {
    if (auto admitted = admit(life); !admitted) return admitted.error();
    if (has_directory(path)) {
        return Error{ErrorCode::io_error, fmt::format("{} is a directory", path)};
    }
    const auto found = names_.find(path);
    if (found != names_.end()) {
        if (mode != io::OpenMode::create_new) return found->second;
        return Error{ErrorCode::already_exists, fmt::format("{} exists", path)};
    }
    const bool makes = mode == io::OpenMode::create || mode == io::OpenMode::create_new;
    if (!makes || !has_directory(directory_of(path))) return missing(path);
    if (auto admitted = admit_change(life); !admitted) return admitted.error();
    auto file = std::make_shared<FileData>();
    names_[path] = file;
    record({"", path, file});
    return file;
}

Result<std::vector<std::string>> Disk::list(const std::string& directory) const {
    if (!has_directory(directory)) return missing(directory);
    std::set<std::string> found;
    const auto add = [&](const std::string& path) {
        if (path != directory && directory_of(path) == directory) {
            found.insert(path.substr(path.rfind('/') + 1));
        }
    };
    for (const auto& [path, file] : names_) add(path);
    for (const std::string& path : directories_) add(path);
    return std::vector<std::string>(found.begin(), found.end());
}

Result<void> Disk::make_directory(Life& life, const std::string& path) {
    if (auto admitted = admit(life); !admitted) return admitted;
    for (std::string part = path; !has_directory(part); part = directory_of(part)) {
        if (names_.contains(part)) {
            return Error{ErrorCode::already_exists, fmt::format("{} is a file", part)};
        }
        directories_.insert(part);
    }
    return {};
}

Result<void> Disk::rename(Life& life, const std::string& from, const std::string& to) {
    if (auto admitted = admit_change(life); !admitted) return admitted;
    const auto found = names_.find(from);
    if (found == names_.end() || !has_directory(directory_of(to))) return missing(from);
    FilePointer file = found->second;
    names_.erase(found);
    names_[to] = file;
    record({from, to, std::move(file)});
    return {};
}

Result<void> Disk::remove(Life& life, const std::string& path) {
    if (auto admitted = admit_change(life); !admitted) return admitted;
    if (directories_.contains(path)) {
        if (!list(path)->empty()) {
            return Error{ErrorCode::io_error, fmt::format("directory {} is not empty", path)};
        }
        directories_.erase(path);
        return {};
    }
    const auto found = names_.find(path);
    if (found == names_.end()) return missing(path);
    FilePointer file = found->second;
    names_.erase(found);
    record({path, "", std::move(file)});
    return {};
}

Result<void> Disk::flush_directory(Life& life, const std::string& path) {
    if (auto admitted = admit_change(life); !admitted) return admitted;
    if (!has_directory(path)) return missing(path);
    if (is_due(DiskOperation::flush, life, path)) return simulated("flush directory", path);
    const auto is_in = [&](const std::string& name) {
        return !name.empty() && directory_of(name) == path;
    };
    for (const Change& change : changes_) {
        if (is_in(change.from) || is_in(change.to)) apply(change, durable_names_);
    }
    std::erase_if(changes_,
                  [&](const Change& change) { return is_in(change.from) || is_in(change.to); });
    return {};
}

void Disk::record(Change change) {
    if (profile_ == DiskProfile::ordered) {
        apply(change, durable_names_);
    } else {
        changes_.push_back(std::move(change));
    }
}

void Disk::apply(const Change& change, Names& names) {
    if (!change.from.empty()) {
        const auto found = names.find(change.from);
        // What it changes was lost itself.
        if (found == names.end() || found->second != change.file) return;
        names.erase(found);
    }
    if (!change.to.empty()) names[change.to] = change.file;
}

Result<std::size_t> Disk::read(Life& life, const std::string& path, const FileData& file,
                               std::uint64_t offset, std::span<char> into) {
    if (auto admitted = admit(life); !admitted) return admitted.error();
    take_time();
    if (is_due(DiskOperation::read, life, path)) return simulated("read", path);
    return file.read(offset, into);
}

Result<void> Disk::write(Life& life, const std::string& path, FileData& file, std::uint64_t offset,
                         std::string_view bytes) {
    if (auto admitted = admit_change(life); !admitted) return admitted;
    if (is_due(DiskOperation::write, life, path)) {
        // Some of it may have got there.
        const std::uint64_t sectors = bytes.size() / FileData::sector_bytes;
        const auto kept = random_.below(sectors + 1) * FileData::sector_bytes;
        file.write(offset, bytes.substr(0, static_cast<std::size_t>(kept)));
        return simulated("write to", path);
    }
    const std::uint64_t end = offset + bytes.size();
    const std::uint64_t growth = end > file.size() ? end - file.size() : 0;
    const bool bounded = bytes_max != std::numeric_limits<std::uint64_t>::max();
    if (growth > 0 && bounded && this->bytes() + growth > bytes_max) {
        return Error{ErrorCode::limit_exceeded, fmt::format("write to {}: disk full", path),
                     "free some space"};
    }
    file.write(offset, bytes);
    return {};
}

Result<void> Disk::flush(Life& life, const std::string& path, FileData& file) {
    if (auto admitted = admit_change(life); !admitted) return admitted;
    if (is_due(DiskOperation::flush, life, path)) {
        file.fail_flush();
        return simulated("flush", path);
    }
    file.flush();
    return {};
}

Result<void> Disk::truncate(Life& life, const std::string& path, FileData& file,
                            std::uint64_t size) {
    if (auto admitted = admit_change(life); !admitted) return admitted;
    if (is_due(DiskOperation::write, life, path)) return simulated("truncate", path);
    file.truncate(size);
    return {};
}

void Disk::lose_power() {
    for (const Change& change : changes_) {
        if (random_.chance(0.5)) apply(change, durable_names_);
    }
    changes_.clear();
    names_ = durable_names_;
    for (auto& [path, file] : names_) {
        file->lose_power(random_);
        file->page.reset();
    }
}

void Disk::heal() {
    faults.clear();
    rates = {};
    bytes_max = std::numeric_limits<std::uint64_t>::max();
    stop_at = std::numeric_limits<std::uint64_t>::max();
}

std::uint64_t Disk::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [path, file] : names_) sum += file->size();
    return sum;
}

std::uint64_t Disk::digest() const {
    std::uint32_t names = 0;
    std::uint32_t contents = 0;
    for (const auto& [path, file] : names_) {
        names = crc32c(fmt::format("{} {}\n", path, file->size()), names);
        contents = file->checksum(contents);
    }
    return std::uint64_t{names} << 32 | contents;
}

}  // namespace tidings::sim

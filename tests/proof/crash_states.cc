#include "crash_states.h"

#include <algorithm>
#include <utility>

namespace tidings::proof {

namespace {

constexpr std::uint64_t sector_bytes = 512;
using Kind = Operation::Kind;

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

void add_directories(Image& image) {
    for (const auto& [path, bytes] : image.files) {
        for (std::string part = directory_of(path); part != "."; part = directory_of(part)) {
            image.directories.insert(part);
        }
    }
}

CrashStates::CrashStates(const std::vector<Operation>& trace,
                         std::function<bool(const Operation&)> ignored)
    : trace_(trace), ignored_(std::move(ignored)) {}

bool CrashStates::step() {
    if (at_ >= trace_.size()) return false;
    const Operation& operation = trace_[at_++];
    if (ignored_ && ignored_(operation)) return true;
    switch (operation.kind) {
        case Kind::make:
        case Kind::rename:
        case Kind::remove:
            change_names(operation);
            break;
        case Kind::write:
            files_[operation.file].now.write(operation.offset, operation.bytes);
            pending_[operation.file].push_back(&operation);
            break;
        case Kind::truncate:
            files_[operation.file].now.truncate(operation.size);
            pending_[operation.file].push_back(&operation);
            break;
        case Kind::flush:
            files_[operation.file].durable = files_[operation.file].now;
            pending_.erase(operation.file);
            break;
        case Kind::flush_directory:
            flush_directory(operation.path);
            break;
    }
    return true;
}

void CrashStates::change_names(const Operation& operation) {
    files_[operation.file];
    apply(operation, names_);
    changes_.push_back(&operation);
}

void CrashStates::apply(const Operation& change, Names& names) {
    if (change.kind != Kind::make) {
        const auto found = names.find(change.path);
        if (found == names.end() || found->second != change.file) return;  // It was lost itself.
        names.erase(found);
    }
    if (change.kind == Kind::make) names[change.path] = change.file;
    if (change.kind == Kind::rename) names[change.to] = change.file;
}

void CrashStates::flush_directory(const std::string& path) {
    const auto is_here = [&](const Operation* change) {
        return directory_of(change->path) == path ||
               (change->kind == Kind::rename && directory_of(change->to) == path);
    };
    for (const Operation* change : changes_) {
        if (is_here(change)) apply(*change, durable_names_);
    }
    std::erase_if(changes_, is_here);
}

Image CrashStates::strict() const {
    Image image;
    for (const auto& [path, file] : durable_names_) {
        image.files.emplace(path, files_.at(file).durable);
    }
    add_directories(image);
    return image;
}

Image CrashStates::all() const {
    Image image;
    for (const auto& [path, file] : names_) image.files.emplace(path, files_.at(file).now);
    add_directories(image);
    return image;
}

Image CrashStates::drawn(sim::Random& random) const {
    Names names = durable_names_;
    for (const Operation* change : changes_) {
        if (random.chance(0.5)) apply(*change, names);
    }
    Image image;
    for (const auto& [path, file] : names) {
        const auto pending = pending_.find(file);
        image.files.emplace(path, pending == pending_.end() ? files_.at(file).durable
                                                            : torn(file, pending->second, random));
    }
    add_directories(image);
    return image;
}

Bytes CrashStates::torn(std::size_t file, const std::vector<const Operation*>& writes,
                        sim::Random& random) const {
    Bytes bytes = files_.at(file).durable;
    std::uint64_t unchanged_from = UINT64_MAX;  // Behind a cut that has not happened.
    for (const Operation* write : writes) {
        const std::uint64_t which = random.below(3);
        if (write->kind == Kind::truncate) {
            if (which == 0) {
                unchanged_from = std::min(unchanged_from, write->size);
            } else if (write->size < unchanged_from) {
                bytes.truncate(write->size);
            }
            continue;
        }
        const std::uint64_t end =
            std::min<std::uint64_t>(write->offset + write->bytes.size(), unchanged_from);
        for (std::uint64_t at = write->offset; at < end && which > 0;) {
            const std::uint64_t next = std::min(end, (at / sector_bytes + 1) * sector_bytes);
            if (which == 1 || random.chance(0.5)) {
                bytes.write(at, std::string_view{write->bytes}.substr(
                                    static_cast<std::size_t>(at - write->offset),
                                    static_cast<std::size_t>(next - at)));
            }
            at = next;
        }
    }
    return bytes;
}

}  // namespace tidings::proof

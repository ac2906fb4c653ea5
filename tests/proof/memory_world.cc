#include "memory_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tidings::proof {

namespace {

constexpr std::chrono::sys_days first_day{std::chrono::year{2026} / 1 / 1};

std::size_t blocks_for(std::uint64_t bytes) {
    return static_cast<std::size_t>((bytes + Bytes::block_bytes - 1) / Bytes::block_bytes);
}

Error missing(const std::string& path) {
    return Error{ErrorCode::not_found, fmt::format("{} does not exist", path)};
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

struct Node {
    Bytes bytes;
    std::size_t number = 0;
    bool locked = false;
    std::array<std::atomic<std::uint64_t>, io::SharedPage::words_count> words{};
    std::uint32_t wakes = 0;
};
using NodePointer = std::shared_ptr<Node>;

class Page final : public io::SharedPage {
public:
    explicit Page(NodePointer node) : node_(std::move(node)) {}
    std::span<std::atomic<std::uint64_t>, words_count> words() noexcept override {
        return node_->words;
    }
    void wake() noexcept override { ++node_->wakes; }
    void wait(std::uint32_t, Duration) noexcept override {}
    std::uint32_t wakes() const noexcept override { return node_->wakes; }

private:
    NodePointer node_;
};

class Lock final : public io::FileLock {
public:
    explicit Lock(NodePointer node) : node_(std::move(node)) { node_->locked = true; }
    ~Lock() override { node_->locked = false; }

private:
    NodePointer node_;
};

}  // namespace

// ------------------------------------------------------------------------------------------- bytes

std::size_t Bytes::read(std::uint64_t offset, std::span<char> into) const {
    if (offset >= size_) return 0;
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    for (std::size_t done = 0; done < wanted;) {
        const auto index = static_cast<std::size_t>((offset + done) / block_bytes);
        const auto start = static_cast<std::size_t>((offset + done) % block_bytes);
        const std::size_t count = std::min(wanted - done, block_bytes - start);
        if (blocks_[index]) {
            std::memcpy(into.data() + done, blocks_[index]->data() + start, count);
        } else {
            std::memset(into.data() + done, 0, count);
        }
        done += count;
    }
    return wanted;
}

void Bytes::write(std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    size_ = std::max(size_, offset + bytes.size());
    if (blocks_.size() < blocks_for(size_)) blocks_.resize(blocks_for(size_));
    while (!bytes.empty()) {
        const auto start = static_cast<std::size_t>(offset % block_bytes);
        const std::size_t count = std::min(bytes.size(), block_bytes - start);
        std::shared_ptr<Block>& block = blocks_[static_cast<std::size_t>(offset / block_bytes)];
        const bool zero = bytes.substr(0, count).find_first_not_of('\0') == std::string_view::npos;
        if (block || !zero) {
            // Another image may have it, too.
            if (!block || block.use_count() > 1) {
                block = block ? std::make_shared<Block>(*block) : std::make_shared<Block>(Block{});
            }
            std::memcpy(block->data() + start, bytes.data(), count);
        }
        bytes.remove_prefix(count);
        offset += count;
    }
}

void Bytes::truncate(std::uint64_t size) {
    const auto kept = static_cast<std::size_t>(size % block_bytes);
    blocks_.resize(blocks_for(size));
    if (size < size_ && kept != 0 && blocks_.back()) {
        blocks_.back() = std::make_shared<Block>(*blocks_.back());
        std::memset(blocks_.back()->data() + kept, 0, block_bytes - kept);
    }
    size_ = size;
}

std::string Bytes::text() const {
    std::string text(static_cast<std::size_t>(size_), '\0');
    read(0, text);
    return text;
}

std::string_view name_of(Operation::Kind kind) noexcept {
    constexpr std::array<std::string_view, 7> names{"make",     "rename", "remove",         "write",
                                                    "truncate", "flush",  "flush directory"};
    return names[static_cast<std::size_t>(kind)];
}

// ------------------------------------------------------------------------------------------- files

class MemoryWorld::Files final : public io::FileSystem {
public:
    explicit Files(Image image) : directories_(std::move(image.directories)) {
        for (auto& [path, bytes] : image.files) {
            NodePointer node = make_node();
            node->bytes = std::move(bytes);
            names_.emplace(path, std::move(node));
        }
    }

    class OpenFile final : public io::File {
    public:
        OpenFile(Files& files, std::string path, NodePointer node)
            : files_(files), path_(std::move(path)), node_(std::move(node)) {}
        Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
            if (files_.ask_reads_) {
                if (auto done = files_.ask_reads_(path_); !done) return done.error();
            }
            return node_->bytes.read(offset, into);
        }
        Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
            std::size_t written = bytes.size();
            Operation operation = operation_of(Operation::Kind::write);
            operation.offset = offset;
            operation.bytes = bytes;
            const auto done = files_.asked(operation, written);
            node_->bytes.write(offset, bytes.substr(0, done ? bytes.size() : written));
            return done;
        }
        Result<void> flush() override {
            std::size_t written = 0;
            return files_.asked(operation_of(Operation::Kind::flush), written);
        }
        Result<std::uint64_t> size() const override { return node_->bytes.size(); }
        Result<void> truncate(std::uint64_t size) override {
            std::size_t written = 0;
            Operation operation = operation_of(Operation::Kind::truncate);
            operation.size = size;
            if (auto done = files_.asked(operation, written); !done) return done;
            node_->bytes.truncate(size);
            return {};
        }

    private:
        Operation operation_of(Operation::Kind kind) const {
            return {kind, node_->number, path_, "", 0, 0, ""};
        }
        Files& files_;
        std::string path_;
        NodePointer node_;
    };

    Result<std::unique_ptr<io::File>> open(const std::string& path, io::OpenMode mode) override {
        auto node = find(path, mode == io::OpenMode::create || mode == io::OpenMode::create_new,
                         mode == io::OpenMode::create_new);
        if (!node) return node.error();
        return std::unique_ptr<io::File>{std::make_unique<OpenFile>(*this, path, std::move(*node))};
    }
    Result<std::vector<std::string>> list(const std::string& given) override {
        const std::string directory =
            given.size() > 1 && given.ends_with('/') ? given.substr(0, given.size() - 1) : given;
        if (!has_directory(directory)) return missing(directory);
        std::set<std::string> found;
        const auto add = [&](const std::string& path) {
            if (path != directory && directory_of(path) == directory) {
                found.insert(path.substr(path.rfind('/') + 1));
            }
        };
        for (const auto& [path, node] : names_) add(path);
        for (const std::string& path : directories_) add(path);
        return std::vector<std::string>(found.begin(), found.end());
    }
    Result<void> make_directory(const std::string& path) override {
        for (std::string part = path; !has_directory(part); part = directory_of(part)) {
            directories_.insert(part);
        }
        return {};
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        const auto found = names_.find(from);
        if (found == names_.end()) return missing(from);
        std::size_t written = 0;
        const NodePointer node = found->second;
        if (auto done = asked({Operation::Kind::rename, node->number, from, to, 0, 0, ""}, written);
            !done) {
            return done;
        }
        names_.erase(found);
        names_[to] = node;
        return {};
    }
    Result<void> remove(const std::string& path) override {
        if (directories_.erase(path) > 0) return {};
        const auto found = names_.find(path);
        if (found == names_.end()) return missing(path);
        std::size_t written = 0;
        if (auto done = asked({Operation::Kind::remove, found->second->number, path, "", 0, 0, ""},
                              written);
            !done) {
            return done;
        }
        names_.erase(found);
        return {};
    }
    Result<void> flush_directory(const std::string& path) override {
        std::size_t written = 0;
        return asked({Operation::Kind::flush_directory, 0, path, "", 0, 0, ""}, written);
    }
    Result<std::unique_ptr<io::FileLock>> lock(const std::string& path, std::string_view) override {
        auto node = find(path, true, false);
        if (!node) return node.error();
        if ((*node)->locked) return Error{ErrorCode::unavailable, path + " is locked"};
        return std::unique_ptr<io::FileLock>{std::make_unique<Lock>(std::move(*node))};
    }
    Result<std::unique_ptr<io::SharedPage>> share(const std::string& path) override {
        auto node = find(path, true, false);
        if (!node) return node.error();
        return std::unique_ptr<io::SharedPage>{std::make_unique<Page>(std::move(*node))};
    }

    Image image() const {
        Image image;
        for (const auto& [path, node] : names_) image.files.emplace(path, node->bytes);
        image.directories = directories_;
        return image;
    }

    bool dead_ = false;
    Ask ask_;
    std::function<Result<void>(const std::string&)> ask_reads_;

private:
    Result<void> asked(const Operation& operation, std::size_t& written) const {
        if (dead_) {
            written = 0;
            return Error{ErrorCode::io_error, "this process has been killed"};
        }
        return ask_ ? ask_(operation, written) : Result<void>{};
    }
    bool has_directory(const std::string& path) const {
        return path == "." || path == "/" || directories_.contains(path);
    }
    NodePointer make_node() {
        auto node = std::make_shared<Node>();
        node->number = nodes_++;
        return node;
    }
    Result<NodePointer> find(const std::string& path, bool make, bool make_only) {
        const auto found = names_.find(path);
        if (found != names_.end()) {
            if (!make_only) return found->second;
            return Error{ErrorCode::already_exists, path + " exists"};
        }
        if (has_directory(path)) return Error{ErrorCode::io_error, path + " is a directory"};
        if (!make || !has_directory(directory_of(path))) return missing(path);
        std::size_t written = 0;
        if (auto done = asked({Operation::Kind::make, nodes_, path, "", 0, 0, ""}, written);
            !done) {
            return done.error();
        }
        NodePointer node = make_node();
        names_.emplace(path, node);
        return node;
    }

    std::map<std::string, NodePointer> names_;
    std::set<std::string> directories_;
    std::size_t nodes_ = 0;
};

MemoryWorld::MemoryWorld(std::uint64_t seed, Image image)
    : files_(std::make_unique<Files>(std::move(image))), random_(seed), wall_(first_day) {}
MemoryWorld::~MemoryWorld() = default;

void MemoryWorld::random(std::span<std::uint8_t> into) {
    for (std::uint8_t& byte : into) byte = static_cast<std::uint8_t>(random_.next());
}

io::FileSystem& MemoryWorld::files() { return *files_; }
void MemoryWorld::ask(Ask ask) { files_->ask_ = std::move(ask); }
void MemoryWorld::ask_reads(std::function<Result<void>(const std::string& path)> ask) {
    files_->ask_reads_ = std::move(ask);
}
void MemoryWorld::be_dead(bool dead) { files_->dead_ = dead; }
Image MemoryWorld::image() const { return files_->image(); }

}  // namespace tidings::proof

#include <tidings/base/text.h>
#include <tidings/io/world.h>

#include "io/posix.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace tidings::io {

namespace {

constexpr std::size_t holder_bytes_max = 200;

/// Calls `call` again for as long as a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

class PosixFile final : public File {
public:
    PosixFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
        std::size_t done = 0;
        while (done < into.size()) {
            const ssize_t count = uninterrupted([&] {
                return ::pread(file_.get(), into.data() + done, into.size() - done,
                               static_cast<off_t>(offset + done));
            });
            if (count < 0) return system_error(errno, "read", path_);
            if (count == 0) break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t count = uninterrupted([&] {
                return ::pwrite(file_.get(), bytes.data(), bytes.size(),
                                static_cast<off_t>(offset));
            });
            if (count < 0) return system_error(errno, "write to", path_);
            bytes.remove_prefix(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
        return {};
    }

    Result<void> flush() override {
        if (uninterrupted([&] { return ::fdatasync(file_.get()); }) != 0) {
            return system_error(errno, "flush", path_);
        }
        return {};
    }

    Result<std::uint64_t> size() const override {
        struct stat status {};
        if (::fstat(file_.get(), &status) != 0) return system_error(errno, "look at", path_);
        return static_cast<std::uint64_t>(status.st_size);
    }

    Result<void> truncate(std::uint64_t size) override {
        if (uninterrupted([&] { return ::ftruncate(file_.get(), static_cast<off_t>(size)); }) !=
            0) {
            return system_error(errno, "truncate", path_);
        }
        return {};
    }

private:
    Descriptor file_;
    std::string path_;
};

/// The lock belongs to the open file, so it also excludes others in this process, and it ends with
/// the process whatever happens to it.
class PosixLock final : public FileLock {
public:
    explicit PosixLock(Descriptor file) : file_(std::move(file)) {}
    /// Writes who holds the lock into the file, for the one who is refused.
    Result<void> name_holder(const std::string& path, std::string_view holder) {
        holder = holder.substr(0, holder_bytes_max);
        if (::ftruncate(file_.get(), 0) != 0) return system_error(errno, "write to", path);
        const ssize_t count =
            uninterrupted([&] { return ::pwrite(file_.get(), holder.data(), holder.size(), 0); });
        if (count < 0) return system_error(errno, "write to", path);
        return {};
    }

    ~PosixLock() override {
        // So that the next one who is refused isn't told of us. If it fails, closing still unlocks.
        if (::ftruncate(file_.get(), 0) != 0) return;
    }

private:
    Descriptor file_;
};

std::string read_holder(int file) {
    std::string holder(holder_bytes_max, '\0');
    const ssize_t count =
        uninterrupted([&] { return ::pread(file, holder.data(), holder.size(), 0); });
    holder.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return holder;
}

int flags_for(OpenMode mode) {
    switch (mode) {
        case OpenMode::read:
            return O_RDONLY;
        case OpenMode::write:
            return O_RDWR;
        case OpenMode::create:
            return O_RDWR | O_CREAT;
        case OpenMode::create_new:
            return O_RDWR | O_CREAT | O_EXCL;
    }
    TIDINGS_ASSERT(false);
}

/// Returns `path` without slashes at its end, which would make the kernel follow a link there.
std::string trimmed(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

Result<Descriptor> open_directory(const std::string& path) {
    const std::string last = trimmed(path);
    const int number = uninterrupted(
        [&] { return ::open(last.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW); });
    if (number < 0) return system_error(errno, "open directory", path);
    return Descriptor{number};
}

class PosixFiles final : public FileSystem {
public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        auto file = open_regular(path, flags_for(mode));
        if (!file) return std::move(file).error();
        return std::unique_ptr<File>{std::make_unique<PosixFile>(std::move(*file), path)};
    }

    Result<std::vector<std::string>> list(const std::string& directory) override {
        auto file = open_directory(directory);
        if (!file) return std::move(file).error();
        // fdopendir keeps the descriptor it is given, so it gets one of its own.
        const int copy = ::fcntl(file->get(), F_DUPFD_CLOEXEC, 0);
        DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
        if (stream == nullptr) {
            const Error error = system_error(errno, "list", directory);
            if (copy >= 0) ::close(copy);
            return error;
        }
        std::vector<std::string> names;
        errno = 0;
        while (const dirent* entry = ::readdir(stream)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
            errno = 0;
        }
        const int error_number = errno;
        ::closedir(stream);
        if (error_number != 0) return system_error(error_number, "list", directory);
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<void> make_directory(const std::string& path) override {
        const std::string last = trimmed(path);
        for (std::size_t end = last.find('/', 1); end != std::string::npos;
             end = last.find('/', end + 1)) {
            if (auto made = make_one(last.substr(0, end), ::stat); !made) return made;
        }
        return make_one(last, ::lstat);
    }

    Result<void> rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return system_error(errno, "rename", from);
        return {};
    }

    Result<void> remove(const std::string& path) override {
        if (std::remove(path.c_str()) != 0) return system_error(errno, "remove", path);
        return {};
    }

    Result<void> flush_directory(const std::string& path) override {
        auto file = open_directory(path);
        if (!file) return std::move(file).error();
        if (uninterrupted([&] { return ::fsync(file->get()); }) != 0) {
            return system_error(errno, "flush directory", path);
        }
        return {};
    }

    Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                           std::string_view holder) override {
        auto file = open_regular(path, O_RDWR | O_CREAT);
        if (!file) return std::move(file).error();
        struct flock claim {};
        claim.l_type = F_WRLCK;
        claim.l_whence = SEEK_SET;
        if (uninterrupted([&] { return ::fcntl(file->get(), F_OFD_SETLK, &claim); }) != 0) {
            if (errno != EAGAIN && errno != EACCES) return system_error(errno, "lock", path);
            const std::string other = read_holder(file->get());
            return Error{ErrorCode::unavailable,
                         quote(path, 300) + " is locked by " +
                             (other.empty() ? "somebody unknown" : quote(other, holder_bytes_max)),
                         "stop that one first, or choose another directory"};
        }
        auto claimed = std::make_unique<PosixLock>(std::move(*file));
        if (auto written = claimed->name_holder(path, holder); !written) return written.error();
        return std::unique_ptr<FileLock>{std::move(claimed)};
    }

    Result<std::unique_ptr<SharedPage>> share(const std::string& path) override {
        return map_shared_page(path);
    }

private:
    static Result<void> make_one(const std::string& path, int (*look)(const char*, struct stat*)) {
        if (::mkdir(path.c_str(), 0700) == 0) return {};
        if (errno != EEXIST) return system_error(errno, "make directory", path);
        struct stat status {};
        if (look(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
        return Error{ErrorCode::already_exists, quote(path, 300) + " is there and no directory",
                     "choose another name"};
    }
};

}  // namespace

Result<DiskSpace> posix_disk_space(const std::string& path) {
    struct statvfs status {};
    if (uninterrupted([&] { return ::statvfs(path.c_str(), &status); }) != 0) {
        return system_error(errno, "ask for the room at", path);
    }
    return DiskSpace{std::uint64_t{status.f_blocks} * status.f_frsize,
                     std::uint64_t{status.f_bavail} * status.f_frsize};
}

void end_this_process(int status) noexcept { ::_exit(status); }

bool is_locked(const std::string& path) noexcept {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct flock claim {};
    claim.l_type = F_WRLCK;
    claim.l_whence = SEEK_SET;
    return file.get() >= 0 && ::fcntl(file.get(), F_OFD_GETLK, &claim) == 0 &&
           claim.l_type != F_UNLCK;
}

FileSystem& posix_files() {
    static PosixFiles files;
    return files;
}

}  // namespace tidings::io

// T9: the disk fills up, stays full for a while and gets room again, over and over, under load.
// Health says so in time, nothing that was accepted is lost, and everything goes on by itself.
#include <tidings/io/file.h>

#include "rig.h"
#include "served.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace tidings::proof {
namespace {

constexpr Duration told_max = 5s;
constexpr Duration resumed_max = 10s;
/// A disk is small, so that what a WAL takes is much of it; but each filling leaves events for
/// good, each in a block of its own.
constexpr std::int64_t disk_mebibytes = 16;
constexpr double rate = 100;
constexpr int callers = 8;

/// Every `forgets`-th command is answered and not stored; 0: none.
std::vector<std::unique_ptr<Service>> make_services(int forgets) {
    // Each command has a copy of this; they count together.
    return work_services([forgets, count = std::make_shared<int>(0)] {
        return forgets == 0 || ++*count % forgets != 0;
    });
}

void write_to(const char* path, const std::string& text) {
    const int file = ::open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    (void)!::write(file, text.data(), text.size());
    ::close(file);
}

/// Has what is mounted from now on end with this process. Who is not root becomes so for mounting.
void mount_for_this_process_alone() {
    const auto user = ::getuid();
    const auto group = ::getgid();
    if (::unshare(CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER)) != 0) return;
    if (user != 0) {
        write_to("/proc/self/setgroups", "deny");
        write_to("/proc/self/uid_map", fmt::format("0 {} 1", user));
        write_to("/proc/self/gid_map", fmt::format("0 {} 1", group));
    }
    (void)::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
}

/// A small disk of its own, where the machine lets us have one.
class SmallDisk {
public:
    explicit SmallDisk(std::int64_t mebibytes)
        : directory_("disk-full"), path_(directory_ / "disk") {
        io::real_world().files().make_directory(path_).value();
        const std::string size = fmt::format("size={}m", mebibytes);
        is_mounted_ = ::mount("tidings", path_.c_str(), "tmpfs", 0, size.c_str()) == 0;
    }
    ~SmallDisk() {
        if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    bool is_mounted() const noexcept { return is_mounted_; }
    std::string data() const { return path_ + "/data"; }

    /// Leaves no room at all.
    void fill() {
        filler_ = io::real_world().files().open(path_ + "/filler", io::OpenMode::create).value();
        for (std::size_t bytes : {std::size_t{64} << 10, std::size_t{1} << 10}) {
            const std::string zeros(bytes, '\0');
            while (filler_->write_at(filled_, zeros)) filled_ += bytes;
        }
    }
    void free() {
        filler_.reset();
        filled_ = 0;
        io::real_world().files().remove(path_ + "/filler").value();
    }

private:
    const RunDirectory directory_;
    const std::string path_;
    bool is_mounted_ = false;
    std::unique_ptr<io::File> filler_;
    std::uint64_t filled_ = 0;
};

struct Filled {
    std::int64_t accepted = 0;
    std::int64_t refused = 0;
    Duration told{0};     ///< The longest until health said it.
    Duration resumed{0};  ///< The longest until a command was accepted again.
    std::vector<std::string> wrong;
};

Duration until(Duration limit, const std::function<bool()>& is_so) {
    const TimePoint began = io::real_world().monotonic();
    io::Wakeup nobody_rings;
    while (!is_so() && io::real_world().monotonic() - began < limit) {
        nobody_rings.wait_until(io::real_world().monotonic() + 20ms);
    }
    return io::real_world().monotonic() - began;
}

class Cycles {
public:
    Cycles(SmallDisk& disk, int forgets) : disk_(disk), forgets_(forgets) {
        options_.data = disk.data();
        options_.journal = Journal::to_stderr(io::real_world(), {LogLevel::off, 0});
    }

    Filled run(std::int64_t count, Duration hold, const std::function<void(std::int64_t)>& told) {
        start();
        for (std::int64_t i = 0; i < count && filled_.wrong.empty(); ++i) {
            cycle(i % 10 == 9 ? 10 * hold : hold);
            told(i + 1);
        }
        check("at the end");
        // And what the disk holds is what was promised, whoever remembers it.
        served_->kill();
        start();
        check("after kill -9");
        return filled_;
    }

private:
    void start() {
        served_ =
            std::make_unique<ServedProcess>(options_, [this] { return make_services(forgets_); });
        if (served_->port() == 0) filled_.wrong.emplace_back("the services did not start");
    }
    void send(Duration length) {
        const Seen seen = send_at_rate(served_->port(), "/work", rate, callers, length);
        filled_.accepted += static_cast<std::int64_t>(seen.accepted.size());
        filled_.refused += seen.refused;
        filled_.wrong.insert(filled_.wrong.end(), seen.wrong.begin(), seen.wrong.end());
    }
    void cycle(Duration hold) {
        send(1s);
        disk_.fill();
        std::thread load{[this] { send(told_max / 2); }};
        const Duration told = until(2 * told_max, [this] {
            return served_->get("/health/ready").find("is full") != std::string::npos;
        });
        load.join();
        send(hold);
        disk_.free();
        const std::int64_t before = filled_.accepted;
        const Duration resumed = until(2 * resumed_max, [this, before] {
            send(100ms);
            return filled_.accepted > before;
        });
        filled_.told = std::max(filled_.told, told);
        filled_.resumed = std::max(filled_.resumed, resumed);
        if (told > told_max)
            filled_.wrong.emplace_back("health did not say in time that it is full");
        if (resumed > resumed_max) {
            filled_.wrong.push_back("it did not go on by itself; its health: " +
                                    served_->get("/health/ready"));
        }
    }
    void check(const std::string& when) {
        if (!served_->waits_until_quiet("order-service", 20s) ||
            !served_->waits_until_quiet("payment-service", 20s)) {
            filled_.wrong.push_back(when + ": what was accepted is not done after 20 s");
        }
        const std::string stored = served_->get("/work");
        const std::int64_t done = served_->account("payment-service", "done");
        if (stored != std::to_string(filled_.accepted) || done != filled_.accepted) {
            filled_.wrong.push_back(fmt::format("{}: {} were accepted, {} are stored, {} done",
                                                when, filled_.accepted, stored, done));
        }
    }

    SmallDisk& disk_;
    const int forgets_;
    HostOptions options_;
    std::unique_ptr<ServedProcess> served_;
    Filled filled_;
};

int run(int argc, char** argv) {
    Rig rig{"T9", argc, argv};
    mount_for_this_process_alone();
    const std::int64_t cycles = rig.amount(20);
    const std::int64_t mebibytes = disk_mebibytes + cycles;
    {
        SmallDisk disk{mebibytes};
        if (!disk.is_mounted()) {
            rig.figure("not run", "this machine lets nobody mount a small disk here");
            return rig.finish("nothing");
        }
        const Filled filled = Cycles{disk, 0}.run(
            cycles, 3s, [&](std::int64_t done) { rig.progress(done, cycles, "fillings"); });
        rig.figure("accepted", std::to_string(filled.accepted));
        rig.figure("refused meanwhile", std::to_string(filled.refused));
        rig.figure("health said so after at most", fmt::format("{} ms", filled.told / 1ms));
        rig.figure("went on after at most", fmt::format("{} ms", filled.resumed / 1ms));
        for (const std::string& what : filled.wrong) rig.broken(what);
        if (filled.refused == 0) rig.broken("nobody was refused: the disk was not full");
    }
    {
        SmallDisk disk{disk_mebibytes};
        const Filled filled = Cycles{disk, 10}.run(1, 0s, [](std::int64_t) {});
        rig.control("one in ten commands is answered and not stored", !filled.wrong.empty());
    }
    return rig.finish(fmt::format("{} fillings of a disk of {} MiB", cycles, mebibytes));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::run(argc, argv); }

#include "shop_testing.h"

#include <tidings/base/crc32c.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/service/host.h>

#include "demo/platform.h"
#include "orders/olist.h"
#include "orders/outside.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shop::testing {

using namespace tidings;

const std::string shop_program = SHOP_PROGRAM;
const std::string tidings_program = TIDINGS_PROGRAM;

Directory::Directory() {
    path_ = (std::filesystem::temp_directory_path() / "shop-test-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
}

Directory::~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file{path, std::ios::binary};
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
}

std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> listing(const std::string& path) {
    std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> found;
    if (!std::filesystem::exists(path)) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{path}) {
        const bool is_file = entry.is_regular_file();
        const std::string bytes = is_file ? read_text(entry.path()) : "";
        found[entry.path().string()] = {bytes.size(), crc32c(bytes)};
    }
    return found;
}

// ----------------------------------------------------------------------------------------
// processes

Process::Process(std::vector<std::string> command, const Environment& environment) {
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    const std::string out = output_ / "out";
    const std::string err = output_ / "err";
    const int test = ::getpid();
    process_ = ::fork();
    if (process_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != test) ::_exit(127);
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    ::dup2(::open(out.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600), STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

Process::~Process() {
    if (!status_) end(SIGKILL);
}

void Process::signal(int number) {
    if (!status_) ::kill(process_, number);
}

bool Process::ends_within(Duration duration) {
    if (status_) return true;
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process_, 0));
    if (handle < 0) std::abort();
    pollfd ended{handle, POLLIN, 0};
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    const int count = ::poll(&ended, 1, static_cast<int>(milliseconds.count()));
    ::close(handle);
    if (count == 1) wait();
    return count == 1;
}

int Process::wait() {
    if (status_) return *status_;
    int status = 0;
    if (::waitpid(process_, &status, 0) != process_) std::abort();
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return *status_;
}

int Process::end(int number) {
    signal(number);
    if (!ends_within(patience)) {
        ADD_FAILURE() << "signal " << number << " did not end it:\n" << out() << err();
        ::kill(process_, SIGKILL);
    }
    return wait();
}

bool Process::says(std::string_view text) {
    const auto said = [this, text] { return out().find(text) != std::string::npos; };
    return eventually([&] { return said() || ends_within(0s); }) && said();
}

int Process::port() {
    constexpr std::string_view lead = "listening on http://127.0.0.1:";
    int port = 0;
    const auto find = [&] {
        const std::string text = out();
        const std::size_t at = text.find(lead);
        if (at == std::string::npos || text.find('\n', at) == std::string::npos) return false;
        port = std::atoi(text.c_str() + at + lead.size());
        return true;
    };
    const bool found = eventually([&] { return find() || ends_within(0s); }) && find();
    EXPECT_TRUE(found) << out() << err();
    return port;
}

Ran run(std::vector<std::string> command, const Process::Environment& environment) {
    Process process{std::move(command), environment};
    if (!process.ends_within(2 * patience)) {
        ADD_FAILURE() << "it does not end";
        process.end(SIGKILL);
    }
    return {process.wait(), process.out(), process.err()};
}

std::vector<std::string> demo_command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {shop_program, "demo"});
    return arguments;
}

Ran run_demo(std::vector<std::string> arguments, const Process::Environment& environment) {
    return run(demo_command(std::move(arguments)), environment);
}

bool eventually(const std::function<bool()>& condition, Duration within) {
    io::World& world = io::real_world();
    io::Wakeup pause;  // Nobody rings it: it is the clock of this wait.
    const TimePoint end = world.monotonic() + within;
    while (!condition()) {
        if (world.monotonic() > end) return false;
        pause.wait_until(world.monotonic() + 5ms);
    }
    return true;
}

// ----------------------------------------------------------------------------------------------
// API

io::HttpResponse Api::send(const std::string& method, const std::string& target,
                           const std::string& body, const io::HttpHeaders& headers) {
    const auto answer =
        client_.send({.method = method, .target = target, .headers = headers, .body = body});
    if (answer) return *answer;
    return {.status = 0, .content_type = {}, .headers = {}, .body = answer.error().message};
}

nlohmann::json Api::json(const std::string& target) {
    const io::HttpResponse answer = get(target);
    if (answer.status != 200) return {};
    return nlohmann::json::parse(answer.body);
}

std::string Api::status_of(const std::string& reference) {
    const nlohmann::json order = json("/orders?reference=" + reference);
    return order.is_null() ? "" : order.at("status").get<std::string>();
}

// ---------------------------------------------------------------------------------------
// invariants

namespace {

/// The shop on a directory that nobody runs on; it is not started.
class Resting {
public:
    explicit Resting(const std::string& data) {
        HostOptions options;
        options.data = data;
        host_ = Host::open(io::real_world(), std::move(options)).value();
        for (Service* service : platform_.services()) host_->add(*service).value();
    }
    Host& host() { return *host_; }

private:
    const OutsideWorld outside_;
    Platform platform_{outside_, {}};
    std::unique_ptr<Host> host_;
};

}  // namespace

std::vector<Invariant> invariants_of(const std::string& data) {
    return check_invariants(Resting{data}.host());
}

Accounts accounts_of(const std::string& data) { return read_accounts(Resting{data}.host()); }

void expect_invariants(const std::string& data) {
    const std::vector<Invariant> invariants = invariants_of(data);
    EXPECT_EQ(invariants.size(), 6u);
    for (const Invariant& invariant : invariants) {
        EXPECT_TRUE(invariant.holds()) << invariant.rule << "\n"
                                       << nlohmann::json(invariant.violations).dump(2);
        if (invariant.rule.find("reserved for") == std::string::npos) {
            EXPECT_GT(invariant.checked, 0) << invariant.rule;
        }
    }
}

// ---------------------------------------------------------------------------------------------
// data

std::filesystem::path olist_directory() {
    const char* given = std::getenv("TIDINGS_OLIST");
    return given != nullptr ? given : TIDINGS_OLIST;
}

void write_small_orders(const std::string& directory) {
    std::filesystem::create_directories(directory);
    const std::filesystem::path at{directory};
    std::string customers = "customer_id,customer_unique_id,customer_city\n";
    std::string orders =
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
        "order_delivered_carrier_date,order_delivered_customer_date\n";
    std::string items = "order_id,order_item_id,product_id,price,freight_value\n";
    std::string payments =
        "order_id,payment_sequential,payment_type,payment_installments,payment_value\n";
    const auto add = [&](const std::string& name, const std::string& status,
                         const std::string& times) {
        customers += "c-" + name + ",anna,natal\n";
        orders += name + ",c-" + name + ',' + status + ",2017-10-02 10:56:33," + times + '\n';
        items += name + ",1,p1,58.90,13.29\n";
        payments += name + ",1,credit_card,8,72.19\n";
    };
    add("created", "created", ",,");
    add("approved", "approved", "2017-10-02 11:07:15,,");
    add("invoiced", "invoiced", "2017-10-02 11:07:15,,");
    add("shipped", "shipped", "2017-10-02 11:07:15,2017-10-04 19:55:00,");
    add("delivered", "delivered", "2017-10-02 11:07:15,2017-10-04 19:55:00,2017-10-10 21:25:13");
    add("recalled", "canceled", "2017-10-02 11:07:15,2017-10-04 19:55:00,");
    write_text(at / olist_files[0], customers);
    write_text(at / olist_files[1], "product_id,product_category_name\np1,artes\np2,\n");
    write_text(at / olist_files[2], orders);
    write_text(at / olist_files[3], items);
    write_text(at / olist_files[4], payments);
}

}  // namespace shop::testing

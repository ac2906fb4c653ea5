#include <tidings/base/text.h>

#include "io/http_message.h"
#include "io/posix.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <unordered_set>
#include <utility>

namespace tidings::io {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t read_bytes = 16 << 10;
constexpr Duration linger_max = 2s;

TimePoint now() { return std::chrono::steady_clock::now(); }

class Connection;

/// What all connections share. Lives on the server's thread, except where noted.
struct Core : std::enable_shared_from_this<Core> {
    Core(HttpServer::Options the_options, HttpHandler the_handler)
        : options(std::move(the_options)), handler(std::move(the_handler)) {}

    void accept();
    void on_accepted(tcp::socket socket);
    void sweep();
    void drain();
    void close_all();
    void forget(Connection& connection);
    void end_if_drained();

    HttpServer::Options options;
    HttpHandler handler;
    HttpRules rules;
    std::atomic<std::size_t> in_flight{0};  // Read by any thread.
    std::uint64_t bodies_bytes = 0;         // Of requests not answered yet, complete or not.
    std::string date;
    bool draining = false;
    bool accepting = false;

    asio::io_context context{1};  // Any thread may post to it.
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    tcp::acceptor acceptor{context};
    asio::steady_timer sweeper{context};
    std::unordered_set<std::shared_ptr<Connection>> connections;
};

/// The right to answer one request, once. Any thread.
class Answer {
public:
    Answer(std::shared_ptr<Core> core, std::weak_ptr<Connection> connection, std::uint64_t number)
        : core_(std::move(core)), connection_(std::move(connection)), number_(number) {}
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    ~Answer() {
        if (sent_.load()) return;
        send(problem(500, "No answer", "the request was dropped by the one who had it in hand"));
    }

    void send(HttpResponse response);

private:
    std::shared_ptr<Core> core_;
    std::weak_ptr<Connection> connection_;
    std::uint64_t number_;
    std::atomic<bool> sent_{false};
};

/// One client. Reads a request, has it answered, writes the answer, and only then reads on, so that
/// pipelined requests wait in the socket and cost nothing.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Core& core, tcp::socket socket)
        : core_(core), socket_(std::move(socket)), reader_(core.rules) {
        input_.resize(std::max(read_bytes, core.rules.header_bytes_max + 1));
        become(Phase::idle, core_.options.header_timeout);
    }

    void read() {
        socket_.async_read_some(asio::buffer(input_.data() + used_, input_.size() - used_),
                                [self = shared_from_this()](error_code error, std::size_t count) {
                                    self->on_read(error, count);
                                });
    }

    void on_answer(std::uint64_t number, HttpResponse response) {
        if (phase_ != Phase::handling || number != number_) return;
        leave_handling();
        write(std::move(response), keep_alive_ && !core_.draining);
    }

    bool is_idle() const { return phase_ == Phase::idle && used_ == 0; }
    bool is_late(TimePoint moment) const { return moment >= deadline_; }

    /// Ends what takes too long, with an answer if the client waits for one.
    void expire() {
        switch (phase_) {
            case Phase::header:
            case Phase::body:
                refuse(problem(408, "Request too slow", "the request did not come in in time"));
                return;
            case Phase::handling:
                leave_handling();
                write(problem(504, "No answer in time",
                              "whether the request had an effect is not known; look before trying "
                              "again"),
                      false);
                return;
            case Phase::idle:
            case Phase::writing:
            case Phase::lingering:
            case Phase::closed:
                close();
        }
    }

    void close() {
        if (phase_ == Phase::closed) return;
        if (phase_ == Phase::handling) leave_handling();
        give_body_back();
        phase_ = Phase::closed;
        error_code ignored;
        socket_.close(ignored);
        core_.forget(*this);
    }

private:
    enum class Phase { idle, header, body, handling, writing, lingering, closed };

    void become(Phase phase, Duration patience) {
        phase_ = phase;
        deadline_ = now() + patience;
    }

    bool is_reading() const {
        return phase_ == Phase::idle || phase_ == Phase::header || phase_ == Phase::body;
    }

    void on_read(error_code error, std::size_t count) {
        if (phase_ == Phase::lingering && !error) return read();
        if (phase_ != Phase::lingering && !is_reading()) return;  // Expired meanwhile.
        if (error) return close();
        used_ += count;
        advance();
    }

    /// Goes as far as the bytes at hand allow.
    void advance() {
        if (used_ > 0 && phase_ == Phase::idle) {
            become(Phase::header, core_.options.header_timeout);
        }
        const std::size_t consumed = reader_.read({input_.data(), used_});
        used_ -= consumed;
        if (consumed > 0) std::memmove(input_.data(), input_.data() + consumed, used_);
        switch (reader_.state()) {
            case HttpRequestReader::State::complete:
                return handle();
            case HttpRequestReader::State::refused:
                return refuse(reader_.refusal());
            case HttpRequestReader::State::header:
            case HttpRequestReader::State::body:
                break;
        }
        if (used_ == input_.size()) {
            return refuse(problem(400, "Bad request", "a chunk's header or trailer is too long"));
        }
        if (phase_ == Phase::header && reader_.state() == HttpRequestReader::State::body) {
            if (!take_body(reader_.body_bytes())) return refuse(busy("too many bodies at once"));
            become(Phase::body, core_.options.body_timeout);
        }
        if (reader_.take_continue()) return write_continue();
        read();
    }

    void handle() {
        keep_alive_ = reader_.keep_alive();
        HttpRequest request = reader_.take();
        is_head_ = request.method == "HEAD";
        if (core_.in_flight.load() >= core_.options.requests_max) {
            return write(busy("too many requests wait for their answer"),
                         keep_alive_ && !core_.draining);
        }
        become(Phase::handling, core_.options.answer_timeout);
        ++core_.in_flight;
        const auto answer =
            std::make_shared<Answer>(core_.shared_from_this(), weak_from_this(), ++number_);
        try {
            core_.handler(std::move(request),
                          [answer](HttpResponse response) { answer->send(std::move(response)); });
        } catch (const std::exception& failure) {
            answer->send(problem(500, "Handler failed", failure.what()));
        }
    }

    void leave_handling() { --core_.in_flight; }

    /// Makes sure that all bodies together stay within their bound.
    bool take_body(std::uint64_t bytes) {
        if (core_.bodies_bytes + bytes > core_.options.bodies_bytes_max) return false;
        core_.bodies_bytes += bytes;
        body_taken_ += bytes;
        return true;
    }
    void give_body_back() { core_.bodies_bytes -= std::exchange(body_taken_, 0); }

    static HttpResponse busy(std::string_view why) {
        HttpResponse response = problem(503, "Busy", why);
        response.headers["retry-after"] = "1";
        return response;
    }

    /// Answers what can't be understood or is too slow. What follows on the connection is lost.
    void refuse(HttpResponse response) {
        is_head_ = false;
        must_linger_ = true;
        become(Phase::writing, core_.options.body_timeout);
        error_code ignored;
        socket_.cancel(ignored);
        write(std::move(response), false);
    }

    void write(HttpResponse response, bool keep_alive) {
        give_body_back();
        become(Phase::writing, core_.options.body_timeout);
        head_ = response_head(response, keep_alive, core_.date);
        body_ = is_head_ ? std::string{} : std::move(response.body);
        const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(body_)};
        asio::async_write(socket_, parts,
                          [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                              self->on_written(error, keep_alive);
                          });
    }

    void write_continue() {
        static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(socket_, asio::buffer(text.data(), text.size()),
                          [self = shared_from_this()](error_code error, std::size_t) {
                              if (!self->is_reading()) return;
                              error ? self->close() : self->read();
                          });
    }

    void on_written(error_code error, bool keep_alive) {
        if (phase_ != Phase::writing) return;
        if (error) return close();
        if (must_linger_) return linger();
        if (!keep_alive) return close();
        become(Phase::idle, core_.options.idle_timeout);
        if (core_.draining && used_ == 0) return close();
        used_ > 0 ? advance() : read();
    }

    /// Closes without losing the answer: while the client still sends, closing at once would make
    /// the kernel throw away what the client has not read yet.
    void linger() {
        become(Phase::lingering, linger_max);
        used_ = 0;
        error_code error;
        socket_.shutdown(tcp::socket::shutdown_send, error);
        error ? close() : read();
    }

    Core& core_;
    tcp::socket socket_;
    HttpRequestReader reader_;
    std::string input_;
    std::size_t used_ = 0;
    std::string head_;
    std::string body_;
    Phase phase_ = Phase::idle;
    TimePoint deadline_{};
    std::uint64_t number_ = 0;
    std::uint64_t body_taken_ = 0;  // Of the server's `bodies_bytes`.
    bool keep_alive_ = false;
    bool is_head_ = false;
    bool must_linger_ = false;
};

void Answer::send(HttpResponse response) {
    if (sent_.exchange(true)) return;
    asio::dispatch(core_->context, [connection = connection_, number = number_,
                                    response = std::move(response)]() mutable {
        if (const auto one = connection.lock()) one->on_answer(number, std::move(response));
    });
}

void Core::accept() {
    accepting = true;
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
        accepting = false;
        // Out of descriptors, most likely; the sweeper tries again, since at once would spin.
        if (error || !acceptor.is_open()) return;
        on_accepted(std::move(socket));
        accept();
    });
}

void Core::on_accepted(tcp::socket socket) {
    error_code ignored;
    if (connections.size() >= options.connections_max) {
        auto response = problem(503, "Busy", "too many connections");
        response.headers["retry-after"] = "1";
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(response_head(response, false, date) + response.body),
                          ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
        return;
    }
    socket.set_option(tcp::no_delay{true}, ignored);
    const auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connections.insert(connection);
    connection->read();
}

/// One timer for all: exact enough for patience, and nothing on the way of a request.
void Core::sweep() {
    date =
        http_date(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    if (!accepting && acceptor.is_open()) accept();
    const TimePoint moment = now();
    std::vector<std::shared_ptr<Connection>> late;
    for (const auto& one : connections) {
        if (one->is_late(moment)) late.push_back(one);
    }
    for (const auto& one : late) one->expire();
    if (draining && connections.empty()) return;
    const Duration shortest = std::min({options.header_timeout, options.body_timeout,
                                        options.idle_timeout, options.answer_timeout});
    sweeper.expires_after(std::clamp<Duration>(shortest / 8, 1ms, 250ms));
    sweeper.async_wait([this](error_code error) {
        if (!error) sweep();
    });
}

void Core::drain() {
    draining = true;
    error_code ignored;
    acceptor.close(ignored);
    const auto all = connections;
    for (const auto& one : all) {
        if (one->is_idle()) one->close();
    }
    end_if_drained();
}

void Core::close_all() {
    const auto all = connections;
    for (const auto& one : all) one->close();
}

void Core::forget(Connection& connection) {
    connections.erase(connection.shared_from_this());
    end_if_drained();
}

void Core::end_if_drained() {
    if (!draining || !connections.empty()) return;
    sweeper.cancel();
    work.reset();
}

/// Returns the address to listen on, if we may.
Result<asio::ip::address> listening_address(const std::string& text) {
    error_code error;
    const auto address = asio::ip::make_address(text == "localhost" ? "127.0.0.1" : text, error);
    if (error) {
        return Error{ErrorCode::invalid_argument, "not an address to listen on: " + quote(text),
                     "write 127.0.0.1, ::1 or localhost"};
    }
    if (!address.is_loopback()) {
        return Error{ErrorCode::unsupported,
                     "refused to listen on " + quote(text) +
                         ": other machines could reach it, and there is no TLS and no "
                         "authentication yet",
                     "listen on 127.0.0.1, behind a proxy that has both"};
    }
    return address;
}

Result<void> listen(Core& core, const tcp::endpoint& endpoint) {
    error_code error;
    core.acceptor.open(endpoint.protocol(), error);
    if (!error) core.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) core.acceptor.bind(endpoint, error);
    if (!error) core.acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (!error) return {};
    const bool taken = error == asio::error::address_in_use;
    return Error{taken ? ErrorCode::unavailable : ErrorCode::io_error,
                 "cannot listen on port " + std::to_string(endpoint.port()) + ": " +
                     lower_case(error.message()),
                 taken ? "choose another port, or 0 for any that is free" : ""};
}

std::vector<std::string> host_names(const HttpServer::Options& options, int port) {
    std::vector<std::string> names;
    for (const std::string& host : options.allowed_hosts) names.push_back(lower_case(host));
    for (const char* own : {"localhost", "127.0.0.1", "[::1]"}) {
        names.push_back(std::string{own} + ":" + std::to_string(port));
        if (port == 80) names.emplace_back(own);
    }
    return names;
}

}  // namespace

struct HttpServer::Impl {
    std::shared_ptr<Core> core;
    int port = 0;
    std::mutex mutex;
    std::condition_variable ended_changed;
    bool ended = false;
    std::thread thread;

    void run() {
        ::pthread_setname_np(::pthread_self(), "http");
        core->sweep();
        core->context.run();
        const std::lock_guard lock{mutex};
        ended = true;
        ended_changed.notify_all();
    }
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(Options options, HttpHandler handler) {
    const auto address = listening_address(options.address);
    if (!address) return address.error();
    if (options.port < 0 || options.port > 65535) {
        return Error{ErrorCode::invalid_argument, "no such port: " + std::to_string(options.port),
                     "write a number from 0 to 65535"};
    }
    const tcp::endpoint endpoint{*address, static_cast<std::uint16_t>(options.port)};
    auto impl = std::make_unique<Impl>();
    impl->core = std::make_shared<Core>(std::move(options), std::move(handler));
    Core& core = *impl->core;
    if (auto listening = listen(core, endpoint); !listening) return listening.error();
    impl->port = core.acceptor.local_endpoint().port();
    core.rules.body_bytes_max = core.options.body_bytes_max;
    core.rules.header_bytes_max = core.options.header_bytes_max;
    core.rules.hosts = host_names(core.options, impl->port);
    impl->thread = std::thread{[running = impl.get()] { running->run(); }};
    return std::unique_ptr<HttpServer>{new HttpServer{std::move(impl)}};
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { stop(Duration::zero()); }

int HttpServer::port() const noexcept { return impl_->port; }

std::size_t HttpServer::requests_in_flight() const noexcept {
    return impl_->core->in_flight.load();
}

void HttpServer::stop(Duration drain_max) {
    if (!impl_->thread.joinable()) return;
    Core& core = *impl_->core;
    asio::post(core.context, [&core] { core.drain(); });
    {
        std::unique_lock lock{impl_->mutex};
        impl_->ended_changed.wait_until(lock, deadline_after(drain_max),
                                        [&] { return impl_->ended; });
    }
    asio::post(core.context, [&core] { core.close_all(); });
    impl_->thread.join();
    core.handler = nullptr;  // It may hold replies, which hold the core.
}

}  // namespace tidings::io

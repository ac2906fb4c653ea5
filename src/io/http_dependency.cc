#include <tidings/io/http_dependency.h>

#include <mutex>
#include <utility>
#include <vector>

namespace tidings::io {

namespace {

class HttpServerOutside final : public HttpDependency {
public:
    HttpServerOutside(int port, const HttpClient::Options& options, std::size_t connections_kept)
        : port_(port), options_(options), connections_kept_(connections_kept) {}

    Result<HttpResponse> send(const HttpRequest& request, Duration timeout) override {
        HttpClient client = take();
        auto response = client.send(request, timeout);
        // After an error the connection is closed, and nothing of it is worth keeping.
        if (response) give_back(std::move(client));
        return response;
    }

private:
    HttpClient take() {
        const std::lock_guard lock{mutex_};
        if (kept_.empty()) return HttpClient{port_, options_};
        HttpClient client = std::move(kept_.back());
        kept_.pop_back();
        return client;
    }
    void give_back(HttpClient client) {
        const std::lock_guard lock{mutex_};
        if (kept_.size() < connections_kept_) kept_.push_back(std::move(client));
    }

    const int port_;
    const HttpClient::Options options_;
    const std::size_t connections_kept_;
    std::mutex mutex_;
    std::vector<HttpClient> kept_;
};

}  // namespace

std::shared_ptr<HttpDependency> http_dependency(int port, HttpClient::Options options,
                                                std::size_t connections_kept) {
    return std::make_shared<HttpServerOutside>(port, options, connections_kept);
}

}  // namespace tidings::io

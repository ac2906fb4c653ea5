#include "owner.h"

#include <tidings/io/http_client.h>
#include <tidings/model/json.h>

#include <fmt/format.h>

namespace tidings::cli {

namespace {

/// A problem detail (RFC 9457), as far as it can be read.
struct Problem {
    std::string title;
    std::string detail;
    std::string pointer;
};

Problem read_problem(const std::string& body) {
    Problem problem;
    json::Reader reader{body};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        std::string* into = name == "title"     ? &problem.title
                            : name == "detail"  ? &problem.detail
                            : name == "pointer" ? &problem.pointer
                                                : nullptr;
        if (into != nullptr && reader.kind() == json::Kind::string) {
            *into = reader.text();
        } else {
            reader.skip();
        }
    }
    if (!reader.finish()) return {};
    return problem;
}

}  // namespace

Error refusal(const std::string& service, const io::HttpResponse& answer) {
    const Problem problem = read_problem(answer.body);
    Error error{ErrorCode::invalid_argument, fmt::format("{} refused: {}", service, answer.status)};
    if (!problem.title.empty()) error.message += " " + problem.title;
    if (!problem.detail.empty()) error.message += ": " + problem.detail;
    if (!problem.pointer.empty() && problem.detail.find(problem.pointer) == std::string::npos) {
        error.message += fmt::format(" (at {})", problem.pointer);
    }
    if (answer.status >= 500) error.hint = "nothing was done; try again when it is well";
    return error;
}

bool runs(int port, const std::string& service) {
    io::HttpClient client{port};
    const auto answer = client.send({.method = "GET", .target = "/status"});
    if (!answer || answer->status != 200) return false;
    json::Reader reader{answer->body};
    std::string_view name;
    bool found = false;
    reader.begin_object();
    while (reader.next_field(name)) {
        found = found || name == service;
        reader.skip();
    }
    return reader.finish() && found;
}

Result<bool> publish_through(const Directory& directory, const std::string& owner,
                             const PublishOptions& options, const std::string& data) {
    const auto port = directory.port(owner);
    if (!port) return false;
    if (!runs(*port, owner)) return false;
    io::HttpClient client{*port};
    io::HttpRequest request{.method = "POST", .target = "/events"};
    json::Writer writer{request.body};
    writer.begin_object();
    writer.name("type");
    writer.text(options.type);
    writer.name("data");
    writer.raw(data);
    writer.end_object();
    if (!options.correlation_id.empty()) {
        request.headers["x-correlation-id"] = options.correlation_id;
    }
    const auto answer = client.send(request);
    if (!answer) {
        Error error = with_context(answer.error(), owner + " gave no answer");
        error.hint = fmt::format(
            "whether the event was published is not known; look with "
            "tidings log --type {}",
            options.type);
        return error;
    }
    if (answer->status >= 300) return refusal(owner, *answer);
    return true;
}

}  // namespace tidings::cli

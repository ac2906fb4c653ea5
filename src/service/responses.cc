#include "service/responses.h"

#include <tidings/model/json.h>

#include <algorithm>

namespace tidings {

namespace {

struct Problem {
    int status;
    std::string_view title;
};

Problem problem_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::not_found:
            return {404, "not found"};
        case ErrorCode::already_exists:
        case ErrorCode::conflict:
            return {409, "conflict"};
        case ErrorCode::invalid_argument:
            return {400, "invalid request"};
        case ErrorCode::contract_violation:
            return {400, "invalid request body"};
        case ErrorCode::limit_exceeded:
            return {507, "a limit is reached"};
        case ErrorCode::unavailable:
        case ErrorCode::timeout:
            return {503, "unavailable"};
        case ErrorCode::unsupported:
            return {422, "unsupported"};
        case ErrorCode::internal:
            return {500, "a fault of the service"};
        case ErrorCode::io_error:
        case ErrorCode::corruption:
        case ErrorCode::cancelled:
            break;
    }
    return {503, "the service's database is in trouble"};
}

/// A message that begins with `field /items/0: ` names its place in the body.
std::string_view pointer_in(std::string_view message) {
    constexpr std::string_view lead = "field ";
    const std::size_t at = message.find(lead);
    if (at == std::string_view::npos || message.substr(at + lead.size()).substr(0, 1) != "/")
        return {};
    const std::string_view rest = message.substr(at + lead.size());
    return rest.substr(0, rest.find(": "));
}

}  // namespace

io::HttpResponse to_response(const Error& error, Duration retry_after) {
    Problem problem = problem_of(error.code);
    if (error.refusal == Refusal::too_large) problem = {413, "event too large"};
    std::string detail = error.message;
    if (!error.hint.empty()) detail += "; " + error.hint;
    // What went wrong inside is for the journal, not for the caller.
    if (problem.status == 500)
        detail = "the service met a fault of its own; its journal tells which";
    const bool refused = error.refusal != Refusal::none && problem.status != 500;
    io::HttpResponse response =
        io::problem(problem.status, problem.title, detail, pointer_in(error.message),
                    refused ? to_string(error.refusal) : std::string_view{});
    if (problem.status == 503) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
        response.headers["retry-after"] = std::to_string(std::max<std::int64_t>(seconds, 1));
    }
    return response;
}

io::HttpResponse to_bad_request(Error error) {
    // A limit that a body passes is not one that the service has reached.
    error.code = ErrorCode::contract_violation;
    return to_response(error);
}

io::HttpResponse to_response(Reply reply) {
    io::HttpResponse response;
    response.status = reply.status;
    response.body = std::move(reply.body);
    for (auto& [name, value] : reply.headers) response.headers[name] = std::move(value);
    return response;
}

}  // namespace tidings

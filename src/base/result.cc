#include <tidings/base/result.h>

namespace tidings {

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::already_exists:
            return "already_exists";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::contract_violation:
            return "contract_violation";
        case ErrorCode::corruption:
            return "corruption";
        case ErrorCode::io_error:
            return "io_error";
        case ErrorCode::timeout:
            return "timeout";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::cancelled:
            return "cancelled";
        case ErrorCode::limit_exceeded:
            return "limit_exceeded";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::internal:
            return "internal";
    }
    return "unknown";  // A number that a newer version has stored.
}

std::string_view to_string(Refusal refusal) noexcept {
    switch (refusal) {
        case Refusal::none:
            return "none";
        case Refusal::unknown_type:
            return "unknown_type";
        case Refusal::unknown_major:
            return "unknown_major";
        case Refusal::invalid_data:
            return "invalid_data";
        case Refusal::wrong_owner:
            return "wrong_owner";
        case Refusal::too_large:
            return "too_large";
        case Refusal::too_deep:
            return "too_deep";
    }
    return "none";
}

Refusal refusal_of(const Error& error) noexcept {
    if (error.refusal != Refusal::none) return error.refusal;
    return error.code == ErrorCode::contract_violation ? Refusal::invalid_data : Refusal::none;
}

bool is_retryable(ErrorCode code) noexcept {
    return code == ErrorCode::conflict || code == ErrorCode::io_error ||
           code == ErrorCode::timeout || code == ErrorCode::unavailable ||
           code == ErrorCode::internal;
}

Error with_context(Error error, std::string_view context) {
    error.message.insert(0, ": ");
    error.message.insert(0, context);
    return error;
}

Failure::Failure(Error error, bool permanent)
    : std::runtime_error(error.message), error_(std::move(error)), permanent_(permanent) {}

}  // namespace tidings

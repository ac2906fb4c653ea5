#include "input.h"

#include <tidings/io/file.h>
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>

#include <fmt/format.h>

#include <array>
#include <cstdio>

namespace tidings::cli {

namespace {

Result<std::string> read_stdin() {
    std::string text;
    std::array<char, 65536> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
        text.append(buffer.data(), got);
        if (text.size() > Envelope::bytes_max) {
            return Error{ErrorCode::limit_exceeded,
                         fmt::format("stdin has more than {} bytes", Envelope::bytes_max),
                         "an event is at most as large; publish a reference to the rest"};
        }
    }
    return text;
}

}  // namespace

Result<std::string> check_object(std::string text, std::string_view what) {
    json::Reader reader{text};
    std::string object;
    if (reader.kind() == json::Kind::object || reader.failed()) {
        object = reader.raw();
    } else {
        reader.fail("must be an object");
    }
    if (Result<void> ended = reader.finish(); !ended) {
        Error error = with_context(ended.error(), what);
        error.hint = R"(give JSON such as '{"orderId":"7"}', - for stdin, or @file)";
        return error;
    }
    return object;
}

Result<std::string> read_object(io::World& world, const std::string& argument,
                                std::string_view what) {
    if (argument == "-") {
        auto read = read_stdin();
        if (!read) return read;
        return check_object(std::move(*read), what);
    }
    if (argument.starts_with('@')) {
        auto read = io::read_file(world.files(), argument.substr(1), Envelope::bytes_max);
        if (!read) return read;
        return check_object(std::move(*read), what);
    }
    return check_object(argument, what);
}

}  // namespace tidings::cli

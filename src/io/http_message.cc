#include "io/http_message.h"

#include <tidings/base/text.h>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tidings::io {

namespace {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "";
    }
}

void append_json_escape(std::string& out, std::string_view character) {
    if (character == "\"" || character == "\\") {
        out += '\\';
        out += character;
    } else if (character.size() == 1) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                       static_cast<unsigned char>(character[0]));
    } else {
        // What `quote` would hide from a terminal is hidden here, too.
        out += "\\ufffd";
    }
}

bool needs_escape(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1)
        return first < 0x20 || first == 0x7F || first == '"' || first == '\\';
    const std::string shown = quote(character);
    return shown.size() != character.size() + 2;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_character_bytes(text);
        if (length == 0) {
            out += "\\ufffd";
        } else if (needs_escape(text.substr(0, length))) {
            append_json_escape(out, text.substr(0, length));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out += '"';
}

/// `No such order` becomes `no-such-order`: programs tell problems apart by their type.
std::string slug(std::string_view title) {
    std::string out;
    for (const char c : lower_case(title)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out += c;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    for (std::string_view rest = out; !rest.empty();) {
        const std::size_t length = utf8_character_bytes(rest);
        if (length == 0 || rest[0] == '\0') return std::nullopt;
        rest.remove_prefix(length);
    }
    return out;
}

bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }

void append_field(std::string& out, std::string_view name, std::string_view value) {
    // Handlers put parts of requests into headers; a line break there would begin a new header.
    const auto clean = [&](std::string_view text) {
        for (const char c : text) out += is_control(c) ? ' ' : c;
    };
    clean(name);
    out += ": ";
    clean(value);
    out += "\r\n";
}

std::optional<std::string> read_query(std::string_view query, HttpRequest& request) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decoded(pair.substr(0, equals), true);
        auto value = percent_decoded(pair.substr(std::min(pair.size(), equals + 1)), true);
        if (!name || !value) return "the query is not percent-encoded UTF-8: " + quote(pair);
        if (!request.query.emplace(*name, std::move(*value)).second) {
            return "the query gives " + quote(*name) + " twice";
        }
    }
    return std::nullopt;
}

}  // namespace

HttpResponse problem(int status, std::string_view title, std::string_view detail,
                     std::string_view pointer, std::string_view reason) {
    HttpResponse response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = fmt::format(R"({{"type":{},"title":{},"status":{},"detail":{})",
                                json_string("urn:tidings:problem:" + slug(title)),
                                json_string(title), status, json_string(detail));
    if (!pointer.empty()) response.body += ",\"pointer\":" + json_string(pointer);
    if (!reason.empty()) response.body += ",\"reason\":" + json_string(reason);
    response.body += '}';
    return response;
}

std::optional<std::string> split_target(HttpRequest& request) {
    std::string_view target = request.target;
    if (target == "*" && request.method == "OPTIONS") {
        request.path = "*";
        return std::nullopt;
    }
    if (target.empty() || target[0] != '/') return "the target does not begin with /";
    if (target.find('#') != std::string_view::npos) return "the target has a fragment";
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, question);
    auto decoded = percent_decoded(path, false);
    if (!decoded) return "the path is not percent-encoded UTF-8: " + quote(path);
    if (std::any_of(decoded->begin(), decoded->end(), is_control)) {
        return "the path has control characters: " + quote(path);
    }
    if (std::count(decoded->begin(), decoded->end(), '/') !=
        std::count(path.begin(), path.end(), '/')) {
        return "the path has an encoded slash: " + quote(path);
    }
    request.path = std::move(*decoded);
    return read_query(target.substr(std::min(target.size(), question + 1)), request);
}

std::string response_head(const HttpResponse& response, bool keep_alive, std::string_view date) {
    std::string out;
    out.reserve(256);
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                   reason_phrase(response.status));
    append_field(out, "Date", date);
    if (!response.body.empty()) append_field(out, "Content-Type", response.content_type);
    const bool has_length = response.status != 204 && response.status != 304;
    if (has_length) append_field(out, "Content-Length", fmt::format("{}", response.body.size()));
    if (!keep_alive) append_field(out, "Connection", "close");
    append_field(out, "X-Content-Type-Options", "nosniff");
    if (response.headers.count("cache-control") == 0) {
        append_field(out, "Cache-Control", "no-store");
    }
    for (const auto& [name, value] : response.headers) append_field(out, name, value);
    return out += "\r\n";
}

std::string request_head(const HttpRequest& request, std::string_view host) {
    std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
    if (request.headers.count("host") == 0) append_field(out, "Host", host);
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
        request.method == "PATCH") {
        append_field(out, "Content-Length", fmt::format("{}", request.body.size()));
        if (request.headers.count("content-type") == 0) {
            append_field(out, "Content-Type", "application/json");
        }
    }
    for (const auto& [name, value] : request.headers) append_field(out, name, value);
    return out += "\r\n";
}

std::string http_date(Timestamp time) {
    constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
    return fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        weekdays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
        months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string lower_case(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

}  // namespace tidings::io

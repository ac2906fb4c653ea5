#include "json_edit.h"

#include <tidings/base/text.h>
#include <tidings/model/json.h>

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace tidings::cli {

namespace {

bool is_json(std::string_view text) {
    json::Reader reader{text};
    reader.skip();
    return static_cast<bool>(reader.finish());
}

Error no_place(std::string_view path, std::string_view why) {
    return {ErrorCode::invalid_argument, fmt::format("no place {} there: {}", quote(path), why),
            "paths are fields and places between dots, such as items.0.quantity"};
}

/// A path's first part, and what comes after it.
struct Step {
    std::string_view name;
    std::string_view rest;
    bool is_last = true;
};

Step step_of(std::string_view path) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return {path, {}, true};
    return {path.substr(0, dot), path.substr(dot + 1), false};
}

Result<std::string> replaced(std::string_view json, std::string_view path,
                             const std::string& value);

/// Replaces below one value, or is the value itself at the path's end.
Result<std::string> below(std::string_view old, const Step& step, const std::string& value) {
    return step.is_last ? Result<std::string>{value} : replaced(old, step.rest, value);
}

Result<std::string> in_object(json::Reader& reader, const Step& step, const std::string& value) {
    std::string out;
    json::Writer writer{out};
    bool found = false;
    std::string_view name;
    writer.begin_object();
    reader.begin_object();
    while (reader.next_field(name)) {
        const std::string field{name};
        const std::string old{reader.raw()};
        writer.name(field);
        if (field != step.name) {
            writer.raw(old);
            continue;
        }
        found = true;
        auto made = below(old, step, value);
        if (!made) return made;
        writer.raw(*made);
    }
    if (!found && !step.is_last) return no_place(step.name, "the object has no such field");
    if (!found) {
        writer.name(step.name);
        writer.raw(value);
    }
    writer.end_object();
    return out;
}

Result<std::string> in_array(json::Reader& reader, const Step& step, const std::string& value) {
    std::size_t wanted = 0;
    const char* end = step.name.data() + step.name.size();
    const auto [rest, error] = std::from_chars(step.name.data(), end, wanted);
    if (error != std::errc{} || rest != end) {
        return no_place(step.name, "an array has numbers, from 0");
    }
    std::string out;
    json::Writer writer{out};
    std::size_t at = 0;
    writer.begin_array();
    reader.begin_array();
    for (; reader.next_element(); ++at) {
        const std::string old{reader.raw()};
        if (at != wanted) {
            writer.raw(old);
            continue;
        }
        auto made = below(old, step, value);
        if (!made) return made;
        writer.raw(*made);
    }
    if (wanted >= at) return no_place(step.name, fmt::format("the array has {} elements", at));
    writer.end_array();
    return out;
}

Result<std::string> replaced(std::string_view json, std::string_view path,
                             const std::string& value) {
    const Step step = step_of(path);
    if (step.name.empty()) return no_place(path, "a part of it is empty");
    json::Reader reader{json};
    Result<std::string> made = Error{};
    switch (reader.kind()) {
        case json::Kind::object:
            made = in_object(reader, step, value);
            break;
        case json::Kind::array:
            made = in_array(reader, step, value);
            break;
        default:
            if (!reader.failed()) return no_place(step.name, "what is there has no parts");
            break;
    }
    if (!made && !reader.failed()) return made;
    if (Result<void> read = reader.finish(); !read) return std::move(read).error();
    return made;
}

}  // namespace

Result<std::string> with_value(std::string_view json, std::string_view path,
                               std::string_view value) {
    std::string text{value};
    if (!is_json(value)) {
        text.clear();
        json::Writer{text}.text(utf8(value));
    }
    return replaced(json, path, text);
}

std::string indented(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    bool in_text = false;
    const auto new_line = [&out, &depth] { out.append("\n").append(2 * depth, ' '); };
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (in_text) {
            out += c;
            if (c == '\\') {
                out += json[++at];
            } else if (c == '"') {
                in_text = false;
            }
            continue;
        }
        switch (c) {
            case ' ':
            case '\n':
            case '\r':
            case '\t':
                break;
            case '"':
                in_text = true;
                out += c;
                break;
            case '{':
            case '[': {
                out += c;
                const std::size_t next = json.find_first_not_of(" \n\r\t", at + 1);
                if (next != std::string_view::npos && (json[next] == '}' || json[next] == ']')) {
                    out += json[next];
                    at = next;
                    break;
                }
                ++depth;
                new_line();
                break;
            }
            case '}':
            case ']':
                --depth;
                new_line();
                out += c;
                break;
            case ',':
                out += c;
                new_line();
                break;
            case ':':
                out += ": ";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string compacted(std::string_view json) {
    std::string out;
    bool in_text = false;
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (in_text && c == '\\') {
            out += c;
            out += json[++at];
            continue;
        }
        if (c == '"') in_text = !in_text;
        if (in_text || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) out += c;
    }
    return out;
}

}  // namespace tidings::cli

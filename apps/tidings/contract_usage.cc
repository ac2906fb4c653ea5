#include "contract_usage.h"

#include <tidings/io/file.h>
#include <tidings/model/json.h>

#include <algorithm>

namespace tidings::cli {

namespace {

std::set<std::string> read_texts(json::Reader& reader) {
    std::set<std::string> texts;
    reader.begin_array();
    while (reader.next_element()) texts.emplace(reader.text());
    return texts;
}

bool is_within(std::string_view field, std::string_view whole) {
    return field == whole || (field.starts_with(whole) && field[whole.size()] == '/');
}

/// Whether one of them is the field, a part of it, or what it is a part of.
bool touches(const std::set<std::string>& fields, std::string_view field) {
    return std::any_of(fields.begin(), fields.end(), [field](const std::string& one) {
        return is_within(one, field) || is_within(field, one);
    });
}

}  // namespace

std::string_view to_string(FieldUse use) noexcept {
    switch (use) {
        case FieldUse::used:
            return "used";
        case FieldUse::unused:
            return "unused";
        case FieldUse::unknown:
            break;
    }
    return "unknown";
}

Result<void> ContractUsage::add(const std::string& json) {
    json::Reader reader{json};
    std::string service;
    std::string_view name;
    std::vector<Handled> found;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "service") service = reader.text();
        if (name != "events") continue;
        reader.begin_array();
        while (reader.next_element()) {
            Handled& handled = found.emplace_back();
            reader.begin_object();
            while (reader.next_field(name)) {
                if (name == "event") handled.event = reader.text();
                if (name == "major") handled.major = static_cast<int>(reader.integer());
                if (name == "uses") handled.uses = read_texts(reader);
                if (name == "unknown") handled.unknown = read_texts(reader);
            }
        }
    }
    if (service.empty()) reader.missing("service");
    if (Result<void> read = reader.finish(); !read) return read;
    for (Handled& handled : found) {
        handled.service = service;
        handled_.push_back(std::move(handled));
    }
    return {};
}

Result<ContractUsage> ContractUsage::read(io::FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) return with_context(names.error(), "usage in " + directory);
    ContractUsage usage;
    bool any = false;
    for (const std::string& name : *names) {
        if (!name.ends_with(".json")) continue;
        any = true;
        std::string path = directory;
        (path += '/') += name;
        const auto text = io::read_file(files, path);
        if (!text) return text.error();
        if (Result<void> added = usage.add(*text); !added) return with_context(added.error(), path);
    }
    if (!any) {
        return Error{
            ErrorCode::not_found, "no usage in " + directory,
            "it holds <service>.json, as tidings_contract_tests(... USAGE ...) keeps them"};
    }
    std::sort(usage.handled_.begin(), usage.handled_.end(),
              [](const Handled& one, const Handled& other) { return one.service < other.service; });
    return usage;
}

std::vector<ContractUsage::Consumer> ContractUsage::consumers(std::string_view event, int major,
                                                              std::string_view field) const {
    std::vector<Consumer> found;
    for (const Handled& handled : handled_) {
        if (handled.event != event || handled.major != major) continue;
        const FieldUse use = field.empty() || touches(handled.uses, field) ? FieldUse::used
                             : touches(handled.unknown, field)             ? FieldUse::unknown
                                                                           : FieldUse::unused;
        found.push_back({handled.service, use});
    }
    return found;
}

}  // namespace tidings::cli

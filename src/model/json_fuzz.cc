// Any bytes as JSON: reading them by whatever is there, and writing that again, gives the same; and
// reading something else than is there ends in an error and nothing worse.
#include <tidings/base/assert.h>
#include <tidings/model/json.h>

#include <cstdint>
#include <string>

namespace {

using namespace tidings;

/// Reads the value that comes next and writes it as it is.
void copy(json::Reader& reader, json::Writer& writer) {
    switch (reader.kind()) {
        case json::Kind::object: {
            reader.begin_object();
            writer.begin_object();
            std::string_view name;
            while (reader.next_field(name)) {
                writer.name(name);
                copy(reader, writer);
            }
            writer.end_object();
            break;
        }
        case json::Kind::array:
            reader.begin_array();
            writer.begin_array();
            while (reader.next_element()) copy(reader, writer);
            writer.end_array();
            break;
        case json::Kind::string:
            writer.text(reader.text());
            break;
        case json::Kind::boolean:
            writer.boolean(reader.boolean());
            break;
        case json::Kind::number:
            writer.raw(reader.number_text());
            break;
        default:
            reader.null();
            writer.null();
    }
}

std::string copied(const std::string& text, bool& good) {
    std::string out;
    json::Writer writer{out};
    json::Reader reader{text};
    copy(reader, writer);
    good = reader.finish().has_value();
    return out;
}

/// Reads what a hasty author would expect.
void read_something_else(const std::string& text) {
    json::Reader reader{text};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        switch (name.size() % 6) {
            case 0:
                static_cast<void>(reader.integer());
                break;
            case 1:
                static_cast<void>(reader.number());
                break;
            case 2:
                static_cast<void>(reader.text());
                break;
            case 3:
                static_cast<void>(reader.raw());
                break;
            case 4:
                reader.begin_array();
                while (reader.next_element()) static_cast<void>(reader.boolean());
                break;
            default:
                break;  // It is skipped.
        }
    }
    static_cast<void>(reader.finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    read_something_else(text);
    bool good = false;
    const std::string once = copied(text, good);
    if (!good) return 0;
    const std::string twice = copied(once, good);
    TIDINGS_ASSERT(good && once == twice);
    return 0;
}

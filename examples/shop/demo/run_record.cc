#include "demo/run_record.h"

#include <tidings/io/file.h>
#include <tidings/model/json.h>

namespace shop {

namespace {

using namespace tidings;

std::string path_in(const std::string& directory) { return directory + "/run.json"; }

std::string text_of(const std::optional<std::uint64_t>& number) {
    return number ? std::to_string(*number) : "none";
}

std::string text_of(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : "none";
}

void write_number(json::Writer& writer, std::string_view name,
                  const std::optional<std::int64_t>& number) {
    if (!number) return;
    writer.name(name);
    writer.integer(*number);
}

SourceFile read_source_file(json::Reader& reader) {
    SourceFile file;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "name") {
            file.name = reader.text();
        } else if (name == "sha256") {
            file.sha256 = reader.text();
        } else {
            reader.skip();
        }
    }
    return file;
}

void read_field(json::Reader& reader, std::string_view name, RunRecord& record) {
    if (name == "source") {
        record.parameters.source = reader.text();
    } else if (name == "files") {
        reader.begin_array();
        while (reader.next_element()) record.parameters.files.push_back(read_source_file(reader));
    } else if (name == "seed") {
        record.parameters.seed = std::stoull("0" + std::string{reader.text()});
    } else if (name == "count") {
        record.parameters.count = static_cast<std::uint64_t>(reader.integer());
    } else if (name == "stock") {
        record.parameters.stock = reader.integer();
    } else if (name == "report") {
        record.report = reader.text();
    } else if (name == "held") {
        record.held = reader.boolean();
    } else {
        reader.skip();
    }
}

}  // namespace

Result<std::optional<RunRecord>> read_run(io::FileSystem& files, const std::string& directory) {
    const Result<std::string> text = io::read_file(files, path_in(directory));
    if (!text) {
        if (text.error().code == ErrorCode::not_found) return std::optional<RunRecord>{};
        return text.error();
    }
    RunRecord record;
    json::Reader reader{*text};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) read_field(reader, name, record);
    if (Result<void> read = reader.finish(); !read) {
        return Error{ErrorCode::corruption,
                     path_in(directory) + " is damaged: " + read.error().message,
                     "restore it, or begin with a new directory"};
    }
    return std::optional{record};
}

Result<void> write_run(io::FileSystem& files, const std::string& directory,
                       const RunRecord& record) {
    std::string text;
    json::Writer writer{text};
    const RunParameters& parameters = record.parameters;
    writer.begin_object();
    writer.name("source");
    writer.text(parameters.source);
    writer.name("files");
    writer.begin_array();
    for (const SourceFile& file : parameters.files) {
        writer.begin_object();
        writer.name("name");
        writer.text(file.name);
        writer.name("sha256");
        writer.text(file.sha256);
        writer.end_object();
    }
    writer.end_array();
    if (parameters.seed) {
        // Text, because a seed may be any 64 bits and JSON's numbers may not.
        writer.name("seed");
        writer.text(std::to_string(*parameters.seed));
    }
    if (parameters.count) {
        write_number(writer, "count", static_cast<std::int64_t>(*parameters.count));
    }
    write_number(writer, "stock", parameters.stock);
    writer.name("report");
    writer.text(record.report);
    writer.name("held");
    writer.boolean(record.held);
    writer.end_object();
    text += '\n';
    return io::replace_file(files, path_in(directory), text);
}

Result<void> check_same(const RunParameters& first, const RunParameters& second,
                        const std::string& directory) {
    std::string differs;
    const auto differ = [&differs](const std::string& what, const std::string& was,
                                   const std::string& is) {
        if (was == is) return;
        differs += (differs.empty() ? "" : ", ") + what + " was " + was + " and is " + is;
    };
    differ("the source", first.source, second.source);
    differ("the seed", text_of(first.seed), text_of(second.seed));
    differ("the count", text_of(first.count), text_of(second.count));
    differ("the stock", text_of(first.stock), text_of(second.stock));
    for (std::size_t i = 0; i < first.files.size() && i < second.files.size(); ++i) {
        differ(first.files[i].name, first.files[i].sha256.substr(0, 12),
               second.files[i].sha256.substr(0, 12));
    }
    if (differs.empty()) return {};
    return Error{ErrorCode::invalid_argument,
                 "the run in " + directory + " is another one: " + differs,
                 "give the same parameters to go on with it, or another --data for a new run"};
}

}  // namespace shop

#pragma once

#include <tidings/contract/contract.h>
#include <tidings/model/json.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings::contract {

/// One value of a YAML or JSON file, with its place. A scalar keeps its text: what type it has is
/// for the schema to say, so that `no` can be a string and `1.10` a version.
struct Node {
    enum class Kind { scalar, sequence, mapping };

    Kind kind = Kind::scalar;
    std::string text{};
    bool is_text = false;  ///< Written between quotes, or read as a string by its schema.
    std::vector<Node> items{};
    std::vector<std::pair<Node, Node>> fields{};
    int line = 1;
    int column = 1;

    bool is_null() const {
        return kind == Kind::scalar && !is_text && (text.empty() || text == "null" || text == "~");
    }
    bool is_mapping() const { return kind == Kind::mapping; }
    bool is_sequence() const { return kind == Kind::sequence; }
    bool is_scalar() const { return kind == Kind::scalar; }
    Node* find(std::string_view name);
    const Node* find(std::string_view name) const;
};

/// Reads YAML: one document, no anchors, no tags, no name twice, at most 1 MiB and 64 levels.
/// On error adds a diagnostic and returns an empty node.
Node parse_yaml(const SourceFile& file, std::vector<Diagnostic>& problems);

/// Reads the value that comes next in `reader`; every place is the file's begin.
Node read_node(json::Reader& reader);

/// Writes a node; a scalar that is no text is null, boolean or number if it looks like one.
void write_node(const Node& node, json::Writer& writer);
std::string to_json(const Node& node);

/// Returns the one of `names` that `wrong` may be a slip of, or nothing.
std::string_view closest(std::string_view wrong, const std::vector<std::string_view>& names);
/// Returns "did you mean X?", or nothing.
std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& names);

/// Where what is wrong with one file goes.
class Report {
public:
    Report(std::string file, std::vector<Diagnostic>& problems)
        : file_(std::move(file)), problems_(problems) {}
    void add(const Node& at, std::string rule, std::string what, std::string suggestion = {});
    const std::string& file() const { return file_; }

private:
    std::string file_;
    std::vector<Diagnostic>& problems_;
};

}  // namespace tidings::contract

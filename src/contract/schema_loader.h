#pragma once

#include "contract/schema.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::contract {

/// Tables of names are small; these look into them.
template <class Table>
std::vector<std::string_view> names_of(const Table& table) {
    std::vector<std::string_view> names;
    for (const auto& row : table) names.push_back(row.first);
    return names;
}

template <class Table>
auto find_in(const Table& table, std::string_view name) {
    return std::find_if(table.begin(), table.end(), [&](auto& row) { return row.first == name; });
}

/// One bit for each type, to say for which of them a keyword is.
constexpr unsigned bit(Type type) { return 1u << static_cast<unsigned>(type); }
inline constexpr unsigned any_type = 63;

/// Reads one file's schemas. A wrong one is reported and read on, so that all faults are told.
class Loader {
public:
    Loader(Node* defs, Definitions* target, const Definitions& definitions, Report& report)
        : defs_(defs), target_(target), definitions_(definitions), report_(report) {}

    std::shared_ptr<SchemaNode> load(Node& node);
    SchemaPointer define(std::string_view name, Node& node);

private:
    struct Keyword {
        std::string_view name;
        unsigned types;
        void (Loader::*read)(Node&, SchemaNode&);
    };
    static const std::vector<Keyword>& keywords();

    bool read_type(Node& node, SchemaNode& schema);
    std::shared_ptr<SchemaNode> one_of(Node& node);
    bool find_discriminator(const Node& node, SchemaNode& schema);
    std::shared_ptr<SchemaNode> resolve(Node& node);
    SchemaPointer find_definition(const Node& at, std::string_view domain, std::string_view name);
    void refuse_unknown(const Node& key);
    void finish(const Node& node, SchemaNode& schema);
    void finish_object(const Node& node, const SchemaNode& schema);
    void finish_array(const Node& node, SchemaNode& schema);

    void properties(Node& node, SchemaNode& schema);
    void required(Node& node, SchemaNode& schema);
    void additional(Node& node, SchemaNode& schema);
    void enumeration(Node& node, SchemaNode& schema);
    void constant(Node& node, SchemaNode& schema);
    void prefix_items(Node& node, SchemaNode& schema);
    void items(Node& node, SchemaNode& schema);
    void items_min(Node& node, SchemaNode& schema) { size(node, schema.count_min); }
    void items_max(Node& node, SchemaNode& schema) { size(node, schema.count_max); }
    void unique(Node& node, SchemaNode& schema) { flag(node, schema.is_unique); }
    void length_min(Node& node, SchemaNode& schema) { size(node, schema.length_min); }
    void length_max(Node& node, SchemaNode& schema) { size(node, schema.length_max); }
    void pattern(Node& node, SchemaNode& schema);
    void minimum(Node& node, SchemaNode& schema) { bound(node, schema, true, false); }
    void maximum(Node& node, SchemaNode& schema) { bound(node, schema, false, false); }
    void above(Node& node, SchemaNode& schema) { bound(node, schema, true, true); }
    void below(Node& node, SchemaNode& schema) { bound(node, schema, false, true); }
    void format(Node& node, SchemaNode& schema);
    void title(Node& node, SchemaNode& schema);
    void description(Node& node, SchemaNode& schema);
    void deprecated(Node& node, SchemaNode& schema) { flag(node, schema.deprecated); }
    void default_value(Node& node, SchemaNode& schema);
    void examples(Node& node, SchemaNode& schema);

    void size(const Node& node, std::size_t& target);
    void flag(const Node& node, bool& target);
    void bound(const Node& node, SchemaNode& schema, bool is_minimum, bool is_exclusive);
    bool is_text(Node& node, std::string_view what);
    void check_sample(Node& node, const SchemaNode& schema, std::string_view what);

    Node* defs_;
    Definitions* target_;
    const Definitions& definitions_;
    Report& report_;
    std::vector<std::string> under_way_;
};

}  // namespace tidings::contract

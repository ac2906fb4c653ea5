#include "testing/data_variants.h"

#include <tidings/contract/instances.h>
#include <tidings/model/json.h>

#include "testing/json_tree.h"

#include <charconv>
#include <map>
#include <utility>

namespace tidings {

namespace {

using Kind = JsonTree::Kind;
/// The values that are known for a field, as JSON texts.
using Values = std::map<std::string, std::set<std::string>>;

/// Example data of a contract: what is written in it, and the smallest and largest there is.
std::vector<JsonTree> examples(const Contract& contract) {
    std::vector<std::string> texts = contract.examples;
    if (auto data = minimal_instance(contract.data)) texts.push_back(std::move(*data));
    if (auto data = maximal_instance(contract.data)) texts.push_back(std::move(*data));
    std::vector<JsonTree> trees;
    for (const std::string& text : texts) {
        if (auto tree = JsonTree::parse(text)) trees.push_back(std::move(*tree));
    }
    return trees;
}

void collect(const JsonTree& at, const std::string& field, Values& values) {
    if (!field.empty()) values[field].insert(at.text());
    for (const auto& [name, value] : at.fields) {
        std::string within = field;
        (within += '/') += name;
        collect(value, within, values);
    }
    for (const JsonTree& item : at.items) collect(item, field + "/*", values);
}

/// Other texts of about the same form.
std::vector<std::string> near(const JsonTree& value) {
    const std::string& text = value.scalar;
    if (text == "true") return {"false"};
    if (text == "false") return {"true"};
    if (value.is_text()) {
        std::vector<std::string> others;
        std::string changed = text;
        for (std::size_t i = changed.size() - 1; i-- > 1;) {
            char& c = changed[i];
            const bool digit = c >= '0' && c <= '9';
            if (!digit && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) continue;
            c = digit ? (c == '9' ? '1' : static_cast<char>(c + 1)) : (c == 'b' ? 'c' : 'b');
            others.push_back(changed);
            break;
        }
        others.push_back(text.substr(0, text.size() - 1) + "x\"");
        return others;
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return {std::to_string(number + 1), std::to_string(number - 1)};
}

class Variants {
public:
    Variants(const Contract& contract, JsonTree data)
        : contract_(contract), root_(std::move(data)), whole_(root_.text()) {
        for (const JsonTree& tree : examples(contract)) collect(tree, "", known_);
    }
    std::vector<DataVariant> all() {
        vary(root_, "");
        return std::move(made_);
    }

private:
    void vary(JsonTree& at, const std::string& field);
    void vary_value(JsonTree& at, const std::string& field);
    void vary_fields(JsonTree& at, const std::string& field);
    /// Keeps the data as it stands now, if it is any different and keeps the schema.
    void note(const std::string& field) {
        std::string text = root_.text();
        if (text != whole_ && contract_.data.check(text)) made_.push_back({field, std::move(text)});
    }

    const Contract& contract_;
    JsonTree root_;
    std::string whole_;
    Values known_;
    std::vector<DataVariant> made_;
};

void Variants::vary_value(JsonTree& at, const std::string& field) {
    const JsonTree was = at;
    std::vector<std::string> others =
        at.kind == Kind::scalar ? near(at) : std::vector<std::string>{};
    const auto known = known_.find(field);
    if (known != known_.end())
        others.insert(others.end(), known->second.begin(), known->second.end());
    for (const std::string& other : others) {
        if (auto tree = JsonTree::parse(other)) at = std::move(*tree);
        note(field);
    }
    at = was;
}

void Variants::vary_fields(JsonTree& at, const std::string& field) {
    for (std::size_t i = 0; i < at.fields.size(); ++i) {
        const std::string name = field + '/' + at.fields[i].first;
        vary(at.fields[i].second, name);
        auto taken = std::move(at.fields[i]);
        at.fields.erase(at.fields.begin() + static_cast<std::ptrdiff_t>(i));
        note(name);
        at.fields.insert(at.fields.begin() + static_cast<std::ptrdiff_t>(i), std::move(taken));
    }
    for (const auto& [path, values] : known_) {
        const std::size_t slash = path.rfind('/');
        if (path.substr(0, slash) != field || path.ends_with("/*")) continue;
        const std::string name = path.substr(slash + 1);
        if (at.find(name) != nullptr) continue;
        for (const std::string& value : values) {
            auto tree = JsonTree::parse(value);
            if (!tree) continue;
            at.fields.emplace_back(name, std::move(*tree));
            note(path);
            at.fields.pop_back();
        }
    }
}

void Variants::vary(JsonTree& at, const std::string& field) {
    switch (at.kind) {
        case Kind::scalar:
            return vary_value(at, field);
        case Kind::array:
            vary_value(at, field);
            if (!at.items.empty()) vary(at.items.front(), field + "/*");
            return;
        case Kind::object:
            return vary_fields(at, field);
    }
}

}  // namespace

std::vector<DataVariant> data_variants(const Contract& contract, const std::string& data) {
    auto tree = JsonTree::parse(data);
    if (!tree) return {};
    return Variants{contract, std::move(*tree)}.all();
}

std::set<std::string> all_fields(const Contract& contract) {
    Values values;
    for (const JsonTree& tree : examples(contract)) collect(tree, "", values);
    std::set<std::string> fields;
    for (const auto& [field, known] : values) {
        // What stands within is named by itself.
        const bool is_leaf = known.empty() || (!known.begin()->starts_with('{') &&
                                               !known.rbegin()->starts_with('['));
        if (is_leaf) fields.insert(field);
    }
    return fields;
}

}  // namespace tidings

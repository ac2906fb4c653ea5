// The only file that knows yaml-cpp. It takes yaml-cpp's events and not its nodes: those lose
// whether a scalar was quoted, keep the first of two equal keys, and expand aliases without bound.
#include <tidings/base/text.h>

#include "contract/node.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace tidings::contract {

namespace {

constexpr std::size_t bytes_max = 1024 * 1024;
constexpr std::size_t depth_max = 64;

struct Refused {
    YAML::Mark mark;
    std::string rule;
    std::string what;
    std::string suggestion;
};

Node make(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.line = std::max(mark.line, 0) + 1;
    node.column = std::max(mark.column, 0) + 1;
    return node;
}

class Builder final : public YAML::EventHandler {
public:
    Node root;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        add(make(Node::Kind::scalar, mark), mark);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark, 1); }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        Node node = make(Node::Kind::scalar, mark);
        node.text = value;
        node.is_text = tag == "!";
        add(std::move(node), mark);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(make(Node::Kind::sequence, mark), mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(make(Node::Kind::mapping, mark), mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        YAML::Mark mark;
        bool has_key = false;
        Node key{};
    };

    static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor == 0) return;
        throw Refused{mark, "anchors and aliases are not read", "& or *",
                      "put what is shared under $defs and refer to it with $ref"};
    }
    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (tag.empty() || tag == "?" || tag == "!") return;
        throw Refused{mark, "tags are not read", quote(tag), "leave it out; the schema says types"};
    }
    void open(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        if (open_.size() >= depth_max) {
            throw Refused{mark, "a file is not nested deeper than 64 levels", "too deep", ""};
        }
        open_.push_back({std::move(node), mark});
    }
    void close() {
        Node node = std::move(open_.back().node);
        const YAML::Mark mark = open_.back().mark;
        open_.pop_back();
        add(std::move(node), mark);
    }
    void add(Node node, const YAML::Mark& mark) {
        if (open_.empty()) {
            root = std::move(node);
            return;
        }
        Open& outer = open_.back();
        if (outer.node.is_sequence()) {
            outer.node.items.push_back(std::move(node));
        } else if (outer.has_key) {
            outer.node.fields.emplace_back(std::move(outer.key), std::move(node));
            outer.has_key = false;
        } else {
            take_key(outer, std::move(node), mark);
        }
    }
    static void take_key(Open& outer, Node key, const YAML::Mark& mark) {
        if (!key.is_scalar()) {
            throw Refused{mark, "a name is a plain text", "a list or a mapping", ""};
        }
        if (outer.node.find(key.text) != nullptr) {
            throw Refused{mark, "a name stands in a mapping once", quote(key.text),
                          "remove or rename one of them"};
        }
        outer.key = std::move(key);
        outer.has_key = true;
    }

    std::vector<Open> open_;
};

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t bytes = utf8_character_bytes(text);
        if (bytes == 0) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

}  // namespace

Node parse_yaml(const SourceFile& file, std::vector<Diagnostic>& problems) {
    const auto refuse = [&](const YAML::Mark& mark, std::string rule, std::string what,
                            std::string suggestion) {
        problems.push_back({file.path, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1,
                            std::move(rule), std::move(what), std::move(suggestion)});
        return Node{};
    };
    const YAML::Mark begin{};
    if (file.text.size() > bytes_max) {
        return refuse(begin, "a file is at most 1 MiB", fmt::format("{} bytes", file.text.size()),
                      "");
    }
    if (!is_utf8(file.text)) return refuse(begin, "a file is UTF-8", "other bytes", "");
    try {
        std::istringstream stream{file.text};
        YAML::Parser parser{stream};
        Builder builder;
        if (!parser.HandleNextDocument(builder)) {
            return refuse(begin, "a file holds one document", "an empty file", "");
        }
        Builder second;
        if (parser.HandleNextDocument(second)) {
            return refuse(begin, "a file holds one document", "more than one",
                          "give each a file of its own");
        }
        return std::move(builder.root);
    } catch (const Refused& refused) {
        return refuse(refused.mark, refused.rule, refused.what, refused.suggestion);
    } catch (const YAML::Exception& error) {
        return refuse(error.mark, "a file is YAML", error.msg, "");
    }
}

}  // namespace tidings::contract

#pragma once

#include <tidings/contract/instances.h>

#include "contract/schema.h"

#include <optional>
#include <string>

namespace tidings::contract {

/// Makes values of a schema, the smallest or the largest. The first error sticks.
class InstanceMaker {
public:
    enum class Size { minimal, maximal };
    InstanceMaker(Size size, const InstanceOptions& options) : size_(size), options_(options) {}

    /// A value of the schema; `pointer` is where it stands, `index` tells values apart.
    Node value(const SchemaNode& schema, const std::string& pointer, std::size_t index = 0);
    /// A list of `count` items; fewer if they must differ and there are no more values.
    Node list(const SchemaNode& schema, const std::string& pointer, std::size_t count);
    const std::optional<Error>& error() const noexcept { return error_; }

private:
    bool is_minimal() const { return size_ == Size::minimal; }
    void fail(ErrorCode code, const std::string& pointer, std::string what, std::string hint = {});
    bool spend(std::size_t bytes, const std::string& pointer);
    Node object(const SchemaNode& schema, const std::string& pointer);
    Node array(const SchemaNode& schema, const std::string& pointer);
    Node text(const SchemaNode& schema, const std::string& pointer, std::size_t index);
    Node integer(const SchemaNode& schema, std::size_t index) const;
    Node number(const SchemaNode& schema, const std::string& pointer, std::size_t index);

    Size size_;
    InstanceOptions options_;
    std::size_t bytes_ = 0;
    std::optional<Error> error_{};
};

/// Makes a scalar: a text, or what stands for a number, boolean or null.
Node text_node(std::string text);
Node plain_node(std::string text);
Node map_node();
Node list_node();

}  // namespace tidings::contract

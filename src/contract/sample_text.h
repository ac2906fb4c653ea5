#pragma once

#include "contract/schema.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tidings::contract {

/// Texts that keep a string schema, found by trying likely ones; the schema itself decides.
///
/// `wanted` is the length to aim at, `index` tells texts apart: other indexes give other texts as
/// far as there are any. Returns nothing if none of the tries was right.
std::optional<std::string> sample_text(const SchemaNode& schema, std::size_t wanted,
                                       std::size_t index);

/// Returns a text that a regular expression probably matches, with every repetition `extra` times
/// more than it has to be, and `index` choosing among the characters. Nothing for an expression
/// with more than literals, classes, groups, alternatives, repetitions and anchors.
std::optional<std::string> text_for_pattern(std::string_view expression, std::size_t extra,
                                            std::size_t index);

/// Checks one text as a value of the schema.
bool keeps(const SchemaNode& schema, std::string_view text);

}  // namespace tidings::contract

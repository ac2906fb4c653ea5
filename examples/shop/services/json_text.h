#pragma once

#include <tidings/model/json.h>

#include <string>
#include <string_view>

namespace shop {

/// Returns a generated model as JSON.
template <class Model>
std::string to_json(const Model& model) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, model);
    return text;
}

/// Reads a generated model. Throws Failure with `contract_violation`.
template <class Model>
Model from_json(std::string_view text) {
    Model model;
    tidings::json::Reader reader{text};
    read_data(reader, model).value();
    reader.finish().value();
    return model;
}

}  // namespace shop

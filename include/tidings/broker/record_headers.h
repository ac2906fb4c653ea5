#pragma once

#include <tidings/base/result.h>
#include <tidings/model/envelope.h>

#include <optional>
#include <string>
#include <string_view>

namespace tidings {

/// What the embedded broker stores beside an envelope: the EventHeaders, in a compact form.
///
/// For the broker and for tools that read a log directly.
///
/// Format    docs/internals/log.md, "Event headers"

/// Appends the stored form of `headers` to `out`. Requires: the sequence is not negative.
void write_record_headers(const EventHeaders& headers, std::string& out);

/// Returns how many bytes `write_record_headers` appends.
std::size_t record_headers_bytes(const EventHeaders& headers) noexcept;

/// Reads the stored form. Any byte string either reads or gives an error.
/// Errors: `corruption`; `unsupported` for a newer form.
Result<EventHeaders> read_record_headers(std::string_view bytes);

/// Returns the type alone, as a view into `bytes`; nothing if they are no stored headers.
std::optional<std::string_view> peek_record_type(std::string_view bytes) noexcept;

}  // namespace tidings

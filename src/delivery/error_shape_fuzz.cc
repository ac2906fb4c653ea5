// Any message has a shape: bounded, and the same however often it is taken.
#include <tidings/base/assert.h>

#include "delivery/error_shape.h"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of exactly this size, so that a sanitizer sees every byte read beyond it.
    const std::string message{reinterpret_cast<const char*>(data), size};
    const std::string shape = tidings::shape_of(message);
    TIDINGS_ASSERT(shape.size() <= 300);
    TIDINGS_ASSERT(shape == tidings::shape_of(message));
    TIDINGS_ASSERT(tidings::cause_of("handler", tidings::ErrorCode::internal, shape).size() == 16);
    return 0;
}

// Element: how the numbers in a piece of content are laid out, as far as compression cares.
#pragma once

#include <cstdint>

namespace axon::content {

enum class Element : std::uint8_t {
  bytes = 0,  // unknown: text, headers, archives, quantised blocks; the codec may guess planes from a sample
  bf16 = 1,   // 2 bytes, rotated left by one bit so that the exponent fills one plane
  f16 = 2,    // 2 bytes
  f32 = 3,    // 4 bytes, rotated like bf16
  f64 = 4,    // 8 bytes, rotated like bf16
  i16 = 5,
  i32 = 6,
  i64 = 7,
};

}  // namespace axon::content

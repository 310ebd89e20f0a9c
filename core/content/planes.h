// Byte planes: byte i of each element of a piece of content, gathered into plane i, and back.
//
// Before it is gathered an element is rotated left by one bit where it is a float whose sign and exponent
// straddle two bytes (bf16, f32, f64), so that the exponent fills the last plane; or replaced by the zigzag
// of its integer difference to a base's element (d ↦ 2d for d ≥ 0, −2d − 1 below; both modulo 2^bits).
//
// Inputs never overlap outputs. Threads: no shared state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/content/element.h"

namespace axon::content {

constexpr std::size_t kMaxPlanes = 8;
using PlanePointers = std::array<std::byte*, kMaxPlanes>;
using ConstPlanePointers = std::array<const std::byte*, kMaxPlanes>;

// Bytes of one element, which is the number of its planes: 1, 2, 4 or 8.
std::size_t width_of(Element element);

// What becomes of an element before it is gathered.
enum class Turn : std::uint8_t {
  none,
  rotate,  // left by one bit
  delta,   // zigzag of the difference to a base
};
// How an element is turned when there is no base.
Turn turn_of(Element element);

// Gathers `count` elements at `raw` into `planes`, of `count` bytes each. `base`: for Turn::delta.
void split_planes(const std::byte* raw, const std::byte* base, Turn turn, std::size_t width,
                  std::size_t count, const PlanePointers& planes);
// The inverse.
void join_planes(const ConstPlanePointers& planes, const std::byte* base, Turn turn, std::size_t width,
                 std::size_t count, std::byte* raw);

}  // namespace axon::content

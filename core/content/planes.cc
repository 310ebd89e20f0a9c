#include "core/content/planes.h"

#include <algorithm>
#include <cstring>

#include "core/content/plane_kernels.h"

namespace axon::content {

namespace {

// A turned block and its halves stay in the first-level cache, so the extra passes cost next to nothing.
constexpr std::size_t kBlock = 8192;  // bytes; a multiple of every width

struct alignas(64) Block {
  std::byte bytes[kBlock];
};

// Splits elements of `width` bytes by halving: even bytes are planes first, first + 2·step, …; odd ones the
// rest.
void split_block(const PlaneKernels& kernels, const std::byte* from, std::size_t width, std::size_t count,
                 const PlanePointers& planes, std::size_t at, std::size_t first, std::size_t step) {
  const std::size_t pairs = width / 2 * count;
  if (width == 2) return kernels.deinterleave(from, pairs, planes[first] + at, planes[first + step] + at);
  Block halves;
  std::byte *even = halves.bytes, *odd = even + pairs;
  kernels.deinterleave(from, pairs, even, odd);
  split_block(kernels, even, width / 2, count, planes, at, first, 2 * step);
  split_block(kernels, odd, width / 2, count, planes, at, first + step, 2 * step);
}

void join_block(const PlaneKernels& kernels, const ConstPlanePointers& planes, std::size_t at,
                std::size_t first, std::size_t step, std::size_t width, std::size_t count, std::byte* to) {
  const std::size_t pairs = width / 2 * count;
  if (width == 2) return kernels.interleave(planes[first] + at, planes[first + step] + at, pairs, to);
  Block halves;
  std::byte *even = halves.bytes, *odd = even + pairs;
  join_block(kernels, planes, at, first, 2 * step, width / 2, count, even);
  join_block(kernels, planes, at, first + step, 2 * step, width / 2, count, odd);
  kernels.interleave(even, odd, pairs, to);
}

const std::byte* advance(const std::byte* base, std::size_t by) {
  return base == nullptr ? nullptr : base + by;
}

}  // namespace

std::size_t width_of(Element element) {
  switch (element) {
    case Element::bytes:
      return 1;
    case Element::bf16:
    case Element::f16:
    case Element::i16:
      return 2;
    case Element::f32:
    case Element::i32:
      return 4;
    case Element::f64:
    case Element::i64:
      return 8;
  }
  return 1;
}

Turn turn_of(Element element) {
  const bool straddles = element == Element::bf16 || element == Element::f32 || element == Element::f64;
  return straddles ? Turn::rotate : Turn::none;
}

void split_planes(const PlaneKernels& kernels, const std::byte* raw, const std::byte* base, Turn turn,
                  std::size_t width, std::size_t count, const PlanePointers& planes) {
  if (count == 0) return;
  if (width == 1) return kernels.turn(raw, base, turn, width, count, planes[0]);
  Block turned;
  for (std::size_t at = 0; at < count; at += kBlock / width) {
    const std::size_t now = std::min(kBlock / width, count - at);
    const std::byte* from = raw + at * width;
    if (turn != Turn::none) {
      kernels.turn(from, advance(base, at * width), turn, width, now, turned.bytes);
      from = turned.bytes;
    }
    split_block(kernels, from, width, now, planes, at, 0, 1);
  }
}

void join_planes(const PlaneKernels& kernels, const ConstPlanePointers& planes, const std::byte* base,
                 Turn turn, std::size_t width, std::size_t count, std::byte* raw) {
  if (count == 0) return;
  if (width == 1) return kernels.turn_back(planes[0], base, turn, width, count, raw);
  Block turned;
  for (std::size_t at = 0; at < count; at += kBlock / width) {
    const std::size_t now = std::min(kBlock / width, count - at);
    std::byte* to = raw + at * width;
    join_block(kernels, planes, at, 0, 1, width, now, turn == Turn::none ? to : turned.bytes);
    if (turn != Turn::none) {
      kernels.turn_back(turned.bytes, advance(base, at * width), turn, width, now, to);
    }
  }
}

void split_planes(const std::byte* raw, const std::byte* base, Turn turn, std::size_t width,
                  std::size_t count, const PlanePointers& planes) {
  split_planes(plane_kernels().front(), raw, base, turn, width, count, planes);
}

void join_planes(const ConstPlanePointers& planes, const std::byte* base, Turn turn, std::size_t width,
                 std::size_t count, std::byte* raw) {
  join_planes(plane_kernels().front(), planes, base, turn, width, count, raw);
}

}  // namespace axon::content

// The loops under planes.h, once in plain C++ and once per instruction set; chosen by CPUID.
#pragma once

#include <cstddef>
#include <span>

#include "core/content/planes.h"

namespace axon::content {

struct PlaneKernels {
  const char* name;
  // Turns `count` elements of `width` bytes; `base` may be null unless turn is delta. `back` undoes it.
  void (*turn)(const std::byte* from, const std::byte* base, Turn turn, std::size_t width, std::size_t count,
               std::byte* to);
  void (*turn_back)(const std::byte* from, const std::byte* base, Turn turn, std::size_t width,
                    std::size_t count, std::byte* to);
  // `pairs` pairs of bytes: the first of each to `even`, the second to `odd`; and back.
  void (*deinterleave)(const std::byte* from, std::size_t pairs, std::byte* even, std::byte* odd);
  void (*interleave)(const std::byte* even, const std::byte* odd, std::size_t pairs, std::byte* to);
};

// Those that this processor can run, the fastest first; the plain one is always there.
std::span<const PlaneKernels> plane_kernels();

void split_planes(const PlaneKernels& kernels, const std::byte* raw, const std::byte* base, Turn turn,
                  std::size_t width, std::size_t count, const PlanePointers& planes);
void join_planes(const PlaneKernels& kernels, const ConstPlanePointers& planes, const std::byte* base,
                 Turn turn, std::size_t width, std::size_t count, std::byte* raw);

}  // namespace axon::content

// PlanePlan: how each plane of a piece of content is to be stored, and about how large that will be, judged
// by the entropy of samples.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/content/entropy.h"
#include "core/content/planes.h"

namespace axon::content {

enum class PlaneMethod : std::uint8_t {
  stored,   // more than 7.9 bits a byte: Huffman's code saves less than it costs
  huffman,  // 2 to 7.9 bits
  tried,    // 0.5 to 2 bits: a piece is coded both ways; repeats are better found, noise is better
            // Huffman-coded
  matches,  // under 0.5 bits: zstd's level 1, because a Huffman code never spends less than one bit
};

// Which elements a piece of content is made of.
struct Elements {
  Element element = Element::bytes;
  std::size_t skip = 0;  // bytes before the first whole one, less than its width

  std::size_t width() const { return width_of(element); }
  std::size_t count(std::size_t size) const { return size < skip ? 0 : (size - skip) / width(); }
};

struct PlanePlan {
  Elements elements;
  Turn turn = Turn::none;
  std::array<PlaneMethod, kMaxPlanes> methods{};
  std::array<std::size_t, kMaxPlanes> estimates{};  // of each plane, in bytes
  std::size_t estimate = 0;                         // of the whole payload
};

// A payload's bytes before its edge: element, skip, and one length per plane (docs/formats/encodings.md).
constexpr std::size_t plane_header_size(std::size_t width) {
  return 2 + 4 * width;
}

// Histograms of the planes of a sample of at most `limit` elements, in 16 runs spread over the content.
std::array<Histogram, kMaxPlanes> sample_planes(ByteSpan raw, ByteSpan base, Elements elements, Turn turn,
                                                std::size_t limit);

constexpr std::size_t kPlanSample = 4096;
// `base` has raw's size or is empty; with one, the plan is for the difference to it.
PlanePlan plan_planes(ByteSpan raw, ByteSpan base, Elements elements, std::size_t sample = kPlanSample);

}  // namespace axon::content

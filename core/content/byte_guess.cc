#include "core/content/byte_guess.h"

#include <algorithm>
#include <array>
#include <limits>

namespace axon::content {

namespace {

constexpr std::size_t kTooShort = 64;  // bytes; headers would eat what is saved
constexpr std::size_t kSample = 1024;  // elements of eight bytes
constexpr double kNoiseAbove = 7.9;    // bits a byte
constexpr double kStrideGain = 0.15;   // bits a byte that a stride must save before it is believed
constexpr double kNumbersGain = 0.97;  // planes must be that much smaller than zstd, which also finds repeats
constexpr std::size_t kTrial = 32 * 1024;  // bytes given to zstd for a try

// Bits per byte when the bytes of each position modulo `stride` are coded apart.
double entropy_of_stride(const std::array<Histogram, kMaxPlanes>& of_eight, std::size_t stride) {
  double sum = 0;
  for (std::size_t phase = 0; phase < stride; ++phase) {
    Histogram merged;
    for (std::size_t i = phase; i < kMaxPlanes; i += stride) merged.add(of_eight[i]);
    sum += merged.entropy();
  }
  return sum / static_cast<double>(stride);
}

std::array<Element, 2> elements_of_stride(std::size_t stride) {
  if (stride == 2) return {Element::i16, Element::bf16};
  if (stride == 4) return {Element::i32, Element::f32};
  return {Element::i64, Element::f64};
}

// Without rotation the phase does not matter: it only numbers the planes anew.
Elements best_elements(ByteSpan raw, std::size_t stride) {
  const auto [integer, floating] = elements_of_stride(stride);
  Elements best{integer, 0};
  std::size_t least = plan_planes(raw, {}, best, kSample).estimate;
  for (std::size_t skip = 0; skip < stride; ++skip) {
    const Elements elements{floating, skip};
    const std::size_t estimate = plan_planes(raw, {}, elements, kSample).estimate;
    if (estimate < least) {
      best = elements;
      least = estimate;
    }
  }
  return best;
}

// What zstd makes of a piece from the middle, as a part of its size.
double tried_ratio(ByteSpan raw, ZstdCompressor& zstd) {
  const std::size_t size = std::min(raw.size(), kTrial);
  std::array<std::byte, kTrial> into;
  const auto compressed = zstd.compress(raw.subspan((raw.size() - size) / 2, size), Effort::matches, into);
  return compressed ? static_cast<double>(*compressed) / static_cast<double>(size) : 1.0;
}

}  // namespace

ByteGuess guess_bytes(ByteSpan raw, ZstdCompressor& zstd) {
  ByteGuess guess;
  if (raw.size() < kTooShort) return guess;
  const auto of_eight = sample_planes(raw, {}, {Element::i64, 0}, Turn::none, kSample);
  const double plain = entropy_of_stride(of_eight, 1);
  double least = std::numeric_limits<double>::infinity();
  std::size_t stride = 1;
  for (const std::size_t candidate : {2, 4, 8}) {
    // A wider stride has to earn its place: it can imitate a narrower one.
    if (const double bits = entropy_of_stride(of_eight, candidate); bits < least - kStrideGain / 2) {
      least = bits;
      stride = candidate;
    }
  }
  if (least > plain - kStrideGain) {
    if (plain <= kNoiseAbove) guess.kind = ByteGuess::Kind::text;
    return guess;
  }
  guess.plan = plan_planes(raw, {}, best_elements(raw, stride));
  const double zstd_size = tried_ratio(raw, zstd) * static_cast<double>(raw.size());
  const bool numbers = static_cast<double>(guess.plan.estimate) < kNumbersGain * zstd_size;
  guess.kind = numbers ? ByteGuess::Kind::numbers : ByteGuess::Kind::text;
  return guess;
}

}  // namespace axon::content

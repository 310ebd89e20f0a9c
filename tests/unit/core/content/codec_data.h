// Content of the kinds that the codec meets, made from a seed.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>
#include <string>

#include "core/base/bytes.h"

namespace axon::content {

inline Bytes noise(std::size_t size, std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// Standard normal numbers by Box and Muller: std::normal_distribution differs between libraries.
class Gauss {
 public:
  explicit Gauss(std::uint32_t seed) : random_(seed) {}
  double next() {
    const double u = (uniform() + 1) / 4294967297.0, v = uniform() / 4294967296.0;
    return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
  }

 private:
  double uniform() { return static_cast<double>(random_()); }
  std::mt19937 random_;
};

// The float's upper `sizeof(Word)` bytes: a float, or a bf16.
template <class Word>
Word bits_of(double value) {
  if constexpr (sizeof(Word) == 8) return std::bit_cast<std::uint64_t>(value);
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  return static_cast<Word>(bits >> (32 - 8 * std::min<std::size_t>(4, sizeof(Word))));
}

template <class Word>
Bytes weights(std::size_t count, std::uint32_t seed = 1) {
  Gauss gauss(seed);
  Bytes bytes(count * sizeof(Word));
  for (std::size_t i = 0; i < count; ++i) {
    store_le(bytes.data() + i * sizeof(Word), bits_of<Word>(0.02 * gauss.next()));
  }
  return bytes;
}

// bf16 weights after a little training.
inline Bytes fine_tuned(const Bytes& base, std::uint32_t seed = 2) {
  Gauss gauss(seed);
  Bytes bytes = base;
  for (std::size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    const auto bits = static_cast<std::uint32_t>(load_le<std::uint16_t>(bytes.data() + at)) << 16;
    const double moved = std::bit_cast<float>(bits) + 0.02 * 0.004 * gauss.next();
    const auto full = std::bit_cast<std::uint32_t>(static_cast<float>(moved));
    store_le(bytes.data() + at, static_cast<std::uint16_t>((full + 0x8000) >> 16));
  }
  return bytes;
}

inline Bytes prose(std::size_t size, std::uint32_t seed = 1) {
  static constexpr const char* kWords[] = {"layer", "weight", "the",  "of",    "attention", "is", "a",
                                           "head",  "and",    "norm", "model", "token",     "to", "bias"};
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) text.append(kWords[random() % std::size(kWords)]).push_back(' ');
  const auto bytes = as_bytes(text).first(size);
  return {bytes.begin(), bytes.end()};
}

}  // namespace axon::content

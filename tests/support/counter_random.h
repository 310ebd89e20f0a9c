// Random numbers as pure functions of a seed and a position, so that any thread can make any part of a file
// and the result is the same on every machine. SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). Not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace axon::test {

inline std::uint64_t mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

// The number at `position` of the stream `seed`.
inline std::uint64_t random_at(std::uint64_t seed, std::uint64_t position) {
  return mix64(seed + (position + 1) * 0x9E3779B97F4A7C15U);
}

// A stream's seed from a name (FNV-1a) and what else tells streams apart.
inline std::uint64_t stream_seed(std::uint64_t seed, std::string_view name, std::uint64_t salt) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return mix64(mix64(seed ^ hash) + salt);
}

// The same numbers one after another.
class CounterRandom {
 public:
  explicit CounterRandom(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t next() { return random_at(seed_, position_++); }
  // In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // In [0, bound); the bias of 2^-32 × bound does not matter here.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t position_ = 0;
};

}  // namespace axon::test

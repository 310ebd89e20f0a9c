// WeightSource: the bytes of one made-up tensor, by position.
//
// Gaussian with the tensor's own standard deviation (log-uniform in 0.01 … 0.05), around 1 where the tensor
// is a norm. Fine-tuned weights are the rounded base weights plus a Gaussian update, AdamW-like: of r ×
// deviation, r log-uniform in 1e-3 … 1e-2 per tensor. Numbers are rounded to nearest, ties to even.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"
#include "tests/support/gaussian.h"

namespace axon::test {

enum class WeightType { bf16, f16, f32 };
std::size_t size_of(WeightType type);

enum class Draw { base, redrawn, finetuned };

class WeightSource {
 public:
  // `name` and `seed` decide the numbers; `gaussian` outlives the source.
  WeightSource(const Gaussian& gaussian, std::uint64_t seed, std::string_view name, WeightType type,
               Draw draw);
  std::size_t element_size() const { return size_of(type_); }
  // Fills `into`, whose size is a multiple of the element's, with the elements from `first` (even) on.
  void fill(std::uint64_t first, MutableByteSpan into) const;

 private:
  const Gaussian* gaussian_;
  WeightType type_;
  std::uint64_t base_seed_ = 0, update_seed_ = 0;
  float mean_ = 0, deviation_ = 0;
  float update_ = 0;  // 0: not fine-tuned
};

// Nearest, ties to even; for finite values within binary16's range.
inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}
std::uint16_t to_f16(float value);

}  // namespace axon::test

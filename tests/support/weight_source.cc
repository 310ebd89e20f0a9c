#include "tests/support/weight_source.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "tests/support/counter_random.h"

namespace axon::test {
namespace {

constexpr std::size_t kBatch = 4096;  // numbers made at once: small enough to stay in the first-level cache
constexpr std::uint64_t kRedrawnSalt = 7, kUpdateSalt = 99, kSpreadSalt = 1000;

double log_uniform(CounterRandom& random, double low, double high) {
  return std::exp(std::log(low) + random.uniform() * (std::log(high) - std::log(low)));
}

float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

float from_f16(std::uint16_t bits) {
  // Shifted into binary32's fields the value is off by 2^112, subnormals included.
  const auto magnitude = std::bit_cast<float>(std::uint32_t{bits & 0x7FFFU} << 13) * 0x1p112F;
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

template <class Narrow>
void store_narrow(std::span<const float> from, std::byte* to, Narrow narrow) {
  for (const float value : from) {
    const std::uint16_t bits = narrow(value);
    std::memcpy(to, &bits, sizeof bits);
    to += sizeof bits;
  }
}

void store(WeightType type, std::span<const float> from, std::byte* to) {
  switch (type) {
    case WeightType::bf16:
      return store_narrow(from, to, to_bf16);
    case WeightType::f16:
      return store_narrow(from, to, to_f16);
    case WeightType::f32:
      std::memcpy(to, from.data(), from.size_bytes());
  }
}

void round_to(WeightType type, std::span<float> values) {
  if (type == WeightType::bf16)
    for (float& value : values) value = from_bf16(to_bf16(value));
  if (type == WeightType::f16)
    for (float& value : values) value = from_f16(to_f16(value));
}

}  // namespace

std::size_t size_of(WeightType type) {
  return type == WeightType::f32 ? 4 : 2;
}

std::uint16_t to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude < 0x38800000) {
    // Below 2^-14 the result is subnormal: adding 0.5 lets the adder round at binary16's last place.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return sign | static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(shifted) - 0x3F000000);
  }
  const std::uint32_t rounded = magnitude + 0xFFF + ((magnitude >> 13) & 1);
  return sign | static_cast<std::uint16_t>((rounded - 0x38000000) >> 13);
}

WeightSource::WeightSource(const Gaussian& gaussian, std::uint64_t seed, std::string_view name,
                           WeightType type, Draw draw)
    : gaussian_(&gaussian), type_(type) {
  const std::uint64_t salt = draw == Draw::redrawn ? kRedrawnSalt : 0;
  base_seed_ = stream_seed(seed, name, salt);
  update_seed_ = stream_seed(seed, name, kUpdateSalt);
  CounterRandom spread(stream_seed(seed, name, kSpreadSalt + salt));
  deviation_ = static_cast<float>(log_uniform(spread, 0.01, 0.05));
  mean_ = name.find("norm") == std::string_view::npos ? 0.0F : 1.0F;
  if (draw == Draw::finetuned) update_ = deviation_ * static_cast<float>(log_uniform(spread, 1e-3, 1e-2));
}

void WeightSource::fill(std::uint64_t first, MutableByteSpan into) const {
  std::array<float, kBatch> numbers, updates;
  const std::size_t width = size_of(type_), count = into.size() / width;
  for (std::size_t done = 0; done < count; done += kBatch) {
    const auto batch = std::span(numbers).first(std::min(kBatch, count - done));
    gaussian_->fill(base_seed_, first + done, batch);
    for (float& value : batch) value = value * deviation_ + mean_;
    if (update_ != 0) {
      const auto update = std::span(updates).first(batch.size());
      gaussian_->fill(update_seed_, first + done, update);
      round_to(type_, batch);
      for (std::size_t i = 0; i < batch.size(); ++i) batch[i] += update[i] * update_;
    }
    store(type_, batch, into.data() + done * width);
  }
}

}  // namespace axon::test

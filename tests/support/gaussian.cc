#include "tests/support/gaussian.h"

#include <bit>
#include <cmath>

#include "tests/support/counter_random.h"

namespace axon::test {
namespace {

constexpr unsigned kStepBits = 15;
constexpr unsigned kSteps = 1U << kStepBits;
constexpr double kLastQuantile = 4.63;

// The z ≥ 0 with P(|Z| < z) = p, by Newton's method on erf from the last step's answer, which is close.
double half_normal_quantile(double p, double guess) {
  double z = guess;
  for (int round = 0; round < 30; ++round) {
    const double density = 2 / std::sqrt(2 * M_PI) * std::exp(-z * z / 2);
    const double step = (std::erf(z / std::sqrt(2.0)) - p) / density;
    z -= step;
    if (std::abs(step) < 1e-12) break;
  }
  return z;
}

}  // namespace

Gaussian::Gaussian() : steps_(kSteps) {
  double start = 0;
  for (unsigned i = 0; i < kSteps; ++i) {
    const bool last = i + 1 == kSteps;
    const double end = last ? kLastQuantile : half_normal_quantile((i + 1) / double{kSteps}, start);
    steps_[i] = {static_cast<float>(start), static_cast<float>((end - start) * 0x1p-16)};
    start = end;
  }
}

void Gaussian::fill(std::uint64_t seed, std::uint64_t first, std::span<float> out) const {
  const auto number = [this](std::uint32_t bits) {
    const Step step = steps_[(bits >> 16) & (kSteps - 1)];
    const float magnitude = step.start + static_cast<float>(static_cast<int>(bits & 0xFFFF)) * step.width;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | (bits & 0x80000000U));
  };
  std::uint64_t pair = first / 2;
  std::size_t i = 0;
  for (; i + 1 < out.size(); i += 2) {
    const std::uint64_t bits = random_at(seed, pair++);
    out[i] = number(static_cast<std::uint32_t>(bits));
    out[i + 1] = number(static_cast<std::uint32_t>(bits >> 32));
  }
  if (i < out.size()) out[i] = number(static_cast<std::uint32_t>(random_at(seed, pair)));
}

}  // namespace axon::test

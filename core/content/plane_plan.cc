#include "core/content/plane_plan.h"

#include <algorithm>

namespace axon::content {

namespace {

constexpr std::size_t kRuns = 16;
// In bits a byte.
constexpr double kStoredAbove = 7.9;
constexpr double kTriedBelow = 2.0;
constexpr double kMatchesBelow = 0.5;

PlaneMethod method_for(double entropy) {
  if (entropy > kStoredAbove) return PlaneMethod::stored;
  if (entropy < kMatchesBelow) return PlaneMethod::matches;
  return entropy < kTriedBelow ? PlaneMethod::tried : PlaneMethod::huffman;
}

std::size_t estimate_for(PlaneMethod method, double entropy, std::size_t count) {
  if (method == PlaneMethod::stored) return count;
  return static_cast<std::size_t>(static_cast<double>(count) * entropy / 8);
}

}  // namespace

std::array<Histogram, kMaxPlanes> sample_planes(ByteSpan raw, ByteSpan base, Elements elements, Turn turn,
                                                std::size_t limit) {
  std::array<std::byte, kMaxPlanes * kPlanSample> sample;
  limit = std::min(limit, kPlanSample);
  const std::size_t width = elements.width(), count = elements.count(raw.size());
  const std::size_t runs = count <= limit ? 1 : kRuns;
  const std::size_t length = std::min(count, limit / runs);
  std::size_t sampled = 0;
  for (std::size_t run = 0; run < runs; ++run) {
    const std::size_t first = runs == 1 ? 0 : (count - length) / (runs - 1) * run;
    const std::size_t at = elements.skip + first * width;
    PlanePointers planes{};
    for (std::size_t i = 0; i < width; ++i) planes[i] = sample.data() + i * kPlanSample + sampled;
    split_planes(raw.data() + at, base.empty() ? nullptr : base.data() + at, turn, width, length, planes);
    sampled += length;
  }
  std::array<Histogram, kMaxPlanes> histograms;
  for (std::size_t i = 0; i < width; ++i) histograms[i].add({sample.data() + i * kPlanSample, sampled});
  return histograms;
}

PlanePlan plan_planes(ByteSpan raw, ByteSpan base, Elements elements, std::size_t sample) {
  PlanePlan plan;
  plan.elements = elements;
  plan.turn = base.empty() ? turn_of(elements.element) : Turn::delta;
  const std::size_t width = elements.width(), count = elements.count(raw.size());
  const auto histograms = sample_planes(raw, base, elements, plan.turn, sample);
  plan.estimate = plane_header_size(width) + raw.size() - count * width;
  for (std::size_t i = 0; i < width; ++i) {
    const double entropy = histograms[i].entropy();
    plan.methods[i] = method_for(entropy);
    plan.estimates[i] = estimate_for(plan.methods[i], entropy, count);
    plan.estimate += plan.estimates[i];
  }
  return plan;
}

}  // namespace axon::content

#include "core/content/entropy.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace axon::content {

namespace {

constexpr std::size_t kTabled = 4097;  // samples are mostly smaller than that

const std::array<float, kTabled>& tabled_n_log_n() {
  static const auto table = [] {
    std::array<float, kTabled> values{};
    for (std::size_t n = 1; n < kTabled; ++n) {
      values[n] = static_cast<float>(static_cast<double>(n) * std::log2(static_cast<double>(n)));
    }
    return values;
  }();
  return table;
}

}  // namespace

void Histogram::add(ByteSpan bytes) {
  for (const std::byte byte : bytes) ++counts_[std::to_integer<std::size_t>(byte)];
  total_ += static_cast<std::uint32_t>(bytes.size());
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
}

double Histogram::entropy() const {
  if (total_ == 0) return 0;
  const auto& table = tabled_n_log_n();
  double sum = 0;
  unsigned symbols = 0;
  for (const std::uint32_t count : counts_) {
    sum +=
        count < kTabled ? static_cast<double>(table[count]) : count * std::log2(static_cast<double>(count));
    symbols += count != 0;
  }
  const double total = total_;
  const double correction = (symbols - 1) / (2 * std::numbers::ln2 * total);
  return std::clamp(std::log2(total) - sum / total + correction, 0.0, 8.0);
}

}  // namespace axon::content

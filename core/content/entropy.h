// Entropy of sampled bytes: how many bits each of them takes under a code for single bytes (Huffman's,
// about).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"

namespace axon::content {

class Histogram {
 public:
  void add(ByteSpan bytes);
  void add(const Histogram& other);
  std::uint32_t total() const { return total_; }
  // Bits per byte, 0 … 8, with Miller and Madow's correction: a small sample looks more regular than its
  // source.
  double entropy() const;

 private:
  std::array<std::uint32_t, 256> counts_{};
  std::uint32_t total_ = 0;
};

}  // namespace axon::content

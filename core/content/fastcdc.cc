#include "core/content/fastcdc.h"

#include <algorithm>

namespace axon::content {

namespace {

constexpr std::size_t kWindow = 64;  // older bytes have been shifted out of the hash

// The high bits are the ones that all 64 bytes reach.
constexpr std::uint64_t limit_of(unsigned zero_bits) {
  return std::uint64_t{1} << (64 - zero_bits);
}

std::uint64_t gear(std::byte byte) {
  return kGear[std::to_integer<std::size_t>(byte)];
}

std::uint64_t warm_up(const std::byte* position) {
  std::uint64_t hash = 0;
  for (const std::byte* at = position - kWindow; at < position; ++at) hash = (hash << 1) + gear(*at);
  return hash;
}

// The first position in (from, to] whose hash is below `limit`, or `to`, in which case `hash` is that of
// `to`. Two bytes a turn: the chain from turn to turn is then one shift and one addition, and the rest
// overlaps.
struct Scan {
  std::size_t at;
  bool found;
};
Scan scan(const std::byte* data, std::size_t from, std::size_t to, std::uint64_t limit, std::uint64_t& hash) {
  std::size_t at = from;
  for (; at + 2 <= to; at += 2) {
    const std::uint64_t first = gear(data[at]), second = gear(data[at + 1]);
    const std::uint64_t middle = (hash << 1) + first;
    hash = (hash << 2) + ((first << 1) + second);
    if (std::min(middle, hash) < limit) return {middle < limit ? at + 1 : at + 2, true};
  }
  for (; at < to; ++at) {
    hash = (hash << 1) + gear(data[at]);
    if (hash < limit) return {at + 1, true};
  }
  return {to, false};
}

}  // namespace

std::size_t fastcdc_cut(ByteSpan data) {
  if (data.size() <= kMinCut) return data.size();
  std::uint64_t hash = warm_up(data.data() + kMinCut);
  // The position kMinCut itself may be a cut too.
  if (hash < limit_of(kStrictBits)) return kMinCut;
  const std::size_t normal = std::min(kNormalCut, data.size());
  const Scan strict =
      scan(data.data(), kMinCut, normal - (normal == kNormalCut ? 1 : 0), limit_of(kStrictBits), hash);
  if (strict.found) return strict.at;
  const std::size_t end = std::min(kMaxCut, data.size());
  return scan(data.data(), strict.at, end, limit_of(kLooseBits), hash).at;
}

}  // namespace axon::content

// FastCDC: where plain data is cut (W. Xia et al., USENIX ATC 2016 and TPDS 2020).
//
// The gear hash of a position is  h = Σ gear[byte at distance d before it] << d  over the 64 bytes before it
// (64-bit wrap-around): a function of those bytes alone. A chunk ends at the first position of at least
// kMinCut bytes whose hash has kStrictBits zero high bits, from kNormalCut on only kLooseBits of them, and at
// kMaxCut at the latest.
//
// gear[i] is the (i+1)-th number of splitmix64 started at kGearSeed. Table, bit counts and sizes are part of
// the format: a change of any of them stops new data from sharing chunks with old data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"

namespace axon::content {

constexpr std::size_t kMinCut = 64 * 1024;
constexpr std::size_t kNormalCut = 256 * 1024;
constexpr std::size_t kMaxCut = 1024 * 1024;
constexpr unsigned kStrictBits = 20;  // two more than log2(kNormalCut), and two less below: normalisation 2
constexpr unsigned kLooseBits = 16;
constexpr std::uint64_t kGearSeed = 0x41584F4E47454152;  // "AXONGEAR" as a big-endian number

using GearTable = std::array<std::uint64_t, 256>;

constexpr GearTable make_gear_table() {
  GearTable table{};
  std::uint64_t state = kGearSeed;
  for (std::uint64_t& entry : table) {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    entry = mixed ^ (mixed >> 31);
  }
  return table;
}
inline constexpr GearTable kGear = make_gear_table();

// The length of the first chunk of `data`, which reaches to the end of the span or holds kMaxCut bytes or
// more. At most data.size(); never 0 unless data is empty.
std::size_t fastcdc_cut(ByteSpan data);

}  // namespace axon::content

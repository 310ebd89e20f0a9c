// SHA-256's compression function on the x86 SHA instructions, for one state or for two at once.
//
// The instructions of one digest wait on each other; a second, independent digest fills the gaps, so two cost
// little more than one (figures: docs/adr/0001-paired-sha256.md). Only whole blocks: padding and buffering
// are the caller's. Call nothing but sha_instructions() where that returns false.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace axon::content {

constexpr std::size_t kShaBlock = 64;  // bytes

struct ShaState {
  // FIPS 180-4's initial hash value.
  std::array<std::uint32_t, 8> h{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
};

// True where this processor has the instructions.
bool sha_instructions();

void sha_blocks(ShaState& state, const std::byte* data, std::size_t blocks);
// Two states over two places in memory (which may overlap or be the same), `blocks` blocks each.
void sha_blocks_pair(ShaState& a, const std::byte* data_a, ShaState& b, const std::byte* data_b,
                     std::size_t blocks);

}  // namespace axon::content

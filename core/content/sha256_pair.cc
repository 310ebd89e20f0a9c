#include "core/content/sha256_pair.h"

#include <cstdlib>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace axon::content {

#if defined(__x86_64__)

#define AXON_SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define AXON_SHA_INLINE __attribute__((target("sha,sse4.1,ssse3"), always_inline)) inline

namespace {

alignas(64) constexpr std::uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The eight words of a state in the order that the instructions want: (a b e f) and (c d g h).
struct Lane {
  __m128i abef, cdgh;
};
// Sixteen words of the message schedule: four groups of four, each replaced by the group sixteen words on.
struct Schedule {
  __m128i w[4];
};

AXON_SHA_INLINE Lane load_lane(const ShaState& state) {
  const __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&state.h[0]));
  const __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&state.h[4]));
  const __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1B);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

AXON_SHA_INLINE void store_lane(const Lane& lane, ShaState& state) {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state.h[0]), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state.h[4]), _mm_alignr_epi8(dchg, feba, 8));
}

AXON_SHA_INLINE Schedule load_block(const std::byte* data) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const auto* words = reinterpret_cast<const __m128i*>(data);
  return {{_mm_shuffle_epi8(_mm_loadu_si128(words), swap), _mm_shuffle_epi8(_mm_loadu_si128(words + 1), swap),
           _mm_shuffle_epi8(_mm_loadu_si128(words + 2), swap),
           _mm_shuffle_epi8(_mm_loadu_si128(words + 3), swap)}};
}

// The words of rounds 4×Step … 4×Step+3 with their constants; moves the schedule on.
template <int Step>
AXON_SHA_INLINE __m128i next_words(Schedule& s) {
  __m128i& now = s.w[Step % 4];
  const auto* constants = reinterpret_cast<const __m128i*>(kRound) + Step;
  const __m128i words = _mm_add_epi32(now, _mm_load_si128(constants));
  if constexpr (Step < 12) {
    const __m128i last = s.w[(Step + 3) % 4];
    const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(now, s.w[(Step + 1) % 4]),
                                      _mm_alignr_epi8(last, s.w[(Step + 2) % 4], 4));
    now = _mm_sha256msg2_epu32(sum, last);
  }
  return words;
}

AXON_SHA_INLINE void four_rounds(Lane& lane, __m128i words) {
  lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, words);
  lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32(words, 0x0E));
}

AXON_SHA_INLINE void add_lane(Lane& to, const Lane& from) {
  to.abef = _mm_add_epi32(to.abef, from.abef);
  to.cdgh = _mm_add_epi32(to.cdgh, from.cdgh);
}

template <int... Step>
AXON_SHA_INLINE void block(Lane& lane, Schedule s, std::integer_sequence<int, Step...>) {
  const Lane before = lane;
  (four_rounds(lane, next_words<Step>(s)), ...);
  add_lane(lane, before);
}

template <int Step>
AXON_SHA_INLINE void step_pair(Lane& a, Schedule& sa, Lane& b, Schedule& sb) {
  four_rounds(a, next_words<Step>(sa));
  four_rounds(b, next_words<Step>(sb));
}
template <int... Step>
AXON_SHA_INLINE void block_pair(Lane& a, Schedule sa, Lane& b, Schedule sb,
                                std::integer_sequence<int, Step...>) {
  const Lane before_a = a, before_b = b;
  (step_pair<Step>(a, sa, b, sb), ...);
  add_lane(a, before_a);
  add_lane(b, before_b);
}

using Steps = std::make_integer_sequence<int, 16>;

bool detect() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  constexpr unsigned kSha = 1u << 29;
  return (b & kSha) != 0 && __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3");
}

}  // namespace

bool sha_instructions() {
  static const bool present = detect();
  return present;
}

AXON_SHA_TARGET void sha_blocks(ShaState& state, const std::byte* data, std::size_t blocks) {
  Lane lane = load_lane(state);
  for (; blocks > 0; --blocks, data += kShaBlock) block(lane, load_block(data), Steps{});
  store_lane(lane, state);
}

AXON_SHA_TARGET void sha_blocks_pair(ShaState& a, const std::byte* data_a, ShaState& b,
                                     const std::byte* data_b, std::size_t blocks) {
  Lane lane_a = load_lane(a), lane_b = load_lane(b);
  for (; blocks > 0; --blocks, data_a += kShaBlock, data_b += kShaBlock) {
    block_pair(lane_a, load_block(data_a), lane_b, load_block(data_b), Steps{});
  }
  store_lane(lane_a, a);
  store_lane(lane_b, b);
}

#else

bool sha_instructions() {
  return false;
}
void sha_blocks(ShaState&, const std::byte*, std::size_t) {
  std::abort();
}
void sha_blocks_pair(ShaState&, const std::byte*, ShaState&, const std::byte*, std::size_t) {
  std::abort();
}

#endif

}  // namespace axon::content

#include "core/content/plane_kernels.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace axon::content {

namespace {

// Written once, compiled for each instruction set: the compiler widens these loops to its vectors.
#define AXON_INLINE __attribute__((always_inline)) inline

template <std::unsigned_integral Word>
constexpr int kTopBit = std::numeric_limits<Word>::digits - 1;

template <std::unsigned_integral Word>
AXON_INLINE void rotate_left(const std::byte* from, std::size_t count, std::byte* to) {
  for (std::size_t i = 0; i < count; ++i) {
    const Word word = load_le<Word>(from + i * sizeof(Word));
    store_le(to + i * sizeof(Word), static_cast<Word>(word << 1 | word >> kTopBit<Word>));
  }
}

template <std::unsigned_integral Word>
AXON_INLINE void rotate_right(const std::byte* from, std::size_t count, std::byte* to) {
  for (std::size_t i = 0; i < count; ++i) {
    const Word word = load_le<Word>(from + i * sizeof(Word));
    store_le(to + i * sizeof(Word), static_cast<Word>(word >> 1 | word << kTopBit<Word>));
  }
}

template <std::unsigned_integral Word>
AXON_INLINE void subtract(const std::byte* from, const std::byte* base, std::size_t count, std::byte* to) {
  for (std::size_t i = 0; i < count; ++i) {
    const Word word = load_le<Word>(from + i * sizeof(Word));
    const Word difference = static_cast<Word>(word - load_le<Word>(base + i * sizeof(Word)));
    const Word sign = static_cast<Word>(-static_cast<Word>(difference >> kTopBit<Word>));
    store_le(to + i * sizeof(Word), static_cast<Word>(static_cast<Word>(difference << 1) ^ sign));
  }
}

template <std::unsigned_integral Word>
AXON_INLINE void add(const std::byte* from, const std::byte* base, std::size_t count, std::byte* to) {
  for (std::size_t i = 0; i < count; ++i) {
    const Word zigzag = load_le<Word>(from + i * sizeof(Word));
    const Word sign = static_cast<Word>(-static_cast<Word>(zigzag & 1));
    const Word difference = static_cast<Word>(static_cast<Word>(zigzag >> 1) ^ sign);
    store_le(to + i * sizeof(Word), static_cast<Word>(load_le<Word>(base + i * sizeof(Word)) + difference));
  }
}

template <std::unsigned_integral Word>
AXON_INLINE void turn_words(const std::byte* from, const std::byte* base, Turn turn, std::size_t count,
                            std::byte* to) {
  if (turn == Turn::delta) return subtract<Word>(from, base, count, to);
  if (turn == Turn::rotate) return rotate_left<Word>(from, count, to);
  std::memcpy(to, from, count * sizeof(Word));
}

template <std::unsigned_integral Word>
AXON_INLINE void turn_words_back(const std::byte* from, const std::byte* base, Turn turn, std::size_t count,
                                 std::byte* to) {
  if (turn == Turn::delta) return add<Word>(from, base, count, to);
  if (turn == Turn::rotate) return rotate_right<Word>(from, count, to);
  std::memcpy(to, from, count * sizeof(Word));
}

AXON_INLINE void turn_any(const std::byte* from, const std::byte* base, Turn turn, std::size_t width,
                          std::size_t count, std::byte* to) {
  if (width == 2) return turn_words<std::uint16_t>(from, base, turn, count, to);
  if (width == 4) return turn_words<std::uint32_t>(from, base, turn, count, to);
  if (width == 8) return turn_words<std::uint64_t>(from, base, turn, count, to);
  turn_words<std::uint8_t>(from, base, turn, count, to);
}

AXON_INLINE void turn_any_back(const std::byte* from, const std::byte* base, Turn turn, std::size_t width,
                               std::size_t count, std::byte* to) {
  if (width == 2) return turn_words_back<std::uint16_t>(from, base, turn, count, to);
  if (width == 4) return turn_words_back<std::uint32_t>(from, base, turn, count, to);
  if (width == 8) return turn_words_back<std::uint64_t>(from, base, turn, count, to);
  turn_words_back<std::uint8_t>(from, base, turn, count, to);
}

void turn_plain(const std::byte* from, const std::byte* base, Turn turn, std::size_t width, std::size_t count,
                std::byte* to) {
  turn_any(from, base, turn, width, count, to);
}
void turn_back_plain(const std::byte* from, const std::byte* base, Turn turn, std::size_t width,
                     std::size_t count, std::byte* to) {
  turn_any_back(from, base, turn, width, count, to);
}
void deinterleave_plain(const std::byte* from, std::size_t pairs, std::byte* even, std::byte* odd) {
  for (std::size_t i = 0; i < pairs; ++i) {
    even[i] = from[2 * i];
    odd[i] = from[2 * i + 1];
  }
}
void interleave_plain(const std::byte* even, const std::byte* odd, std::size_t pairs, std::byte* to) {
  for (std::size_t i = 0; i < pairs; ++i) {
    to[2 * i] = even[i];
    to[2 * i + 1] = odd[i];
  }
}

constexpr PlaneKernels kPlain{"plain", turn_plain, turn_back_plain, deinterleave_plain, interleave_plain};

#if defined(__x86_64__)

#define AXON_AVX2 __attribute__((target("avx2")))
#define AXON_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

AXON_AVX2 void turn_avx2(const std::byte* from, const std::byte* base, Turn turn, std::size_t width,
                         std::size_t count, std::byte* to) {
  turn_any(from, base, turn, width, count, to);
}
AXON_AVX2 void turn_back_avx2(const std::byte* from, const std::byte* base, Turn turn, std::size_t width,
                              std::size_t count, std::byte* to) {
  turn_any_back(from, base, turn, width, count, to);
}

AXON_AVX2_INLINE __m256i load(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
AXON_AVX2_INLINE void store(std::byte* to, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), value);
}

AXON_AVX2 void deinterleave_avx2(const std::byte* from, std::size_t pairs, std::byte* even, std::byte* odd) {
  const __m256i low_byte = _mm256_set1_epi16(0xFF);
  std::size_t i = 0;
  for (; i + 32 <= pairs; i += 32) {
    const __m256i a = load(from + 2 * i), b = load(from + 2 * i + 32);
    const __m256i evens = _mm256_packus_epi16(_mm256_and_si256(a, low_byte), _mm256_and_si256(b, low_byte));
    const __m256i odds = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
    // packus works within 128-bit halves: put the quarters back in order.
    store(even + i, _mm256_permute4x64_epi64(evens, 0xD8));
    store(odd + i, _mm256_permute4x64_epi64(odds, 0xD8));
  }
  deinterleave_plain(from + 2 * i, pairs - i, even + i, odd + i);
}

AXON_AVX2 void interleave_avx2(const std::byte* even, const std::byte* odd, std::size_t pairs,
                               std::byte* to) {
  std::size_t i = 0;
  for (; i + 32 <= pairs; i += 32) {
    const __m256i a = load(even + i), b = load(odd + i);
    const __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
    store(to + 2 * i, _mm256_permute2x128_si256(low, high, 0x20));
    store(to + 2 * i + 32, _mm256_permute2x128_si256(low, high, 0x31));
  }
  interleave_plain(even + i, odd + i, pairs - i, to + 2 * i);
}

constexpr std::array kAll{PlaneKernels{"avx2", turn_avx2, turn_back_avx2, deinterleave_avx2, interleave_avx2},
                          kPlain};

std::span<const PlaneKernels> runnable() {
  const std::span<const PlaneKernels> all = kAll;
  return __builtin_cpu_supports("avx2") ? all : all.last(1);
}

#else

constexpr std::array kAll{kPlain};
std::span<const PlaneKernels> runnable() {
  return kAll;
}

#endif

}  // namespace

std::span<const PlaneKernels> plane_kernels() {
  return runnable();
}

}  // namespace axon::content

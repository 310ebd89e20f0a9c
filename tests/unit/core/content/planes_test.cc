#include "core/content/planes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/content/entropy.h"
#include "core/content/plane_kernels.h"
#include "tests/unit/core/content/codec_data.h"

namespace axon::content {
namespace {

using Planes = std::vector<Bytes>;

template <class Word>
Word turned(Word word, Word base, Turn turn) {
  if (turn == Turn::rotate) return std::rotl(word, 1);
  if (turn == Turn::none) return word;
  const auto difference = static_cast<std::make_signed_t<Word>>(static_cast<Word>(word - base));
  const Word doubled = static_cast<Word>(static_cast<Word>(difference) << 1);
  return difference < 0 ? static_cast<Word>(~doubled) : doubled;
}

// As planes.h defines it, byte by byte.
template <class Word>
Planes expected(const Bytes& raw, const Bytes& base, Turn turn) {
  Planes planes(sizeof(Word));
  for (std::size_t at = 0; at < raw.size(); at += sizeof(Word)) {
    const Word word = turned(load_le<Word>(raw.data() + at), load_le<Word>(base.data() + at), turn);
    for (std::size_t i = 0; i < sizeof(Word); ++i) planes[i].push_back(static_cast<std::byte>(word >> 8 * i));
  }
  return planes;
}

template <class Word>
void expect_exact(const PlaneKernels& kernels, std::size_t count, Turn turn) {
  const Bytes raw = noise(count * sizeof(Word), 5), base = noise(count * sizeof(Word), 6);
  const Planes wanted = expected<Word>(raw, base, turn);
  Planes planes(sizeof(Word), Bytes(count + 1, std::byte{0xAA}));  // one more, to see what is written past it
  PlanePointers pointers{};
  ConstPlanePointers back{};
  for (std::size_t i = 0; i < sizeof(Word); ++i) back[i] = pointers[i] = planes[i].data();
  split_planes(kernels, raw.data(), base.data(), turn, sizeof(Word), count, pointers);
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    EXPECT_EQ(planes[i].back(), std::byte{0xAA});
    planes[i].pop_back();
    ASSERT_EQ(planes[i], wanted[i]) << kernels.name << " width " << sizeof(Word) << " plane " << i;
  }
  Bytes joined(raw.size() + 1, std::byte{0xAA});
  join_planes(kernels, back, base.data(), turn, sizeof(Word), count, joined.data());
  EXPECT_EQ(joined.back(), std::byte{0xAA});
  joined.pop_back();
  EXPECT_EQ(joined, raw) << kernels.name << " width " << sizeof(Word);
}

TEST(Planes, AreWhatTheirDefinitionSaysInEveryKernel) {
  for (const PlaneKernels& kernels : plane_kernels()) {
    for (const Turn turn : {Turn::none, Turn::rotate, Turn::delta}) {
      for (const std::size_t count : {0, 1, 2, 31, 32, 33, 63, 65, 127, 1000, 1024, 4097, 20'001}) {
        if (turn != Turn::rotate) expect_exact<std::uint8_t>(kernels, count, turn);
        expect_exact<std::uint16_t>(kernels, count, turn);
        expect_exact<std::uint32_t>(kernels, count, turn);
        expect_exact<std::uint64_t>(kernels, count, turn);
      }
    }
  }
}

TEST(Planes, PutTheExponentOfAFloatIntoOnePlane) {
  const Bytes raw = weights<std::uint16_t>(10'000);
  Bytes low(10'000), high(10'000);
  split_planes(raw.data(), nullptr, turn_of(Element::bf16), 2, 10'000, {low.data(), high.data()});
  for (std::size_t i = 0; i < high.size(); ++i) {
    const unsigned exponent = load_le<std::uint16_t>(raw.data() + 2 * i) >> 7 & 0xFF;
    ASSERT_EQ(std::to_integer<unsigned>(high[i]), exponent);
  }
}

TEST(Entropy, IsExactForDataOfWhichItIsKnown) {
  Histogram empty, constant, coin, uniform;
  EXPECT_EQ(empty.entropy(), 0);
  constant.add(Bytes(5000));
  EXPECT_EQ(constant.entropy(), 0);
  for (int i = 0; i < 5000; ++i) {
    const std::byte two[] = {std::byte{7}, std::byte{9}};
    coin.add(two);
  }
  EXPECT_NEAR(coin.entropy(), 1, 0.001);
  uniform.add(noise(100'000));
  EXPECT_GT(uniform.entropy(), 7.99);
}

TEST(Entropy, IsNotFooledByASmallSampleOfNoise) {
  Histogram histogram;
  histogram.add(noise(4096));
  EXPECT_GT(histogram.entropy(), 7.95);
}

TEST(Entropy, AddsUp) {
  Histogram halves, whole, other;
  const Bytes bytes = prose(4000);
  halves.add(ByteSpan(bytes).first(1500));
  other.add(ByteSpan(bytes).subspan(1500));
  halves.add(other);
  whole.add(bytes);
  EXPECT_EQ(halves.entropy(), whole.entropy());
  EXPECT_EQ(halves.total(), whole.total());
}

}  // namespace
}  // namespace axon::content

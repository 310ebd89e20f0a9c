#include "core/model/tensor_stats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/error.h"

namespace axon::model {
namespace {

template <class T>
Bytes bytes_of(std::initializer_list<T> values) {
  Bytes bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), std::data(values), bytes.size());
  return bytes;
}

TensorReader reader(Bytes bytes) {
  return [bytes = std::move(bytes), at = std::size_t{0}](MutableByteSpan into) mutable {
    const std::size_t count = std::min(into.size(), bytes.size() - at);
    if (count != 0) std::memcpy(into.data(), bytes.data() + at, count);
    at += count;
    return count;
  };
}

TensorStats stats(std::string_view dtype, Bytes before, Bytes after) {
  return tensor_stats(dtype, reader(std::move(before)), reader(std::move(after)));
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(TensorStats, MeasuresNormsAndTheLargestChange) {
  const TensorStats result = stats("F32", bytes_of({3.0F, 4.0F, 0.0F}), bytes_of({3.0F, 4.0F, -2.0F}));
  EXPECT_EQ(result.numbers, Numbers::understood);
  EXPECT_DOUBLE_EQ(result.norm_before, 5);
  EXPECT_DOUBLE_EQ(result.norm_after, std::sqrt(29));
  EXPECT_DOUBLE_EQ(result.norm_change, 2);
  EXPECT_DOUBLE_EQ(result.relative_change, 0.4);
  EXPECT_DOUBLE_EQ(result.largest_change, 2);
  EXPECT_EQ(result.elements, 3);
  EXPECT_EQ(result.elements_changed, 1);
  EXPECT_EQ(result.elements_not_finite, 0);
}

TEST(TensorStats, EqualTensorsDidNotChange) {
  const TensorStats result = stats("F32", bytes_of({kNaN, 4.0F}), bytes_of({kNaN, 4.0F}));
  EXPECT_EQ(result.elements_changed, 0);
  EXPECT_EQ(result.elements_not_finite, 1);
  EXPECT_EQ(result.norm_change, 0);
  EXPECT_EQ(result.relative_change, 0);
}

TEST(TensorStats, WhatIsNotFiniteIsCountedAndLeftOut) {
  const TensorStats result =
      stats("F32", bytes_of({kInfinity, 1.0F, 2.0F}), bytes_of({1.0F, -kInfinity, 5.0F}));
  EXPECT_EQ(result.elements_not_finite, 2);
  EXPECT_EQ(result.elements_changed, 3);
  EXPECT_DOUBLE_EQ(result.norm_before, 2);
  EXPECT_DOUBLE_EQ(result.largest_change, 3);
}

TEST(TensorStats, ZerosThatChangeAreAChangeOfOne) {
  EXPECT_DOUBLE_EQ(stats("F32", bytes_of({0.0F}), bytes_of({2.0F})).relative_change, 1);
  EXPECT_DOUBLE_EQ(stats("F32", bytes_of({0.0F}), bytes_of({0.0F})).relative_change, 0);
}

TEST(TensorStats, HugeDoublesStayFinite) {
  constexpr double kMax = std::numeric_limits<double>::max();
  const TensorStats result = stats("F64", bytes_of({kMax, kMax}), bytes_of({-kMax, kMax}));
  EXPECT_TRUE(std::isfinite(result.norm_before));
  EXPECT_TRUE(std::isfinite(result.norm_change));
  EXPECT_EQ(result.largest_change, kMax);
  EXPECT_EQ(result.elements_not_finite, 0);
}

TEST(TensorStats, ReadsHalfPrecision) {
  // 1, -2, the smallest subnormal, the largest number; then infinity and NaN
  const Bytes before = bytes_of<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0x7E00});
  const TensorStats result = stats("F16", before, Bytes(12));
  EXPECT_EQ(result.elements_not_finite, 2);
  EXPECT_DOUBLE_EQ(result.largest_change, 65504);
  EXPECT_NEAR(result.norm_before, std::sqrt(1 + 4 + 65504.0 * 65504), 1e-6);
  EXPECT_DOUBLE_EQ(stats("F16", bytes_of<std::uint16_t>({0x0001}), Bytes(2)).norm_before, 0x1p-24);
}

TEST(TensorStats, ReadsBrainFloats) {
  const TensorStats result =
      stats("BF16", bytes_of<std::uint16_t>({0x3F80, 0x7F80}), bytes_of<std::uint16_t>({0xC000, 0x7F80}));
  EXPECT_DOUBLE_EQ(result.norm_before, 1);
  EXPECT_DOUBLE_EQ(result.largest_change, 3);
  EXPECT_EQ(result.elements_not_finite, 1);
}

TEST(TensorStats, ReadsEightBitFloats) {
  const auto largest = [](std::string_view dtype, std::uint8_t bits) {
    return stats(dtype, bytes_of<std::uint8_t>({bits}), Bytes(1)).largest_change;
  };
  EXPECT_DOUBLE_EQ(largest("F8_E4M3", 0x38), 1);
  EXPECT_DOUBLE_EQ(largest("F8_E4M3", 0x7E), 448);
  EXPECT_DOUBLE_EQ(largest("F8_E4M3", 0x01), 0x1p-9);
  EXPECT_DOUBLE_EQ(largest("F8_E5M2", 0x3C), 1);
  EXPECT_DOUBLE_EQ(largest("F8_E5M2", 0x7B), 57344);
  EXPECT_EQ(stats("F8_E4M3", bytes_of<std::uint8_t>({0x7F, 0xFF}), Bytes(2)).elements_not_finite, 2);
  EXPECT_EQ(stats("F8_E5M2", bytes_of<std::uint8_t>({0x7C, 0x7D}), Bytes(2)).elements_not_finite, 2);
}

template <class T>
double integer_change(std::string_view dtype, T before, T after) {
  return stats(dtype, bytes_of({before}), bytes_of({after})).largest_change;
}

TEST(TensorStats, ReadsIntegersOfEveryWidthAndSign) {
  EXPECT_EQ(integer_change<std::int8_t>("I8", -128, 127), 255);
  EXPECT_EQ(integer_change<std::uint8_t>("U8", 0, 255), 255);
  EXPECT_EQ(integer_change<std::int16_t>("I16", -32768, 32767), 65535);
  EXPECT_EQ(integer_change<std::uint16_t>("U16", 65535, 0), 65535);
  EXPECT_EQ(integer_change<std::int32_t>("I32", -2147483647, 2147483647), 4294967294);
  EXPECT_EQ(integer_change<std::uint32_t>("U32", 0, 4294967295), 4294967295);
  EXPECT_EQ(integer_change<std::int64_t>("I64", std::numeric_limits<std::int64_t>::min(), 0), 0x1p63);
  EXPECT_EQ(integer_change<std::uint64_t>("U64", ~std::uint64_t{0} - 1, ~std::uint64_t{0}), 1);
  EXPECT_EQ(integer_change<std::uint8_t>("BOOL", 0, 7), 1);
}

TEST(TensorStats, CountsBytesOfWhatItDoesNotUnderstand) {
  const TensorStats result = stats("Q4_K", bytes_of({'a', 'b', 'c'}), bytes_of({'a', 'x', 'y'}));
  EXPECT_EQ(result.numbers, Numbers::opaque);
  EXPECT_EQ(result.elements, 3);
  EXPECT_EQ(result.elements_changed, 2);
  EXPECT_EQ(result.norm_before, 0);
}

TEST(TensorStats, SumsOverManyBlocks) {
  constexpr std::size_t kCount = (std::size_t{5} << 18) + 3;  // five blocks of binary32 and a rest
  std::size_t given = 0;
  const auto ones = [](std::size_t& at) {
    return [&at](MutableByteSpan into) {
      const std::size_t count = std::min(into.size() / 4, kCount - at);
      const float one = 1;
      for (std::size_t i = 0; i < count; ++i) std::memcpy(into.data() + 4 * i, &one, 4);
      at += count;
      return 4 * count;
    };
  };
  const TensorStats result = tensor_stats("F32", ones(given), reader(Bytes(4 * kCount)));
  EXPECT_EQ(result.elements, kCount);
  EXPECT_EQ(result.elements_changed, kCount);
  EXPECT_DOUBLE_EQ(result.norm_change, std::sqrt(double{kCount}));
}

TEST(TensorStats, TensorsWithoutElementsAreEqual) {
  const TensorStats result = stats("F32", {}, {});
  EXPECT_EQ(result.elements, 0);
  EXPECT_EQ(result.relative_change, 0);
}

TEST(TensorStats, RefusesUnequalLengths) {
  EXPECT_THROW(stats("F32", Bytes(4), Bytes(8)), Error);
  EXPECT_THROW(stats("F32", Bytes(std::size_t{1} << 20), Bytes((std::size_t{1} << 20) + 4)), Error);
}

TEST(TensorStats, RefusesPartsOfAnElement) {
  EXPECT_THROW(stats("F32", Bytes(6), Bytes(6)), Error);
}

}  // namespace
}  // namespace axon::model

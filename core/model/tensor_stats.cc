#include "core/model/tensor_stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "core/base/error.h"

namespace axon::model {
namespace {

constexpr std::size_t kBlockSize = std::size_t{1} << 20;
constexpr std::size_t kLanes =
    8;  // sums that do not wait for each other, so that the compiler can use vectors

struct Sums {
  // Squares of the largest doubles do not fit a double; a long double has the range.
  long double before = 0, after = 0, change = 0, largest = 0;
  std::uint64_t changed = 0, not_finite = 0;
};

// How one element is read: Bits is what the file holds, Value what it is computed with, Sum what is summed
// in.
template <class BitsType, class ValueType, class SumType = double>
struct Format {
  using Bits = BitsType;
  using Value = ValueType;
  using Sum = SumType;
};

template <class Integer>
struct Whole : Format<std::make_unsigned_t<Integer>, Integer> {
  static Integer value(std::make_unsigned_t<Integer> bits) { return static_cast<Integer>(bits); }
};
struct Truth : Format<std::uint8_t, std::int8_t> {
  static std::int8_t value(std::uint8_t bits) { return bits != 0; }
};
struct Float64 : Format<std::uint64_t, double, long double> {
  static double value(std::uint64_t bits) { return std::bit_cast<double>(bits); }
};
struct Float32 : Format<std::uint32_t, float> {
  static float value(std::uint32_t bits) { return std::bit_cast<float>(bits); }
};
struct Bfloat16 : Format<std::uint16_t, float> {
  static float value(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
};
struct Float16 : Format<std::uint16_t, float> {
  static float value(std::uint16_t bits) {
    // Shifted into binary32's fields a value is off by 2^112, subnormals included; the last exponent is kept.
    const std::uint32_t sign = std::uint32_t{bits & 0x8000U} << 16, magnitude = bits & 0x7FFFU;
    const float finite = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
    const float result = magnitude >= 0x7C00 ? std::numeric_limits<float>::infinity() : finite;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(result) | sign);
  }
};
// One byte with four bits of exponent and no infinity ("FN"): 0x7F is NaN.
struct Float8E4M3 : Format<std::uint8_t, float> {
  static float value(std::uint8_t bits) {
    const std::uint32_t sign = std::uint32_t{bits & 0x80U} << 24, magnitude = bits & 0x7FU;
    const float finite = std::bit_cast<float>(magnitude << 20) * 0x1p120F;
    const float result = magnitude == 0x7F ? std::numeric_limits<float>::quiet_NaN() : finite;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(result) | sign);
  }
};
// The upper half of a binary16.
struct Float8E5M2 : Format<std::uint8_t, float> {
  static float value(std::uint8_t bits) { return Float16::value(static_cast<std::uint16_t>(bits << 8)); }
};

// |after − before|, exact for integers of any size before it is rounded.
template <class F>
typename F::Sum distance(typename F::Value before, typename F::Value after) {
  using Sum = typename F::Sum;
  if constexpr (sizeof(typename F::Value) == 8 && std::is_integral_v<typename F::Value>) {
    const auto low = std::min(before, after), high = std::max(before, after);
    return static_cast<Sum>(static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low));
  } else {
    return std::abs(static_cast<Sum>(after) - static_cast<Sum>(before));
  }
}

template <class Value>
bool is_finite(Value value) {
  if constexpr (std::is_integral_v<Value>) {
    return true;
  } else {
    return std::abs(value) <= std::numeric_limits<Value>::max();
  }
}

template <class F>
struct Lane {
  typename F::Sum before = 0, after = 0, change = 0, largest = 0;
  std::uint64_t changed = 0, not_finite = 0;

  void add(const std::byte* old_bytes, const std::byte* new_bytes) {
    using Sum = typename F::Sum;
    const auto old_bits = load_le<typename F::Bits>(old_bytes);
    const auto new_bits = load_le<typename F::Bits>(new_bytes);
    const auto old_value = F::value(old_bits), new_value = F::value(new_bits);
    const bool finite = is_finite(old_value) && is_finite(new_value);
    changed += old_bits != new_bits ? 1 : 0;
    not_finite += finite ? 0 : 1;
    const Sum a = finite ? static_cast<Sum>(old_value) : Sum{0};
    const Sum b = finite ? static_cast<Sum>(new_value) : Sum{0};
    const Sum moved = finite ? distance<F>(old_value, new_value) : Sum{0};
    before += a * a;
    after += b * b;
    change += moved * moved;
    largest = std::max(largest, moved);
  }
};

template <class F>
void add_block(ByteSpan before, ByteSpan after, Sums& sums) {
  constexpr std::size_t kSize = sizeof(typename F::Bits);
  std::array<Lane<F>, kLanes> lanes;
  std::size_t at = 0;
  for (; at + kLanes * kSize <= before.size(); at += kLanes * kSize)
    for (std::size_t i = 0; i < kLanes; ++i)
      lanes[i].add(before.data() + at + i * kSize, after.data() + at + i * kSize);
  for (; at < before.size(); at += kSize) lanes[0].add(before.data() + at, after.data() + at);
  for (const auto& lane : lanes) {
    sums.before += lane.before;
    sums.after += lane.after;
    sums.change += lane.change;
    sums.largest = std::max<long double>(sums.largest, lane.largest);
    sums.changed += lane.changed;
    sums.not_finite += lane.not_finite;
  }
}

void count_bytes(ByteSpan before, ByteSpan after, Sums& sums) {
  for (std::size_t i = 0; i < before.size(); ++i) sums.changed += before[i] != after[i] ? 1 : 0;
}

struct Kind {
  std::string_view dtype;
  std::size_t size;
  void (*add)(ByteSpan, ByteSpan, Sums&);
};

constexpr std::array<Kind, 15> kKinds{{
    {"BF16", 2, add_block<Bfloat16>},
    {"F16", 2, add_block<Float16>},
    {"F32", 4, add_block<Float32>},
    {"F64", 8, add_block<Float64>},
    {"F8_E4M3", 1, add_block<Float8E4M3>},
    {"F8_E5M2", 1, add_block<Float8E5M2>},
    {"BOOL", 1, add_block<Truth>},
    {"I8", 1, add_block<Whole<std::int8_t>>},
    {"U8", 1, add_block<Whole<std::uint8_t>>},
    {"I16", 2, add_block<Whole<std::int16_t>>},
    {"U16", 2, add_block<Whole<std::uint16_t>>},
    {"I32", 4, add_block<Whole<std::int32_t>>},
    {"U32", 4, add_block<Whole<std::uint32_t>>},
    {"I64", 8, add_block<Whole<std::int64_t>>},
    {"U64", 8, add_block<Whole<std::uint64_t>>},
}};
constexpr Kind kOpaque{"", 1, count_bytes};

double as_double(long double value) {
  return static_cast<double>(std::min<long double>(value, std::numeric_limits<double>::max()));
}

TensorStats summarise(const Kind& kind, const Sums& sums, std::uint64_t bytes) {
  TensorStats stats;
  stats.numbers = &kind == &kOpaque ? Numbers::opaque : Numbers::understood;
  stats.norm_before = as_double(std::sqrt(sums.before));
  stats.norm_after = as_double(std::sqrt(sums.after));
  stats.norm_change = as_double(std::sqrt(sums.change));
  if (sums.change > 0)
    stats.relative_change = sums.before > 0 ? as_double(std::sqrt(sums.change) / std::sqrt(sums.before)) : 1;
  stats.largest_change = as_double(sums.largest);
  stats.elements = bytes / kind.size;
  stats.elements_changed = sums.changed;
  stats.elements_not_finite = sums.not_finite;
  return stats;
}

}  // namespace

TensorStats tensor_stats(std::string_view dtype, const TensorReader& before, const TensorReader& after) {
  const auto* known = std::ranges::find(kKinds, dtype, &Kind::dtype);
  const Kind& kind = known == kKinds.end() ? kOpaque : *known;
  Bytes old_block(kBlockSize), new_block(kBlockSize);
  Sums sums;
  std::uint64_t bytes = 0;
  for (std::size_t length = kBlockSize; length == kBlockSize; bytes += length) {
    length = before(old_block);
    if (after(new_block) != length)
      throw Error(ErrorCode::integrity, "cannot compare two tensors").because("they differ in length");
    if (length % kind.size != 0)
      throw Error(ErrorCode::integrity, "cannot compare two tensors")
          .because(fmt::format("their length is no multiple of {}, the size of '{}'", kind.size, dtype));
    kind.add(ByteSpan(old_block).first(length), ByteSpan(new_block).first(length), sums);
  }
  return summarise(kind, sums, bytes);
}

}  // namespace axon::model

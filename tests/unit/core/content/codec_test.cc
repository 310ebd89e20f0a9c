#include "core/content/codec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"
#include "tests/unit/core/content/codec_data.h"

namespace axon::content {
namespace {

constexpr Element kElements[] = {Element::bytes, Element::bf16, Element::f16, Element::f32,
                                 Element::f64,   Element::i16,  Element::i32, Element::i64};

struct Encoded {
  Encoding encoding;
  Bytes payload;
};

class Codec : public testing::Test {
 protected:
  Encoded encode(const Bytes& raw, Element element, const Bytes& base = {}) {
    Encoded encoded;
    encoded.encoding = encoder.encode(raw, element, base, encoded.payload);
    return encoded;
  }
  // Encodes, decodes, compares; the encoding.
  Encoded round_trip(const Bytes& raw, Element element, const Bytes& base = {}) {
    Encoded encoded = encode(raw, element, base);
    EXPECT_LE(encoded.payload.size(), raw.size());
    Bytes decoded(raw.size(), std::byte{0x55});
    decoder.decode(encoded.encoding, encoded.payload, base, decoded);
    EXPECT_EQ(decoded, raw);
    return encoded;
  }
  double ratio(const Bytes& raw, Element element, const Bytes& base = {}) {
    return static_cast<double>(raw.size()) /
           static_cast<double>(round_trip(raw, element, base).payload.size());
  }
  void expect_refused(Encoding encoding, ByteSpan payload, std::size_t size, ByteSpan base = {}) {
    Bytes raw(size);
    try {
      decoder.decode(encoding, payload, base, raw);
      FAIL() << "was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity);
    }
  }

  Encoder encoder;
  Decoder decoder;
};

TEST_F(Codec, GivesBackEveryLengthOfEveryElement) {
  for (const Element element : kElements) {
    for (std::size_t size = 0; size < 150; ++size) {
      round_trip(noise(size), element, noise(size, 2));
      round_trip(Bytes(size, std::byte{7}), element, Bytes(size, std::byte{6}));
    }
  }
}

TEST_F(Codec, GivesBackEveryKindOfContentAsEveryElement) {
  const Bytes base = weights<std::uint16_t>(50'001);
  for (const Element element : kElements) {
    for (const Bytes& raw :
         {noise(100'002), weights<std::uint16_t>(50'001, 3), weights<std::uint32_t>(30'001),
          weights<std::uint64_t>(9'001), prose(100'003), Bytes(100'001), fine_tuned(base)}) {
      round_trip(raw, element);
      round_trip(raw, element, base);
    }
  }
}

TEST_F(Codec, GivesBackContentThatChangesItsKindInTheMiddle) {
  Bytes raw = weights<std::uint16_t>(30'000);
  append(raw, Bytes(30'000));
  append(raw, noise(30'000));
  append(raw, prose(30'000));
  for (const Element element : kElements) round_trip(raw, element);
}

TEST_F(Codec, PutsFloatsIntoPlanes) {
  const auto encoded = encode(weights<std::uint16_t>(500'000), Element::bf16);
  EXPECT_EQ(encoded.encoding, Encoding::planes);
  EXPECT_EQ(element_of(encoded.encoding, encoded.payload), Element::bf16);
  EXPECT_GT(ratio(weights<std::uint16_t>(500'000), Element::bf16), 1.49);
  EXPECT_GT(ratio(weights<std::uint32_t>(250'000), Element::f32), 1.19);
  EXPECT_GT(ratio(weights<std::uint64_t>(100'000), Element::f64), 1.09);
}

// Two planes of equal entropy: one repeats itself, one is noise.
TEST_F(Codec, TellsRepeatsFromNoiseOfTheSameEntropy) {
  const Bytes random = noise(1 << 20);
  Bytes repeating(1 << 20), skewed(1 << 20);
  for (std::size_t i = 0; i < random.size(); i += 2) {
    // 0, 1 and 2 with probabilities 1/2, 1/4 and 1/4: 1.5 bits
    const auto symbol = [](std::byte byte) {
      return static_cast<std::byte>(std::max(0, (std::to_integer<int>(byte) & 3) - 1));
    };
    skewed[i] = symbol(random[i]);
    repeating[i] = symbol(random[i % 5000]);
  }
  EXPECT_GT(ratio(repeating, Element::i16), 100);
  EXPECT_GT(ratio(skewed, Element::i16), 2 * 8 / 1.6);
  EXPECT_LT(ratio(skewed, Element::i16), 2 * 8 / 1.49);
}

TEST_F(Codec, StoresNoise) {
  for (const Element element : kElements) {
    const auto encoded = encode(noise(300'000), element);
    EXPECT_EQ(encoded.encoding, Encoding::stored);
    EXPECT_EQ(encoded.payload, noise(300'000));
  }
}

TEST_F(Codec, CompressesText) {
  EXPECT_EQ(encode(prose(200'000), Element::bytes).encoding, Encoding::zstd);
  EXPECT_GT(ratio(prose(200'000), Element::bytes), 3);
}

TEST_F(Codec, MakesNextToNothingOfZeros) {
  for (const Element element : kElements) EXPECT_GT(ratio(Bytes(1 << 20), element), 5000);
}

TEST_F(Codec, FindsNumbersInUnknownBytesAtAnyPhase) {
  for (std::size_t phase = 0; phase < 5; ++phase) {
    Bytes halves = noise(phase), singles = noise(phase);
    append(halves, weights<std::uint16_t>(150'000));
    append(singles, weights<std::uint32_t>(75'000));
    EXPECT_GT(ratio(halves, Element::bytes), 1.48) << phase;
    EXPECT_GT(ratio(singles, Element::bytes), 1.18) << phase;
    EXPECT_EQ(encode(halves, Element::bytes).encoding, Encoding::planes);
  }
}

TEST_F(Codec, TakesADeltaToSimilarWeights) {
  const Bytes base = weights<std::uint16_t>(500'000);
  const Bytes raw = fine_tuned(base);
  EXPECT_EQ(encode(raw, Element::bf16, base).encoding, Encoding::delta);
  EXPECT_GT(ratio(raw, Element::bf16, base), 2.5);
}

TEST_F(Codec, TakesNoDeltaToUnrelatedWeights) {
  const Bytes raw = weights<std::uint16_t>(500'000), other = weights<std::uint16_t>(500'000, 9);
  EXPECT_EQ(encode(raw, Element::bf16, other).encoding, Encoding::planes);
}

TEST_F(Codec, TakesNoDeltaThatSavesLessThanATenth) {
  EXPECT_EQ(encode(Bytes(100'000, std::byte{1}), Element::bf16, Bytes(100'000)).encoding, Encoding::planes);
}

TEST_F(Codec, IgnoresABaseOfAnotherLength) {
  const Bytes base = weights<std::uint16_t>(5'001);
  EXPECT_EQ(encode(fine_tuned(weights<std::uint16_t>(5'000)), Element::bf16, base).encoding,
            Encoding::planes);
}

TEST_F(Codec, TakesADeltaOfBytesThatHardlyChanged) {
  const Bytes base = noise(200'000);
  Bytes raw = base;
  for (std::size_t at = 0; at < raw.size(); at += 1000) raw[at] ^= std::byte{0x10};
  EXPECT_EQ(encode(raw, Element::bytes, base).encoding, Encoding::delta);
  EXPECT_GT(ratio(raw, Element::bytes, base), 50);
}

TEST_F(Codec, GivesTheSameBytesWhateverItEncodedBefore) {
  const Bytes raw = weights<std::uint16_t>(60'000);
  const Bytes first = encode(raw, Element::bf16).payload;
  Bytes reused = prose(300'000);
  encoder.encode(prose(300'000), Element::bytes, {}, reused);
  encoder.encode(raw, Element::bf16, {}, reused);
  EXPECT_EQ(reused, first);
}

TEST_F(Codec, NeverTrustsAPayload) {
  const Bytes base = weights<std::uint16_t>(700);
  const std::vector<std::pair<Encoded, std::size_t>> samples = {
      {encode(weights<std::uint16_t>(700, 4), Element::bf16), 1400},
      {encode(weights<std::uint32_t>(350), Element::f32), 1400},
      {encode(fine_tuned(base), Element::bf16, base), 1400},
      {encode(prose(1400), Element::bytes), 1400},
      {encode(Bytes(1400), Element::i64), 1400}};
  for (const auto& [encoded, size] : samples) {
    ASSERT_NE(encoded.encoding, Encoding::stored);
    for (std::size_t bit = 0; bit < 8 * encoded.payload.size(); ++bit) {
      Bytes flipped = encoded.payload;
      flipped[bit / 8] ^= std::byte{1} << (bit % 8);
      Bytes raw(size);
      try {
        decoder.decode(encoded.encoding, flipped, base, raw);  // right or wrong, but in bounds
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::integrity);
      }
    }
    for (std::size_t length = 0; length < encoded.payload.size(); ++length) {
      expect_refused(encoded.encoding, ByteSpan(encoded.payload).first(length), size, base);
    }
  }
}

TEST_F(Codec, RefusesLengthsThatDoNotFit) {
  const auto planes = encode(weights<std::uint16_t>(700), Element::bf16);
  for (const std::size_t size : {0, 1, 2, 1398, 1402, 2800}) {
    expect_refused(planes.encoding, planes.payload, size);
  }
  const auto text = encode(prose(2000), Element::bytes);
  for (const std::size_t size : {0, 1999, 2001}) expect_refused(text.encoding, text.payload, size);
  expect_refused(Encoding::stored, noise(10), 11);
  expect_refused(Encoding::planes, {}, 0);
}

TEST_F(Codec, RefusesBytesAfterThePlanes) {
  auto planes = encode(weights<std::uint16_t>(700), Element::bf16);
  planes.payload.push_back(std::byte{0});
  expect_refused(planes.encoding, planes.payload, 1400);
}

TEST_F(Codec, RefusesADeltaWithoutItsBase) {
  const Bytes base = weights<std::uint16_t>(7000);
  const auto delta = encode(fine_tuned(base), Element::bf16, base);
  ASSERT_EQ(delta.encoding, Encoding::delta);
  expect_refused(delta.encoding, delta.payload, 14'000);
  expect_refused(delta.encoding, delta.payload, 14'000, ByteSpan(base).first(13'999));
}

TEST_F(Codec, RefusesUnknownEncodingsAndElements) {
  expect_refused(static_cast<Encoding>(4), noise(10), 10);
  auto planes = encode(weights<std::uint16_t>(700), Element::bf16);
  planes.payload[0] = std::byte{8};
  expect_refused(planes.encoding, planes.payload, 1400);
  EXPECT_EQ(element_of(Encoding::planes, planes.payload), Element::bytes);
  EXPECT_EQ(element_of(Encoding::zstd, planes.payload), Element::bytes);
  EXPECT_EQ(element_of(Encoding::delta, {}), Element::bytes);
}

}  // namespace
}  // namespace axon::content

#include "core/content/chunker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "core/base/error.h"
#include "core/content/fastcdc.h"
#include "core/content/hash.h"
#include "core/content/recipe.h"

namespace axon::content {
namespace {

// splitmix64, so that golden values do not depend on a library.
Bytes random_bytes(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  for (std::size_t at = 0; at < size; at += 8) {
    seed += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    mixed ^= mixed >> 31;
    std::memcpy(bytes.data() + at, &mixed, std::min<std::size_t>(8, size - at));
  }
  return bytes;
}

// `extra`: how much more than the least the cutter may look at.
std::vector<CutterChunk> cut(const Bytes& file, const FileLayout& layout = {}, std::size_t extra = 0) {
  check_layout(layout, file.size());
  Cutter cutter(layout, file.size());
  std::vector<CutterChunk> chunks;
  while (cutter.position() < file.size()) {
    const auto ahead = ByteSpan(file).subspan(cutter.position());
    chunks.push_back(cutter.next(ahead.first(std::min<std::size_t>(ahead.size(), kMaxChunkSize + extra))));
  }
  return chunks;
}

std::set<Digest> digests(const Bytes& file, const std::vector<CutterChunk>& chunks) {
  std::set<Digest> all;
  for (const auto& chunk : chunks) all.insert(sha256({file.data() + chunk.offset, chunk.length}));
  return all;
}

std::vector<std::uint32_t> lengths(const std::vector<CutterChunk>& chunks) {
  std::vector<std::uint32_t> all;
  for (const auto& chunk : chunks) all.push_back(chunk.length);
  return all;
}

LayoutTensor tensor(std::uint64_t offset, std::uint64_t length, Element element = Element::bf16) {
  return {.name = "t" + std::to_string(offset),
          .dtype = "BF16",
          .element = element,
          .shape = {length / 2},
          .offset = offset,
          .length = length};
}

// The definition in fastcdc.h, position by position.
std::size_t reference_cut(ByteSpan data) {
  for (std::size_t at = kMinCut; at < std::min(data.size(), kMaxCut); ++at) {
    std::uint64_t hash = 0;
    for (std::size_t d = 0; d < 64; ++d) hash += kGear[std::to_integer<std::size_t>(data[at - 1 - d])] << d;
    if (hash >> (64 - (at < kNormalCut ? kStrictBits : kLooseBits)) == 0) return at;
  }
  return std::min(data.size(), kMaxCut);
}

TEST(Fastcdc, CutsWhereItsDefinitionSays) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Bytes data = random_bytes(kMaxCut + 100, seed);
    EXPECT_EQ(fastcdc_cut(data), reference_cut(data)) << seed;
  }
}

TEST(Fastcdc, TellsApartTheStrictAndTheLooseRangeAtTheExactByte) {
  // A hash that passes only the loose test, at the last strict position and then at the first loose one.
  Bytes window = random_bytes(64, 77);
  for (std::uint64_t counter = 0;; ++counter) {
    store_le(window.data() + 56, counter);
    std::uint64_t hash = 0;
    for (const std::byte byte : window) hash = (hash << 1) + kGear[std::to_integer<std::size_t>(byte)];
    if (hash >> (64 - kLooseBits) == 0 && hash >> (64 - kStrictBits) != 0) break;
  }
  for (const std::size_t position : {kNormalCut - 1, kNormalCut, kNormalCut + 1}) {
    Bytes data(kMaxCut);  // zeros do not cut
    std::ranges::copy(window, data.begin() + static_cast<std::ptrdiff_t>(position - window.size()));
    EXPECT_EQ(fastcdc_cut(data), reference_cut(data)) << position;
    EXPECT_EQ(fastcdc_cut(data) == position, position >= kNormalCut) << position;
  }
}

TEST(Fastcdc, TakesShortDataWhole) {
  const Bytes data = random_bytes(kMinCut + 1, 5);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMinCut - 1, kMinCut}) {
    EXPECT_EQ(fastcdc_cut(ByteSpan(data).first(size)), size);
  }
}

TEST(Fastcdc, CutsUniformDataAtTheMaximum) {
  EXPECT_EQ(fastcdc_cut(Bytes(2 * kMaxCut)), kMaxCut);
}

TEST(Fastcdc, HasAGearTableThatAnyoneCanReproduce) {
  EXPECT_EQ(kGear[0], 0x401bdbb76689d59a);
  EXPECT_EQ(kGear[255], 0x28b0a5c891d5a0b0);
}

TEST(Cutter, KeepsItsGoldenCutPoints) {
  const std::vector<std::uint32_t> golden = {311461, 295210, 343706, 500959, 300163,
                                             343936, 324207, 289089, 291269};
  EXPECT_EQ(lengths(cut(random_bytes(3'000'000, 42))), golden);
}

TEST(Cutter, KeepsPlainChunksWithinTheirBounds) {
  const Bytes file = random_bytes(24'000'000, 1);
  const auto chunks = cut(file);
  std::uint64_t at = 0;
  for (const auto& chunk : chunks) {
    EXPECT_EQ(chunk.offset, at);
    EXPECT_EQ(chunk.tensor, -1);
    EXPECT_EQ(chunk.element, Element::bytes);
    EXPECT_LE(chunk.length, kMaxCut);
    at += chunk.length;
    if (at < file.size()) {
      EXPECT_GE(chunk.length, kMinCut);
    }
  }
  EXPECT_EQ(at, file.size());
  const std::size_t average = file.size() / chunks.size();
  EXPECT_GT(average, kNormalCut / 2);
  EXPECT_LT(average, kNormalCut * 3 / 2);
}

TEST(Cutter, CutsTheSameHoweverTheBytesAreBuffered) {
  const Bytes file = random_bytes(6'000'000, 2);
  const FileLayout layout{{tensor(700'000, 2'500'000), tensor(3'300'000, 100'000)}};
  EXPECT_EQ(lengths(cut(file, layout)), lengths(cut(file, layout, 1)));
  EXPECT_EQ(lengths(cut(file, layout)), lengths(cut(file, layout, 5'000'000)));
}

TEST(Cutter, FindsItsCutsAgainAfterAnInsertion) {
  const Bytes file = random_bytes(12'000'000, 3);
  Bytes edited = file;
  const Bytes inserted = random_bytes(101, 4);
  edited.insert(edited.begin() + 5'000'000, inserted.begin(), inserted.end());
  const auto before = digests(file, cut(file));
  const auto after = digests(edited, cut(edited));
  std::vector<Digest> added;
  std::ranges::set_difference(after, before, std::back_inserter(added));
  EXPECT_LE(added.size(), 3u);
}

TEST(Cutter, StartsEachLargeTensorsChunksAtItsFirstByte) {
  const std::uint64_t start = 10'008, length = 2 * kTensorChunkSize + 12;
  const auto chunks = cut(random_bytes(start + length, 6), {{tensor(start, length, Element::f16)}});
  ASSERT_EQ(chunks.size(), 4u);
  EXPECT_EQ(lengths(chunks), (std::vector<std::uint32_t>{10'008, kTensorChunkSize, kTensorChunkSize, 12}));
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(chunks[i + 1].tensor, 0);
    EXPECT_EQ(chunks[i + 1].number, i);
    EXPECT_EQ(chunks[i + 1].element, Element::f16);
  }
}

TEST(Cutter, LeavesSmallTensorsInThePlainSpanAroundThem) {
  const std::uint64_t small = kTensorChunkThreshold - 1, large = kTensorChunkThreshold;
  const FileLayout layout{{tensor(100, 1000), tensor(1100, small), tensor(1100 + small, large),
                           tensor(1100 + small + large, 0), tensor(1100 + small + large, 500)}};
  const auto chunks = cut(random_bytes(1600 + small + large, 7), layout);
  std::vector<std::int32_t> tensors;
  for (const auto& chunk : chunks) tensors.push_back(chunk.tensor);
  EXPECT_EQ(tensors.back(), -1);
  EXPECT_EQ(std::ranges::count(tensors, 2), 1);
  EXPECT_EQ(std::ranges::count(tensors, -1), static_cast<std::ptrdiff_t>(tensors.size()) - 1);
  EXPECT_EQ(chunks.back().length, 500u);
}

TEST(Cutter, MovesNoTensorChunkWhenTheHeaderGrows) {
  const Bytes body = random_bytes(5'000'000, 8);
  const auto with_header = [&](std::size_t header, const FileLayout& layout) {
    Bytes file(header + body.size(), std::byte{'h'});
    std::ranges::copy(body, file.begin() + static_cast<std::ptrdiff_t>(header));
    std::set<Digest> all;
    for (const auto& chunk : cut(file, layout)) {
      if (chunk.tensor >= 0) all.insert(sha256({file.data() + chunk.offset, chunk.length}));
    }
    return all;
  };
  const auto before = with_header(1000, {{tensor(1000, 3'000'000), tensor(3'001'000, 2'000'000)}});
  const auto after = with_header(1072, {{tensor(1072, 3'000'000), tensor(3'001'072, 2'000'000)}});
  EXPECT_EQ(before.size(), 5u);
  EXPECT_EQ(before, after);
}

TEST(Cutter, HasNothingToCutInAnEmptyFile) {
  EXPECT_TRUE(cut({}).empty());
}

TEST(CheckLayout, RefusesTensorsThatCannotBe) {
  const auto refused = [](const FileLayout& layout) {
    try {
      check_layout(layout, 1000);
    } catch (const Error& error) {
      return error.code() == ErrorCode::integrity;
    }
    return false;
  };
  EXPECT_FALSE(refused({{tensor(0, 500), tensor(500, 500), tensor(1000, 0)}}));
  EXPECT_TRUE(refused({{tensor(500, 100), tensor(0, 100)}})) << "unsorted";
  EXPECT_TRUE(refused({{tensor(0, 501), tensor(500, 500)}})) << "overlapping";
  EXPECT_TRUE(refused({{tensor(500, 501)}})) << "leaving the file";
  EXPECT_TRUE(refused({{tensor(1001, 0)}})) << "outside";
  EXPECT_TRUE(refused({{tensor(10, ~std::uint64_t{0} - 5)}})) << "wrapping around";
}

}  // namespace
}  // namespace axon::content

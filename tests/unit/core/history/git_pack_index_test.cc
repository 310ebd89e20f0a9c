#include "core/history/git_pack_index.h"

#include <gtest/gtest.h>

#include "core/history/hashing.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

constexpr std::uint64_t kHuge = std::uint64_t{1} << 40;

std::vector<PackedObject> objects(std::size_t count) {
  std::vector<PackedObject> list;
  for (std::size_t at = 0; at < count; ++at)
    list.push_back({sha1(as_bytes(std::to_string(at))), static_cast<std::uint32_t>(at * 7), 12 + at * 100});
  return list;
}

TEST(GitPackIndex, FindsEachObject) {
  auto list = objects(1000);
  const auto original = list;
  const auto index = GitPackIndex::parse(encode_pack_index(list, sha1({})), kHuge);
  ASSERT_EQ(index.size(), 1000U);
  for (const auto& object : original) {
    const auto at = index.find(object.id);
    ASSERT_TRUE(at);
    EXPECT_EQ(index.offset(*at), object.offset);
    EXPECT_EQ(index.crc(*at), object.crc);
  }
  EXPECT_FALSE(index.find(sha1(as_bytes("another"))));
}

TEST(GitPackIndex, HoldsOffsetsAboveTwoGigabytes) {
  auto list = objects(3);
  list[1].offset = (std::uint64_t{1} << 31);
  list[2].offset = (std::uint64_t{1} << 35) + 5;
  const auto original = list;
  const auto index = GitPackIndex::parse(encode_pack_index(list, sha1({})), kHuge);
  for (const auto& object : original) EXPECT_EQ(index.offset(*index.find(object.id)), object.offset);
}

TEST(GitPackIndex, IsEmptyForAnEmptyPack) {
  std::vector<PackedObject> none;
  const auto index = GitPackIndex::parse(encode_pack_index(none, sha1({})), kHuge);
  EXPECT_EQ(index.size(), 0U);
  EXPECT_FALSE(index.find(GitId{}));
}

TEST(GitPackIndex, FindsByPrefix) {
  auto list = objects(500);
  const auto index = GitPackIndex::parse(encode_pack_index(list, sha1({})), kHuge);
  for (const std::size_t digits : {0, 1, 2, 3, 7, 39, 40}) {
    const auto prefix = list[123].id.hex().substr(0, digits);
    const auto [first, last] = index.find_prefix(prefix);
    for (std::uint32_t at = 0; at < index.size(); ++at)
      EXPECT_EQ(index.id(at).hex().starts_with(prefix), at >= first && at < last) << digits;
  }
}

TEST(GitPackIndex, RefusesEveryFlippedBit) {
  auto list = objects(5);
  const auto good = encode_pack_index(list, sha1({}));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    EXPECT_EQ(error_of([&] { GitPackIndex::parse(bad, kHuge); }), ErrorCode::integrity) << bit;
  }
}

// A hostile idx can have a right checksum.
TEST(GitPackIndex, RefusesFlippedBitsUnderARightChecksum) {
  auto list = objects(5);
  const auto good = encode_pack_index(list, sha1({}));
  const auto body = good.size() - GitId::kSize;
  for (std::size_t bit = 0; bit < body * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    const auto checksum = sha1(ByteSpan(bad).first(body));
    std::copy(checksum.bytes.begin(), checksum.bytes.end(), bad.begin() + static_cast<std::ptrdiff_t>(body));
    try {
      const auto index = GitPackIndex::parse(bad, kHuge);
      for (std::uint32_t at = 0; at < index.size(); ++at) EXPECT_EQ(index.find(index.id(at)), at);
      EXPECT_EQ(index.size(), 5U);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity) << bit;
    }
  }
}

TEST(GitPackIndex, RefusesEveryTruncation) {
  auto list = objects(5);
  const auto good = encode_pack_index(list, sha1({}));
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes bad(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(error_of([&] { GitPackIndex::parse(bad, kHuge); }), ErrorCode::integrity) << size;
  }
}

TEST(GitPackIndex, RefusesOffsetsBeyondThePack) {
  auto list = objects(5);
  EXPECT_EQ(error_of([&] { GitPackIndex::parse(encode_pack_index(list, sha1({})), 400); }),
            ErrorCode::integrity);
}

}  // namespace
}  // namespace axon::history

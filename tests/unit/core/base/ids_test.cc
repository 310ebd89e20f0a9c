#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace axon {
namespace {

const std::string kText = "00ff10" + std::string(56, 'a') + "0b";

TEST(Id, ReadsBackItsOwnText) {
  const auto id = Digest::parse(kText);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->hex(), kText);
  EXPECT_EQ(id->short_hex(), "00ff10aaaaaa");
  EXPECT_EQ(id->bytes[1], std::byte{0xff});
}

TEST(Id, RefusesTextOfAnotherLengthOrAlphabet) {
  EXPECT_FALSE(Digest::parse(""));
  EXPECT_FALSE(Digest::parse(kText.substr(1)));
  EXPECT_FALSE(Digest::parse(kText + "0"));
  EXPECT_FALSE(Digest::parse(kText + "00"));
  EXPECT_FALSE(Digest::parse("0xff10" + std::string(58, 'a')));
  EXPECT_FALSE(Digest::parse("00FF10" + std::string(58, 'a')));
  EXPECT_FALSE(Digest::parse("00ff1g" + std::string(58, 'a')));
  EXPECT_FALSE(GitId::parse(kText));
}

TEST(Id, IsZeroUntilSet) {
  EXPECT_TRUE(GitId{}.is_zero());
  GitId id;
  id.bytes[19] = std::byte{1};
  EXPECT_FALSE(id.is_zero());
}

TEST(Id, OrdersByUnsignedBytes) {
  Digest low, high;
  low.bytes[0] = std::byte{0x7f};
  high.bytes[0] = std::byte{0x80};
  EXPECT_LT(low, high);
  high.bytes[0] = std::byte{0x7f};
  high.bytes[31] = std::byte{1};
  EXPECT_LT(low, high);
  EXPECT_EQ(low <=> low, std::strong_ordering::equal);
}

TEST(Id, ConvertsToAnotherNameWithTheSameBytes) {
  const auto chunk = ChunkId::parse(kText).value();
  EXPECT_EQ(chunk.as<FrameId>().hex(), kText);
  EXPECT_EQ(FrameId::from(chunk.span()), chunk.as<FrameId>());
}

TEST(Id, WorksAsAHashKey) {
  std::unordered_set<ChunkId> ids{ChunkId{}, ChunkId::parse(kText).value(), ChunkId{}};
  EXPECT_EQ(ids.size(), 2u);
}

TEST(Hex, CoversEveryByteValue) {
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::byte>(i);
  const auto text = to_hex(all);
  Bytes back(256);
  ASSERT_TRUE(from_hex(text, back));
  EXPECT_EQ(back, all);
  EXPECT_EQ(text.substr(0, 6), "000102");
  EXPECT_EQ(text.substr(506), "fdfeff");
}

}  // namespace
}  // namespace axon

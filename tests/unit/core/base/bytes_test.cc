#include "core/base/bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <new>

namespace axon {
namespace {

TEST(LittleEndian, PutsTheLowestByteFirst) {
  Bytes bytes;
  append_le<std::uint32_t>(bytes, 0x01020304);
  EXPECT_EQ(bytes, (Bytes{std::byte{4}, std::byte{3}, std::byte{2}, std::byte{1}}));
}

TEST(LittleEndian, ReadsWhatItWroteAtAnyOffset) {
  Bytes bytes;
  append(bytes, as_bytes("x"));
  append_le<std::uint64_t>(bytes, std::numeric_limits<std::uint64_t>::max() - 5);
  append_le<std::uint16_t>(bytes, 513);
  EXPECT_EQ(load_le<std::uint64_t>(bytes.data() + 1), std::numeric_limits<std::uint64_t>::max() - 5);
  EXPECT_EQ(load_le<std::uint16_t>(bytes.data() + 9), 513);
}

TEST(Text, IsTheSameBytesBothWays) {
  const std::string_view text("a\0b", 3);
  EXPECT_EQ(as_bytes(text).size(), 3u);
  EXPECT_EQ(as_text(as_bytes(text)), text);
}

TEST(AlignedBuffer, IsAlignedAndOfTheAskedSize) {
  for (const std::size_t capacity : {std::size_t{1}, std::size_t{4096}, std::size_t{100'000}}) {
    AlignedBuffer buffer(capacity);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % AlignedBuffer::kAlignment, 0u);
    EXPECT_EQ(buffer.span().size(), capacity);
    buffer.span().back() = std::byte{1};
  }
}

TEST(AlignedBuffer, HoldsNothingWhenEmpty) {
  EXPECT_EQ(AlignedBuffer().data(), nullptr);
  EXPECT_EQ(AlignedBuffer(0).capacity(), 0u);
}

TEST(AlignedBuffer, ThrowsWhenTheSizeCannotBeRoundedUp) {
  const auto size = std::numeric_limits<std::size_t>::max();
  EXPECT_THROW(AlignedBuffer{size}, std::bad_alloc);
}

}  // namespace
}  // namespace axon

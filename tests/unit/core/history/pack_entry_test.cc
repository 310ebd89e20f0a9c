#include "core/history/pack_entry.h"

#include <gtest/gtest.h>

#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

Bytes bytes_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(EntryHead, ComesBackForEverySize) {
  for (const auto type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag}) {
    for (unsigned shift = 0; shift < 64; ++shift) {
      const auto size = (std::uint64_t{1} << shift) - 1 + shift % 3;
      const auto encoded = encode_entry_head(type, size);
      const auto head = parse_entry_head(encoded);
      ASSERT_TRUE(head) << shift;
      EXPECT_EQ(head->size, size);
      EXPECT_EQ(head->type, type);
      EXPECT_EQ(head->length, encoded.size());
    }
  }
}

TEST(EntryHead, RefusesWhatIsCutShortOrUnknown) {
  EXPECT_FALSE(parse_entry_head({}));
  EXPECT_FALSE(parse_entry_head(bytes_of({0xb0})));        // says that more follows
  EXPECT_FALSE(parse_entry_head(bytes_of({0x05})));        // kind 0
  EXPECT_FALSE(parse_entry_head(bytes_of({0x55})));        // kind 5
  EXPECT_FALSE(parse_entry_head(bytes_of({0x61})));        // an offset delta without its distance
  EXPECT_FALSE(parse_entry_head(bytes_of({0x61, 0x00})));  // its own base
  EXPECT_FALSE(parse_entry_head(bytes_of({0x71, 1, 2})));  // a name that is cut short
}

TEST(EntryHead, RefusesASizeAbove64Bits) {
  EXPECT_FALSE(parse_entry_head(bytes_of({0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})));
}

TEST(EntryHead, ReadsTheDistanceOfADelta) {
  const auto head = parse_entry_head(bytes_of({0x61, 0x80, 0x00}));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->kind, EntryHead::Kind::offset_delta);
  EXPECT_EQ(head->distance, 128U);
}

TEST(Delta, CopiesAndAdds) {
  const auto base = as_bytes("hello world");
  // 11 → 9: copy 5 from 0, add " all"
  const auto delta = bytes_of({11, 9, 0x90, 5, 4, ' ', 'a', 'l', 'l'});
  EXPECT_EQ(as_text(apply_delta(base, delta, 100)), "hello all");
}

TEST(Delta, RefusesWhatDoesNotFit) {
  const auto base = as_bytes("hello world");
  const std::vector<Bytes> bad = {
      bytes_of({}),                                     // no sizes
      bytes_of({12, 5, 0x90, 5}),                       // for another base
      bytes_of({11, 5, 0x91, 7, 5}),                    // copies beyond the base
      bytes_of({11, 4, 0x90, 5}),                       // makes more than it says
      bytes_of({11, 6, 0x90, 5}),                       // makes less
      bytes_of({11, 5, 5, 'a'}),                        // adds bytes that are not there
      bytes_of({11, 5, 0}),                             // a reserved operation
      bytes_of({11, 5, 0x91}),                          // an operation cut short
      bytes_of({11, 0xff, 0xff, 0xff, 0x7f, 0x90, 5}),  // above the limit
  };
  for (const auto& delta : bad)
    EXPECT_EQ(error_of([&] { apply_delta(base, delta, 100); }), ErrorCode::integrity) << to_hex(delta);
}

}  // namespace
}  // namespace axon::history

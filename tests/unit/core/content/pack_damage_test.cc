// Packs that are not what they should be: whatever is handed out is right, or nothing is.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/content/crc32c.h"
#include "core/content/footer.h"
#include "core/content/frame.h"
#include "core/content/hash.h"
#include "tests/unit/core/content/pack_fixture.h"

namespace axon::content {
namespace {

class PackDamage : public ::testing::Test {
 protected:
  PackDamage() { footer_ = write_pack(path(), frames_); }
  fs::Path path() const { return folder_ / "a.pack"; }

  // True when reading by the footer fails as it should; fails the test when it gives anything wrong.
  bool footer_is_refused() {
    try {
      const auto read = PackReader(fs::posix(), path()).read_footer(footer_.id);
      EXPECT_EQ(read.entries, footer_.entries);
      return false;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity) << error.message();
      return true;
    }
  }
  // The frames that are refused when asked for by entries that were known before.
  std::size_t refused_frames() {
    std::size_t refused = 0;
    PackReader reader(fs::posix(), path());
    for (const auto& frame : frames_) {
      try {
        const auto payload = reader.read_frame(frame.entry, memory_);
        EXPECT_TRUE(std::equal(payload.begin(), payload.end(), frame.payload.begin(), frame.payload.end()));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::integrity) << error.message();
        ++refused;
      }
    }
    return refused;
  }

  test::TempDir folder_;
  std::vector<PackedFrame> frames_ = {stored_frame(1, 700), delta_frame(2, 900, 500), stored_frame(3, 1),
                                      recipe_frame(4, 800, some_id<Oid>(9)), stored_frame(5, 1100)};
  PackFooter footer_;
  Bytes memory_;
};

TEST_F(PackDamage, EveryFlippedBitIsFound) {
  auto bytes = file_bytes(path());
  ASSERT_GT(bytes.size(), 3500U);
  ASSERT_LT(bytes.size(), 4500U);
  const auto frames_end = bytes.size() - footer_.footer_size;
  auto file = fs::posix().open(path(), {.access = fs::Access::read_write});
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const std::byte flipped = bytes[at] ^ static_cast<std::byte>(1U << bit);
      file->write_at(at, {&flipped, 1});
      const bool in_frames = at >= kPackHeaderSize && at < frames_end;
      ASSERT_EQ(footer_is_refused(), !in_frames) << "bit " << bit << " of byte " << at;
      ASSERT_EQ(refused_frames(), in_frames ? 1U : 0U) << "bit " << bit << " of byte " << at;
    }
    file->write_at(at, {&bytes[at], 1});
  }
}

TEST_F(PackDamage, EveryTruncationIsFound) {
  const auto bytes = file_bytes(path());
  for (std::size_t size = bytes.size(); size-- > 0;) {
    fs::posix().open(path(), {.access = fs::Access::read_write})->resize(size);
    ASSERT_TRUE(footer_is_refused()) << size;
    const auto lost =
        static_cast<std::size_t>(std::count_if(frames_.begin(), frames_.end(), [&](const auto& frame) {
          return frame.entry.offset + frame.entry.size() > size;
        }));
    ASSERT_EQ(refused_frames(), lost) << size;
  }
}

TEST_F(PackDamage, BytesAfterTheEndAreFound) {
  auto bytes = file_bytes(path());
  for (const std::size_t more : {1, 48, 4096}) {
    auto longer = bytes;
    longer.resize(bytes.size() + more);
    overwrite(path(), longer);
    EXPECT_TRUE(footer_is_refused());
  }
}

TEST_F(PackDamage, AFileThatShrinksWhileOpenIsFound) {
  for (const auto caching : {fs::Caching::buffered, fs::Caching::direct}) {
    write_pack(folder_ / "shrinks", frames_);
    PackReader reader(fs::posix(), folder_ / "shrinks", caching);
    fs::posix().open(folder_ / "shrinks", {.access = fs::Access::read_write})->resize(1000);
    EXPECT_EQ(error_code_of([&] { reader.read_footer(footer_.id); }), ErrorCode::integrity);
    EXPECT_EQ(error_code_of([&] { reader.read_frame(frames_[4].entry, memory_); }), ErrorCode::integrity);
    Bytes range(600);
    EXPECT_NO_THROW(reader.read_range(400, range));
    EXPECT_EQ(error_code_of([&] { reader.read_range(401, range); }), ErrorCode::integrity);
    std::filesystem::remove(folder_ / "shrinks");
  }
}

TEST_F(PackDamage, AnotherPacksFileIsFound) {
  std::filesystem::remove(path());
  write_pack(path(), frames_, 2);
  EXPECT_TRUE(footer_is_refused());
  EXPECT_NO_THROW(PackReader(fs::posix(), path()).read_footer({}));
}

TEST_F(PackDamage, TheHeaderOfAnotherPackIsFound) {
  auto bytes = file_bytes(path());
  auto other = frames_;
  write_pack(folder_ / "b.pack", other, 2);
  const auto header = file_bytes(folder_ / "b.pack");
  std::copy_n(header.begin(), kPackHeaderSize, bytes.begin());
  overwrite(path(), bytes);
  EXPECT_TRUE(footer_is_refused());
}

TEST_F(PackDamage, EntriesThatCannotBeAreRefusedBeforeReading) {
  PackReader reader(fs::posix(), path());
  const auto refused = [&](auto change) {
    auto entry = frames_[0].entry;
    change(entry);
    EXPECT_EQ(error_code_of([&] { reader.read_frame(entry, memory_); }), ErrorCode::integrity);
  };
  refused([](auto& entry) { entry.offset = ~std::uint64_t{0}; });
  refused([](auto& entry) { entry.offset = ~std::uint64_t{0} - 700; });
  refused([](auto& entry) { entry.stored = entry.raw = ~std::uint32_t{0}; });
  refused([](auto& entry) { entry.kind = static_cast<FrameKind>(7); });
  refused([](auto& entry) { entry.encoding = static_cast<Encoding>(7); });
  refused([&](auto& entry) { entry.offset = frames_[4].entry.offset; });
}

TEST_F(PackDamage, FramesOfAnotherLengthThanTheirEntryAreRefused) {
  const auto bytes = file_bytes(path());
  const auto& entry = frames_[0].entry;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{47}, std::size_t{48}, entry.size() - 1, entry.size() + 1}) {
    const Bytes frame(bytes.begin() + 32, bytes.begin() + 32 + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(error_code_of([&] { PackReader::check_frame(entry, frame); }), ErrorCode::integrity);
  }
}

TEST_F(PackDamage, ABaseThatIsNotTheEntrysIsRefusedUnderASoundChecksum) {
  auto entry = frames_[1].entry;
  PackReader(fs::posix(), path()).read_frame(entry, memory_);
  memory_[kFrameHeaderSize] ^= std::byte{1};
  entry.crc =
      frame_crc(ByteSpan(memory_).first(kFrameHeaderSize), {}, ByteSpan(memory_).subspan(kFrameHeaderSize));
  store_le(memory_.data() + 44, entry.crc);
  EXPECT_EQ(error_code_of([&] { PackReader::check_frame(entry, memory_); }), ErrorCode::integrity);
}

TEST_F(PackDamage, ErrorsNameThePack) {
  overwrite(path(), {});
  try {
    PackReader(fs::posix(), path()).read_footer(footer_.id);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find(path().string()), std::string::npos);
    EXPECT_FALSE(error.causes().empty());
    EXPECT_FALSE(error.hints().empty());
  }
}

// Footers with a sound hash whose content is a lie, as a hostile writer would make them.
class HostileFooter : public ::testing::Test {
 protected:
  // Lays the frames out one after another.
  HostileFooter() {
    for (auto& entry : entries_) {
      entry.stored = entry.raw;
      entry.offset = end_;
      end_ += entry.size();
    }
    by_id();
  }
  void by_id() {
    std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.id, a.offset) < std::tie(b.id, b.offset);
    });
  }
  FrameEntry& at_offset(std::size_t number) {
    std::vector<FrameEntry*> order;
    for (auto& entry : entries_) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
    return *order[number];
  }
  Bytes encoded() const {
    Bytes bytes;
    encode_footer({}, entries_, [&](ByteSpan piece) { append(bytes, piece); });
    return bytes;
  }
  // Gives changed bytes their hash again.
  static void seal(Bytes& bytes) {
    const auto body = ByteSpan(bytes).first(bytes.size() - kPackTrailerSize);
    const auto hash = sha256(body);
    std::copy(hash.bytes.begin(), hash.bytes.end(), bytes.end() - 40);
  }
  ErrorCode code_of(const Bytes& bytes) const {
    return error_code_of([&] { parse_footer(bytes, end_ + bytes.size(), {}); });
  }
  void expect_refused() { EXPECT_EQ(code_of(encoded()), ErrorCode::integrity); }
  void expect_refused(const std::function<void(Bytes&)>& change) {
    auto bytes = encoded();
    change(bytes);
    seal(bytes);
    EXPECT_EQ(code_of(bytes), ErrorCode::integrity);
  }

  std::uint64_t end_ = kPackHeaderSize;
  std::vector<FrameEntry> entries_ = {chunk_entry(1, 100), chunk_entry(2, 200), chunk_entry(3, 300)};
};

TEST_F(HostileFooter, TheSoundOneIsRead) {
  const auto bytes = encoded();
  EXPECT_EQ(parse_footer(bytes, end_ + bytes.size(), {}).entries, entries_);
}

TEST_F(HostileFooter, NumbersOfEntriesThatDoNotFit) {
  for (const std::uint32_t count : {0U, 2U, 4U, 0x80000000U, 0xFFFFFFFFU, 48'806'447U}) {
    expect_refused([&](Bytes& bytes) { store_le(bytes.data() + 12, count); });
  }
}

TEST_F(HostileFooter, LengthsThatDoNotFit) {
  const auto size = encoded().size() - kPackTrailerSize;
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{31}, size - 1, size + 1, size + kFooterEntrySize,
        size - kFooterEntrySize, ~std::uint64_t{0}, ~std::uint64_t{0} - 47, std::uint64_t{1} << 63,
        (std::uint64_t{1} << 32) + size}) {
    expect_refused([&](Bytes& bytes) { store_le(bytes.data() + size, length); });
  }
}

TEST_F(HostileFooter, AFooterLongerThanItsPackOrTheCap) {
  const auto bytes = encoded();
  EXPECT_EQ(error_code_of([&] { parse_footer(bytes, bytes.size() + 31, {}); }), ErrorCode::integrity);
  EXPECT_EQ(error_code_of([&] { parse_footer(bytes, 0, {}); }), ErrorCode::integrity);
  Bytes trailer(ByteSpan(bytes).end() - kPackTrailerSize, ByteSpan(bytes).end());
  store_le(trailer.data(), kFooterHeaderSize + (kMaxPackFrames + std::uint64_t{1}) * kFooterEntrySize);
  EXPECT_EQ(error_code_of([&] { footer_size_of(trailer, std::uint64_t{1} << 40); }), ErrorCode::integrity);
}

// Before any of it is read, so that no memory is taken for a lie.
TEST_F(HostileFooter, LengthsAreCheckedByTheTrailerAlone) {
  const auto bytes = encoded();
  Bytes trailer(bytes.end() - kPackTrailerSize, bytes.end());
  const auto code = [&](std::uint64_t pack_size) {
    return error_code_of([&] { footer_size_of(trailer, pack_size); });
  };
  EXPECT_EQ(footer_size_of(trailer, bytes.size() + kPackHeaderSize), bytes.size());
  EXPECT_EQ(code(bytes.size() + kPackHeaderSize - 1), ErrorCode::integrity);
  EXPECT_EQ(code(bytes.size() - 1), ErrorCode::integrity);
  EXPECT_EQ(code(0), ErrorCode::integrity);
  store_le(trailer.data(), bytes.size() - kPackTrailerSize - 1);
  EXPECT_EQ(code(1 << 20), ErrorCode::integrity);
}

TEST_F(HostileFooter, ShorterThanAnyFooter) {
  const auto bytes = encoded();
  for (std::size_t size = 0; size < 100; ++size) {
    const auto part = ByteSpan(bytes).first(size);
    EXPECT_EQ(error_code_of([&] { parse_footer(part, 1000, {}); }), ErrorCode::integrity);
  }
}

TEST_F(HostileFooter, FramesThatOverlap) {
  at_offset(1).offset -= 1;
  expect_refused();
}
TEST_F(HostileFooter, FramesThatLeaveAGap) {
  at_offset(2).offset += 1;
  end_ += 1;
  expect_refused();
}
TEST_F(HostileFooter, FramesThatEndEarly) {
  end_ += 1;
  expect_refused();
}
TEST_F(HostileFooter, FramesThatReachIntoTheFooter) {
  end_ -= 1;
  expect_refused();
}
TEST_F(HostileFooter, AFrameInTheHeader) {
  at_offset(0).offset = 0;
  expect_refused();
}
TEST_F(HostileFooter, OffsetsThatOverflow) {
  for (const std::uint64_t offset : {~std::uint64_t{0}, ~std::uint64_t{0} - 47, ~std::uint64_t{0} - 347}) {
    at_offset(2).offset = offset;
    expect_refused();
  }
}
TEST_F(HostileFooter, OneFrameListedTwice) {
  entries_.push_back(entries_[1]);
  by_id();
  expect_refused();
}
TEST_F(HostileFooter, TwoFramesAtOneOffset) {
  entries_.push_back(entries_[1]);
  entries_.back().id = some_id<FrameId>(9);
  by_id();
  expect_refused();
}
TEST_F(HostileFooter, EntriesOutOfOrder) {
  std::swap(entries_[0], entries_[1]);
  expect_refused();
}
TEST_F(HostileFooter, EntriesThatCannotBe) {
  const auto sound = entries_;
  const std::function<void(FrameEntry&)> changes[] = {
      [](auto& entry) { entry.kind = static_cast<FrameKind>(0); },
      [](auto& entry) { entry.kind = static_cast<FrameKind>(3); },
      [](auto& entry) { entry.encoding = static_cast<Encoding>(4); },
      [](auto& entry) { entry.raw = 0; },
      [](auto& entry) { entry.raw += 1; },
      [](auto& entry) { entry.encoding = Encoding::zstd, entry.raw = (1 << 20) + 1; },
      [](auto& entry) { entry.encoding = Encoding::delta; },
      [](auto& entry) { entry.aux = some_id<Digest>(1); },
      [](auto& entry) { entry.encoding = Encoding::delta, entry.aux = entry.id.template as<Digest>(); },
      [](auto& entry) { entry.kind = FrameKind::recipe, entry.encoding = Encoding::delta; },
  };
  for (const auto& change : changes) {
    entries_ = sound;
    change(entries_[1]);
    expect_refused();
  }
}
TEST_F(HostileFooter, ReservedBytes) {
  for (const std::size_t at :
       {std::size_t{10}, std::size_t{11}, kFooterHeaderSize + 54, kFooterHeaderSize + 55}) {
    expect_refused([&](Bytes& bytes) { bytes[at] = std::byte{1}; });
  }
}
TEST_F(HostileFooter, AnotherMagic) {
  expect_refused([](Bytes& bytes) { bytes[0] = std::byte{'B'}; });
  expect_refused([](Bytes& bytes) { bytes.back() = std::byte{'E'}; });
}
TEST_F(HostileFooter, AWrongHash) {
  auto bytes = encoded();
  bytes[bytes.size() - 20] ^= std::byte{1};
  EXPECT_EQ(code_of(bytes), ErrorCode::integrity);
}
TEST_F(HostileFooter, ALaterVersionIsNotDamage) {
  auto bytes = encoded();
  bytes[8] = std::byte{2};
  seal(bytes);
  EXPECT_EQ(code_of(bytes), ErrorCode::unsupported);
}

// Fixed seed: a small fuzzer with a sound hash, in every test run.
TEST_F(HostileFooter, RandomChangesGiveATilingOrAnError) {
  test::CounterRandom random(7);
  const auto sound = encoded();
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = sound;
    for (auto changes = 1 + random.below(3); changes > 0; --changes) {
      bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
          static_cast<std::byte>(1U << random.below(8));
    }
    seal(bytes);
    try {
      std::uint64_t sum = kPackHeaderSize;
      for (const auto& entry : parse_footer(bytes, end_ + bytes.size(), {}).entries) {
        EXPECT_EQ(problem_of(entry), nullptr);
        sum += entry.size();
      }
      ASSERT_EQ(sum, end_);
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace axon::content

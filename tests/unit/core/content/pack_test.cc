// Packs written and read back.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "core/content/hash.h"
#include "tests/unit/core/content/pack_fixture.h"

namespace axon::content {
namespace {

class Pack : public ::testing::Test {
 protected:
  fs::Path path(const std::string& name = "a.pack") const { return folder_ / name; }

  static void expect_frames(const fs::Path& path, const std::vector<PackedFrame>& frames,
                            fs::Caching caching) {
    PackReader reader(fs::posix(), path, caching);
    Bytes memory;
    for (const auto& frame : frames) {
      const auto payload = reader.read_frame(frame.entry, memory);
      ASSERT_TRUE(std::equal(payload.begin(), payload.end(), frame.payload.begin(), frame.payload.end()));
    }
  }

  test::TempDir folder_;
  test::SeededRandom random_;
};

TEST_F(Pack, GivesBackEachFrame) {
  std::vector<PackedFrame> frames = {stored_frame(1, 100), delta_frame(2, 5000, 40), stored_frame(3, 1),
                                     recipe_frame(4, 300, some_id<Oid>(9)), stored_frame(5, 1 << 20)};
  write_pack(path(), frames);
  expect_frames(path(), frames, fs::Caching::buffered);
  expect_frames(path(), frames, fs::Caching::direct);
}

TEST_F(Pack, GivesBackFramesOfManyBuffers) {
  std::vector<PackedFrame> frames;
  for (std::uint64_t i = 0; i < 60; ++i) frames.push_back(stored_frame(i, (std::size_t{1} << 18) + i * 977));
  write_pack(path(), frames);
  expect_frames(path(), frames, fs::Caching::direct);
}

TEST_F(Pack, GivesBackARecipeOfManyBuffers) {
  std::vector<PackedFrame> frames = {
      stored_frame(1, 77), recipe_frame(2, std::size_t{9} << 20, some_id<Oid>(1)), stored_frame(3, 78)};
  write_pack(path(), frames);
  expect_frames(path(), frames, fs::Caching::direct);
  expect_frames(path(), frames, fs::Caching::buffered);
}

TEST_F(Pack, HasAFooterThatListsItsFramesById) {
  std::vector<PackedFrame> frames;
  for (std::uint64_t i = 0; i < 50; ++i) frames.push_back(stored_frame(i % 40, 10 + i % 40));  // some twice
  const auto written = write_pack(path(), frames);
  const auto read = PackReader(fs::posix(), path()).read_footer(written.id);
  EXPECT_EQ(read.id, written.id);
  EXPECT_EQ(read.entries, written.entries);
  EXPECT_EQ(read.footer_size, written.footer_size);
  EXPECT_EQ(read.pack_size, written.pack_size);
  EXPECT_EQ(read.pack_size, std::filesystem::file_size(path()));
  ASSERT_EQ(read.entries.size(), frames.size());
  EXPECT_TRUE(std::is_sorted(read.entries.begin(), read.entries.end(),
                             [](const auto& a, const auto& b) { return a.id < b.id; }));
}

TEST_F(Pack, ReadsAFooterLongerThanItsFirstGuess) {
  std::vector<PackedFrame> frames;
  for (std::uint64_t i = 0; i < 3000; ++i) frames.push_back(stored_frame(i, 5));
  const auto written = write_pack(path(), frames);
  ASSERT_GT(written.footer_size, 200'000U);
  EXPECT_EQ(PackReader(fs::posix(), path(), fs::Caching::direct).read_footer({}).entries, written.entries);
}

TEST_F(Pack, IsNamedByTheHashOfItsFooter) {
  std::vector<PackedFrame> frames = {stored_frame(1, 100)};
  const auto footer = write_pack(path(), frames);
  const auto bytes = file_bytes(path());
  const auto body = ByteSpan(bytes).last(footer.footer_size).first(footer.footer_size - kPackTrailerSize);
  EXPECT_EQ(footer.id, sha256(body).as<PackId>());
}

TEST_F(Pack, GetsAnotherNameEachTime) {
  std::vector<PackedFrame> frames = {stored_frame(1, 100)};
  EXPECT_NE(write_pack(path("a"), frames, 1).id, write_pack(path("b"), frames, 2).id);
}

TEST_F(Pack, MayBeEmpty) {
  std::vector<PackedFrame> none;
  const auto footer = write_pack(path(), none);
  EXPECT_TRUE(PackReader(fs::posix(), path()).read_footer(footer.id).entries.empty());
}

TEST_F(Pack, TellsItsSizeBeforeItIsFinished) {
  PackWriter writer(fs::posix(), path(), random_);
  for (std::uint64_t i = 0; i < 7; ++i) writer.append(chunk_entry(i, 9), some_bytes(9, i));
  const auto size = writer.size();
  EXPECT_EQ(writer.frames(), 7U);
  EXPECT_EQ(writer.finish().pack_size, size);
}

TEST_F(Pack, TakesFramesFromManyThreads) {
  constexpr std::uint64_t kThreads = 8, kEach = 60;
  std::vector<std::vector<PackedFrame>> frames(kThreads);
  PackWriter writer(fs::posix(), path(), random_);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        auto frame = stored_frame(thread * kEach + i, 1 + (thread * kEach + i) * 131);
        frame.entry = writer.append(frame.entry, frame.payload);
        frames[thread].push_back(std::move(frame));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto footer = writer.finish();
  EXPECT_EQ(PackReader(fs::posix(), path()).read_footer(footer.id).entries.size(), kThreads * kEach);
  for (const auto& some : frames) expect_frames(path(), some, fs::Caching::direct);
}

TEST_F(Pack, CopiesFramesUnchanged) {
  std::vector<PackedFrame> frames = {stored_frame(1, 500), delta_frame(2, 600, 50),
                                     recipe_frame(3, 70, some_id<Oid>(2))};
  write_pack(path("from"), frames);
  PackReader from(fs::posix(), path("from"));
  PackWriter writer(fs::posix(), path("to"), random_);
  Bytes memory;
  for (auto position : {2, 0, 1}) {
    from.read_frame(frames[position].entry, memory);
    auto entry = writer.append_copy(frames[position].entry, memory);
    std::swap(frames[position].entry.offset, entry.offset);
  }
  writer.finish();
  expect_frames(path("to"), frames, fs::Caching::buffered);
}

TEST_F(Pack, RefusesACopyThatIsNotWhatItsEntrySays) {
  std::vector<PackedFrame> frames = {stored_frame(1, 500), stored_frame(2, 500)};
  write_pack(path("from"), frames);
  Bytes memory;
  PackReader(fs::posix(), path("from")).read_frame(frames[0].entry, memory);
  PackWriter writer(fs::posix(), path("to"), random_);
  EXPECT_THROW(writer.append_copy(frames[1].entry, memory), Error);
  EXPECT_THROW(writer.append_copy(frames[0].entry, ByteSpan(memory).first(100)), Error);
}

TEST_F(Pack, RefusesFramesThatAReaderWouldRefuse) {
  PackWriter writer(fs::posix(), path(), random_);
  EXPECT_THROW(writer.append(chunk_entry(1, 0), {}), Error);
  EXPECT_THROW(writer.append(chunk_entry(1, 10), some_bytes(9, 1)), Error);
  EXPECT_THROW(writer.append(chunk_entry(1, 10, Encoding::zstd), {}), Error);
  EXPECT_THROW(writer.append(chunk_entry(1, (1 << 20) + 1), some_bytes((1 << 20) + 1, 1)), Error);
  auto unused_base = chunk_entry(1, 10);
  unused_base.aux = some_id<Digest>(3);
  EXPECT_THROW(writer.append(unused_base, some_bytes(10, 1)), Error);
  auto own_base = chunk_entry(1, 10, Encoding::delta);
  own_base.aux = own_base.id.as<Digest>();
  EXPECT_THROW(writer.append(own_base, some_bytes(5, 1)), Error);
  auto recipe = recipe_entry(1, 10, some_id<Oid>(1));
  recipe.encoding = Encoding::delta;
  EXPECT_THROW(writer.append(recipe, some_bytes(5, 1)), Error);
  writer.append(chunk_entry(1, 10), some_bytes(10, 1));  // none of these was its end
  EXPECT_EQ(writer.finish().entries.size(), 1U);
}

TEST_F(Pack, ReadsRangesAtAnyOffset) {
  std::vector<PackedFrame> frames = {stored_frame(1, 1 << 20), stored_frame(2, 1 << 20),
                                     stored_frame(3, 12345)};
  write_pack(path(), frames);
  const auto all = file_bytes(path());
  PackReader reader(fs::posix(), path(), fs::Caching::direct);
  for (const std::size_t offset : {0, 1, 4095, 4096, 700'000}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, all.size() - offset}) {
      Bytes read(size);
      reader.read_range(offset, read);
      ASSERT_TRUE(std::equal(read.begin(), read.end(), all.begin() + static_cast<std::ptrdiff_t>(offset)));
    }
  }
  Bytes more(2);
  EXPECT_EQ(error_code_of([&] { reader.read_range(all.size() - 1, more); }), ErrorCode::integrity);
  EXPECT_EQ(error_code_of([&] { reader.read_range(~std::uint64_t{0}, more); }), ErrorCode::integrity);
}

TEST_F(Pack, ReadsIntoAlignedMemoryDirectly) {
  std::vector<PackedFrame> frames = {stored_frame(1, 1 << 20)};
  write_pack(path(), frames);
  const auto all = file_bytes(path());
  AlignedBuffer buffer(8192);
  PackReader(fs::posix(), path(), fs::Caching::direct).read_range(4096, buffer.span());
  EXPECT_TRUE(std::equal(buffer.data(), buffer.data() + 8192, all.begin() + 4096));
}

TEST_F(Pack, ChecksFramesFromElsewhere) {
  std::vector<PackedFrame> frames = {stored_frame(1, 500)};
  write_pack(path(), frames);
  auto all = file_bytes(path());
  const auto frame = MutableByteSpan(all).subspan(frames[0].entry.offset, frames[0].entry.size());
  EXPECT_EQ(PackReader::check_frame(frames[0].entry, frame).size(), 500U);
  frame[60] ^= std::byte{1};
  EXPECT_EQ(error_code_of([&] { PackReader::check_frame(frames[0].entry, frame); }), ErrorCode::integrity);
}

TEST_F(Pack, ThatIsNotFinishedLeavesNoFile) {
  {
    PackWriter writer(fs::posix(), path(), random_);
    writer.append(chunk_entry(1, 10), some_bytes(10, 1));
    EXPECT_TRUE(std::filesystem::exists(path()));
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(Pack, IsFinishedOnce) {
  PackWriter writer(fs::posix(), path(), random_);
  writer.finish();
  EXPECT_THROW(writer.finish(), Error);
  EXPECT_THROW(writer.append(chunk_entry(1, 10), some_bytes(10, 1)), Error);
}

TEST_F(Pack, NeverReplacesAFile) {
  overwrite(path(), as_bytes("mine"));
  EXPECT_EQ(error_code_of([&] { PackWriter(fs::posix(), path(), random_); }), ErrorCode::already_exists);
  EXPECT_EQ(as_text(file_bytes(path())), "mine");
}

TEST_F(Pack, ThatIsAbsentIsNotFound) {
  EXPECT_EQ(error_code_of([&] { PackReader(fs::posix(), path()); }), ErrorCode::not_found);
}

}  // namespace
}  // namespace axon::content

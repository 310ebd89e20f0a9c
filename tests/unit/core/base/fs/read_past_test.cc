#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/fs/file_system.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::fs {
namespace {

constexpr std::size_t kSize = 3 * 1024 * 1024 + 1234;

struct ReadPastTest : testing::Test {
  ReadPastTest() : content(kSize), memory(4 * 1024 * 1024) {
    test::SeededRandom(3).fill(content);
    write_file_atomically(posix(), folder / "file", content);
    OpenOptions options;
    options.caching = Caching::read_past;
    file = posix().open(folder / "file", options);
  }

  // Throws the file's pages out of the cache from `offset` on.
  void forget(std::uint64_t offset) {
    const int fd = ::open((folder / "file").c_str(), O_RDONLY);
    ::fsync(fd);
    ::posix_fadvise(fd, static_cast<off_t>(offset), 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  }
  void expect_read(std::uint64_t offset, std::size_t length, std::size_t shift = 0) {
    const MutableByteSpan into{memory.data() + shift, length};
    const auto got = file->read_at(offset, into);
    const auto expected = std::min<std::uint64_t>(length, offset >= kSize ? 0 : kSize - offset);
    ASSERT_EQ(got, expected);
    EXPECT_EQ(std::memcmp(into.data(), content.data() + std::min<std::uint64_t>(offset, kSize), got), 0);
  }

  test::TempDir folder;
  Bytes content;
  AlignedBuffer memory;
  std::unique_ptr<File> file;
};

TEST_F(ReadPastTest, ReadsWhatIsCached) {
  expect_read(0, kSize);
}

TEST_F(ReadPastTest, ReadsWhatIsNotCached) {
  forget(0);
  expect_read(0, kSize);
}

TEST_F(ReadPastTest, ReadsBeyondTheEnd) {
  forget(0);
  expect_read(0, kSize + 5000);
  expect_read(kSize - 10, 4096);
  expect_read(kSize + 10, 4096);
}

TEST_F(ReadPastTest, ContinuesWhereTheCacheEnds) {
  expect_read(0, 1024 * 1024);
  forget(1024 * 1024);
  expect_read(0, kSize);
}

TEST_F(ReadPastTest, TakesAnyOffsetAndMemory) {
  for (const std::uint64_t offset : {1u, 4095u, 4096u, 100'001u}) {
    for (const std::size_t shift : {0u, 1u, 512u}) {
      forget(0);
      expect_read(offset, 1'000'003, shift);
    }
  }
}

TEST_F(ReadPastTest, SeesWhatWasJustWritten) {
  OpenOptions options;
  options.access = Access::read_write;
  content[5000] ^= std::byte{1};
  posix().open(folder / "file", options)->write_at(5000, ByteSpan(content).subspan(5000, 1));
  expect_read(0, kSize);
}

}  // namespace
}  // namespace axon::fs

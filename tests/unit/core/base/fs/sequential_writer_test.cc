#include "core/base/fs/sequential_writer.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::fs {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  test::SeededRandom(7).fill(bytes);
  return bytes;
}

struct SequentialWriterTest : testing::TestWithParam<std::size_t> {
  test::TempDir folder;
  BufferPool pool{3, kBlock};

  std::unique_ptr<File> create(Caching caching) {
    OpenOptions options;
    options.access = Access::create;
    options.caching = caching;
    return posix().open(folder / "file", options);
  }
  Bytes content() { return read_file(posix(), folder / "file", std::uint64_t{1} << 30); }
};

TEST_P(SequentialWriterTest, WritesWhatWasAppendedPastTheCache) {
  const Bytes bytes = random_bytes(GetParam());
  auto file = create(Caching::direct);
  SequentialWriter writer(*file, pool, Zeros::write);
  for (std::size_t at = 0; at < bytes.size(); at += 10'007) {
    writer.append(ByteSpan(bytes).subspan(at, std::min<std::size_t>(10'007, bytes.size() - at)));
  }
  writer.finish();
  EXPECT_EQ(content(), bytes);
}

TEST_P(SequentialWriterTest, WritesTheSameWithHoles) {
  Bytes bytes = random_bytes(GetParam());
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3), bytes.end(), std::byte{0});
  auto file = create(Caching::buffered);
  SequentialWriter writer(*file, pool, Zeros::leave_holes);
  writer.append(bytes);
  writer.finish();
  EXPECT_EQ(content(), bytes);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SequentialWriterTest,
                         testing::Values(0, 1, 4095, 4096, 4097, kBlock - 1, kBlock, kBlock + 1,
                                         5 * kBlock + 77));

TEST_F(SequentialWriterTest, LeavesHolesForZeros) {
  auto file = create(Caching::direct);
  SequentialWriter writer(*file, pool, Zeros::leave_holes);
  writer.append(Bytes(64 * kBlock));
  writer.finish();
  EXPECT_EQ(file->info().size, 64 * kBlock);
  EXPECT_LT(file->info().allocated, kBlock);
}

TEST_F(SequentialWriterTest, GivesItsBuffersBackWhenAbandoned) {
  {
    auto file = create(Caching::buffered);
    SequentialWriter writer(*file, pool, Zeros::write);
    writer.append(random_bytes(5 * kBlock));
  }
  const auto a = pool.try_acquire(), b = pool.try_acquire(), c = pool.try_acquire();
  EXPECT_TRUE(a && b && c);
}

// A file whose writes fail from the second on.
class FailingFile : public File {
 public:
  std::size_t read_at(std::uint64_t, MutableByteSpan) override { return 0; }
  void write_at(std::uint64_t, ByteSpan) override {
    if (++writes_ > 1) throw Error(ErrorCode::no_space, "cannot write");
  }
  void resize(std::uint64_t) override {}
  void sync() override {}
  FileInfo info() override { return {}; }
  void set_mode(std::uint32_t) override {}
  bool try_lock(LockMode) override { return true; }
  std::optional<std::uint64_t> next_data(std::uint64_t offset) override { return offset; }
  bool direct() const override { return false; }
  void close() override {}

 private:
  int writes_ = 0;
};

TEST_F(SequentialWriterTest, ThrowsTheErrorOfItsThread) {
  FailingFile file;
  SequentialWriter writer(file, pool, Zeros::write);
  const auto write_much = [&] {
    for (int i = 0; i < 10; ++i) writer.append(random_bytes(kBlock));
    writer.finish();
  };
  try {
    write_much();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::no_space);
  }
}

}  // namespace
}  // namespace axon::fs

#include "core/base/byte_stream.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/support/memory_file.h"

namespace axon {
namespace {

std::string read(ByteSource& source, std::uint64_t offset, std::size_t size) {
  std::string text(size, '?');
  source.read_at(offset, {reinterpret_cast<std::byte*>(text.data()), size});
  return text;
}

class CountingProgress final : public Progress {
 public:
  void begin(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t amount) override { sum += amount; }
  void end() override {}
  void warn(std::string_view) override {}
  std::uint64_t sum = 0;
};

TEST(SpanSource, ReadsFromAnyOffset) {
  SpanSource source(as_bytes("0123456789"));
  EXPECT_EQ(source.size(), 10u);
  EXPECT_EQ(read(source, 3, 4), "3456");
  EXPECT_EQ(read(source, 10, 0), "");
}

TEST(FileSource, ReadsFromAnyOffset) {
  test::MemoryFile file(as_bytes("0123456789"));
  FileSource source(file, 10);
  EXPECT_EQ(read(source, 8, 2), "89");
}

TEST(FileSource, RefusesAFileThatBecameShorter) {
  test::MemoryFile file(as_bytes("01234"));
  FileSource source(file, 10);
  EXPECT_THROW(read(source, 4, 2), Error);
}

TEST(BytesSink, GathersUpToItsLimit) {
  BytesSink sink(4);
  sink.write(as_bytes("01"));
  sink.write(as_bytes("23"));
  EXPECT_EQ(as_text(sink.bytes()), "0123");
  EXPECT_THROW(sink.write(as_bytes("4")), Error);
}

TEST(ReportingSource, CountsBytesReadAgainOnce) {
  SpanSource inner(as_bytes("0123456789"));
  CountingProgress progress;
  const CancelToken cancel;
  ReportingSource source(inner, progress, cancel);
  EXPECT_EQ(read(source, 0, 6), "012345");
  EXPECT_EQ(read(source, 0, 6), "012345");
  EXPECT_EQ(read(source, 4, 6), "456789");
  EXPECT_EQ(progress.sum, 10u);
}

TEST(ReportingSource, StopsWhenCancelled) {
  SpanSource inner(as_bytes("0123456789"));
  CancelToken cancel;
  ReportingSource source(inner, no_progress(), cancel);
  cancel.cancel();
  EXPECT_THROW(read(source, 0, 1), Error);
}

}  // namespace
}  // namespace axon

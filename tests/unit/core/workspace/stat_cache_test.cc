#include "core/workspace/stat_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/base/sqlite.h"
#include "tests/support/temp_dir.h"

namespace axon::workspace {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'123'456'789;
constexpr std::int64_t kLongAgo = kNow - 3'600'000'000'000;

fs::FileInfo info_at(std::int64_t time_ns, std::uint64_t size = 10) {
  fs::FileInfo info;
  info.size = size;
  info.mode = 0644;
  info.device = 5;
  info.inode = 0xffff'ffff'ffff'fff0U;  // beyond SQLite's signed numbers
  info.mtime_ns = info.ctime_ns = time_ns;
  return info;
}

KnownContent content(std::uint64_t size = 10) {
  KnownContent content;
  content.blob.bytes.fill(std::byte{0xab});
  content.sha256.bytes.fill(std::byte{0xcd});
  content.size = size;
  content.pointer = true;
  return content;
}

class StatCacheTest : public testing::Test {
 protected:
  StatCache open() { return {fs::posix(), path()}; }
  fs::Path path() const { return folder_ / "stat.db"; }
  test::TempDir folder_;
};

TEST_F(StatCacheTest, KnowsAFileThatWasNotTouched) {
  auto cache = open();
  cache.record("a/b", info_at(kLongAgo), content(), kNow);
  cache.save();
  const auto reopened = open();
  ASSERT_NE(reopened.unchanged("a/b", info_at(kLongAgo)), nullptr);
  EXPECT_EQ(*reopened.unchanged("a/b", info_at(kLongAgo)), content());
  EXPECT_EQ(reopened.unchanged("a", info_at(kLongAgo)), nullptr);
}

TEST_F(StatCacheTest, AnyDifferenceOfTheStatIsAChange) {
  auto cache = open();
  const auto info = info_at(kLongAgo);
  cache.record("f", info, content(), kNow);
  const auto changed = [&](auto change) {
    auto other = info;
    change(other);
    return cache.unchanged("f", other) == nullptr;
  };
  EXPECT_TRUE(changed([](fs::FileInfo& i) { ++i.size; }));
  EXPECT_TRUE(changed([](fs::FileInfo& i) { ++i.mtime_ns; }));
  EXPECT_TRUE(changed([](fs::FileInfo& i) { ++i.ctime_ns; }));
  EXPECT_TRUE(changed([](fs::FileInfo& i) { ++i.inode; }));
  EXPECT_TRUE(changed([](fs::FileInfo& i) { ++i.device; }));
  EXPECT_TRUE(changed([](fs::FileInfo& i) { i.mode = 0755; }));
  EXPECT_FALSE(changed([](fs::FileInfo& i) { ++i.links; }));
}

TEST_F(StatCacheTest, AFileTouchedJustNowIsNotTrustedButItsContentIsKnown) {
  auto cache = open();
  const auto info = info_at(kNow - 5'000'000);
  cache.record("f", info, content(), kNow);
  EXPECT_EQ(cache.unchanged("f", info), nullptr);
  ASSERT_NE(cache.find("f"), nullptr);
  EXPECT_EQ(*cache.find("f"), content());
}

TEST(RacyClean, WindowFollowsTheResolutionOfTheTimes) {
  EXPECT_FALSE(is_racy(info_at(kNow - 25'000'000), kNow));
  EXPECT_TRUE(is_racy(info_at(kNow - 15'000'000), kNow));
  const auto whole_seconds = kNow / 1'000'000'000 * 1'000'000'000;
  EXPECT_TRUE(is_racy(info_at(whole_seconds), whole_seconds + 1'500'000'000));
  EXPECT_FALSE(is_racy(info_at(whole_seconds), whole_seconds + 2'500'000'000));
}

TEST(RacyClean, AFutureCtimeIsRacyButAFutureMtimeIsNot) {
  auto info = info_at(kLongAgo);
  info.mtime_ns = kNow + 3'600'000'000'000;
  EXPECT_FALSE(is_racy(info, kNow));
  info.ctime_ns = kNow + 1;
  EXPECT_TRUE(is_racy(info, kNow));
}

TEST_F(StatCacheTest, ForgetsWhatIsNotRetained) {
  auto cache = open();
  cache.record("a", info_at(kLongAgo), content(), kNow);
  cache.record("b", info_at(kLongAgo), content(), kNow);
  cache.save();
  auto second = open();
  second.retain([](std::string_view path) { return path == "b"; });
  second.save();
  const auto third = open();
  EXPECT_EQ(third.find("a"), nullptr);
  EXPECT_NE(third.find("b"), nullptr);
}

TEST_F(StatCacheTest, ADamagedOrForeignFileIsReplaced) {
  std::ofstream(path()) << "this is no database at all, but it is long enough to look like a header of one\n";
  auto cache = open();
  EXPECT_EQ(cache.size(), 0U);
  cache.record("a", info_at(kLongAgo), content(), kNow);
  cache.save();
  EXPECT_EQ(open().size(), 1U);
}

TEST_F(StatCacheTest, AnotherProgramsDatabaseIsReplaced) {
  Database(path()).exec("CREATE TABLE files (path TEXT); INSERT INTO files VALUES ('x')");
  auto cache = open();
  EXPECT_EQ(cache.size(), 0U);
  cache.record("a", info_at(kLongAgo), content(), kNow);
  cache.save();
  EXPECT_EQ(open().size(), 1U);
}

TEST_F(StatCacheTest, EveryCutOrFlippedDatabaseStillOpens) {
  auto cache = open();
  for (int i = 0; i < 40; ++i) cache.record("f" + std::to_string(i), info_at(kLongAgo), content(), kNow);
  cache.save();
  const auto whole = fs::read_file(fs::posix(), path(), 1 << 20);
  for (std::size_t at = 0; at < whole.size(); at += 13) {
    auto bytes = whole;
    bytes[at] ^= std::byte{0x10};
    fs::write_file_atomically(fs::posix(), path(), bytes);
    const auto flipped = open();
    for (int i = 0; i < 40; ++i) {
      const auto* known = flipped.find("f" + std::to_string(i));
      EXPECT_TRUE(known == nullptr || *known == content());
    }
    bytes.resize(at);
    fs::write_file_atomically(fs::posix(), path(), bytes);
    EXPECT_LE(open().size(), 41U);
  }
}

TEST_F(StatCacheTest, APlaceThatCannotBeWrittenIsNoError) {
  StatCache cache(fs::posix(), folder_.path() / "missing" / "stat.db");
  cache.record("a", info_at(kLongAgo), content(), kNow);
  cache.save();
  EXPECT_FALSE(fs::exists(fs::posix(), folder_.path() / "missing"));
}

TEST_F(StatCacheTest, HoldsTwentyThousandFiles) {
  auto cache = open();
  for (int i = 0; i < 20'000; ++i) {
    cache.record("part-" + std::to_string(i % 100) + "/file-" + std::to_string(i), info_at(kLongAgo),
                 content(), kNow);
  }
  cache.save();
  EXPECT_EQ(open().size(), 20'000U);
}

}  // namespace
}  // namespace axon::workspace

#include "remote/storage/adapters/local_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "tests/support/temp_dir.h"

namespace axon::storage {
namespace {

namespace stdfs = std::filesystem;

class LocalDirectoryTest : public testing::Test {
 protected:
  bool put(const std::string& key, std::string_view text, const Condition& condition = Condition::always()) {
    SpanSource source(as_bytes(text));
    return storage_.write(Key(key), source, condition).written;
  }
  void make_file(const stdfs::path& path, std::string_view text) {
    stdfs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::vector<std::string> keys() {
    std::vector<std::string> found;
    for (const auto& object : list_all(storage_, "")) found.push_back(object.key.text());
    return found;
  }
  ErrorCode code_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::failed;
  }

  test::TempDir folder_;
  stdfs::path root_ = folder_.path() / "deep" / "remote";
  LocalDirectory storage_{fs::posix(), root_};
};

TEST_F(LocalDirectoryTest, MakesNothingByLooking) {
  EXPECT_FALSE(storage_.stat(Key("axon.json")));
  EXPECT_TRUE(keys().empty());
  EXPECT_FALSE(stdfs::exists(root_));
}

TEST_F(LocalDirectoryTest, IsItsFolder) {
  put("packs/ab/one", "1");
  EXPECT_TRUE(stdfs::is_regular_file(root_ / "packs/ab/one"));
  EXPECT_EQ(storage_.location(), root_.string());
}

TEST_F(LocalDirectoryTest, LeavesNoTemporaryFiles) {
  put("a", "1", Condition::if_absent());
  put("a", "2", Condition::if_absent());
  put("a", "3");
  put("a", "4", Condition::if_matches("no"));
  EXPECT_TRUE(stdfs::is_empty(root_ / ".axon-tmp"));
}

TEST_F(LocalDirectoryTest, LeavesOneLinkToAnObject) {
  put("a", "1", Condition::if_absent());
  EXPECT_EQ(stdfs::hard_link_count(root_ / "a"), 1u);
}

TEST_F(LocalDirectoryTest, HidesItsOwnFiles) {
  put("a", "1");
  put("a", "2");
  EXPECT_EQ(keys(), std::vector<std::string>{"a"});
}

TEST_F(LocalDirectoryTest, ListsWhatOthersPutThere) {
  make_file(root_ / "my notes.txt", "x");
  make_file(root_ / ".git/config", "x");
  EXPECT_EQ(keys(), (std::vector<std::string>{".git/config", "my notes.txt"}));
}

TEST_F(LocalDirectoryTest, ListsNoLinksAndNoSpecialFiles) {
  make_file(folder_ / "outside/secret", "x");
  stdfs::create_directories(root_);
  stdfs::create_directory_symlink(folder_ / "outside", root_ / "folder");
  stdfs::create_symlink(folder_ / "outside/secret", root_ / "file");
  ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(keys().empty());
}

TEST_F(LocalDirectoryTest, FollowsNoLinkToAFile) {
  make_file(folder_ / "secret", "x");
  stdfs::create_directories(root_);
  stdfs::create_symlink(folder_ / "secret", root_ / "axon.json");
  BytesSink sink(100);
  EXPECT_EQ(code_of([&] { storage_.stat(Key("axon.json")); }), ErrorCode::integrity);
  EXPECT_EQ(code_of([&] { storage_.read(Key("axon.json"), {}, sink); }), ErrorCode::integrity);
  EXPECT_EQ(code_of([&] { storage_.remove(Key("axon.json")); }), ErrorCode::integrity);
  EXPECT_EQ(code_of([&] { put("axon.json", "y", Condition::if_absent()); }), ErrorCode::integrity);
}

TEST_F(LocalDirectoryTest, FollowsNoLinkToAFolder) {
  make_file(folder_ / "outside/secret", "x");
  stdfs::create_directories(root_);
  stdfs::create_directory_symlink(folder_ / "outside", root_ / "log");
  EXPECT_EQ(code_of([&] { storage_.stat(Key("log/secret")); }), ErrorCode::integrity);
  EXPECT_EQ(code_of([&] { storage_.list("log/", ""); }), ErrorCode::integrity);
  EXPECT_EQ(code_of([&] { put("log/new", "y"); }), ErrorCode::integrity);
  EXPECT_FALSE(stdfs::exists(folder_ / "outside/new"));
}

TEST_F(LocalDirectoryTest, MayItselfBeALink) {
  stdfs::create_directories(folder_ / "elsewhere");
  stdfs::create_directory_symlink(folder_ / "elsewhere", folder_ / "link");
  LocalDirectory linked(fs::posix(), folder_ / "link");
  SpanSource source(as_bytes("1"));
  EXPECT_TRUE(linked.write(Key("log/a"), source, Condition::if_absent()).written);
  EXPECT_TRUE(stdfs::exists(folder_ / "elsewhere/log/a"));
  EXPECT_EQ(list_all(linked, "").size(), 1u);
}

TEST_F(LocalDirectoryTest, RefusesAnObjectWhereAFolderIs) {
  put("packs/ab/one", "1");
  EXPECT_EQ(code_of([&] { put("packs/ab", "x"); }), ErrorCode::unsupported);
  EXPECT_EQ(code_of([&] { put("packs/ab", "x", Condition::if_absent()); }), ErrorCode::unsupported);
}

TEST_F(LocalDirectoryTest, RefusesAFolderWhereAnObjectIs) {
  put("packs", "1");
  EXPECT_EQ(code_of([&] { put("packs/ab", "x"); }), ErrorCode::unsupported);
  EXPECT_FALSE(storage_.stat(Key("packs/ab")));
}

TEST_F(LocalDirectoryTest, RemovesTemporaryFilesOfDeadWriters) {
  make_file(root_ / ".axon-tmp/old", "x");
  make_file(root_ / ".axon-tmp/young", "x");
  stdfs::last_write_time(root_ / ".axon-tmp/old",
                         stdfs::file_time_type::clock::now() - std::chrono::hours(25));
  stdfs::last_write_time(root_ / ".axon-tmp/young",
                         stdfs::file_time_type::clock::now() - std::chrono::hours(23));
  put("a", "1");
  EXPECT_FALSE(stdfs::exists(root_ / ".axon-tmp/old"));
  EXPECT_TRUE(stdfs::exists(root_ / ".axon-tmp/young"));
}

TEST_F(LocalDirectoryTest, FailsWhereItMayNotWrite) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  stdfs::create_directories(root_);
  stdfs::permissions(root_, stdfs::perms::owner_read | stdfs::perms::owner_exec);
  EXPECT_EQ(code_of([&] { put("a", "1"); }), ErrorCode::permission);
}

TEST_F(LocalDirectoryTest, FailsToListAFile) {
  make_file(root_, "no folder");
  EXPECT_THROW(storage_.list("", ""), Error);
}

}  // namespace
}  // namespace axon::storage

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "core/base/error.h"
#include "core/base/fs/file_system.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::fs {
namespace {

using test::CallKind;
using test::Fault;
using test::FaultyFileSystem;
using testing::ElementsAre;

class OperationsTest : public testing::Test {
 protected:
  Path at(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& text) {
    write_file_atomically(posix(), at(name), as_bytes(text));
  }
  std::string content(const std::string& name) {
    const auto bytes = read_file(posix(), at(name), 1 << 20);
    return std::string(as_text(bytes));
  }
  template <class Call>
  static ErrorCode code_of(Call call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::usage;
  }
  std::vector<std::string> synced_folders() {
    std::vector<std::string> names;
    for (const auto& call : faulty_.log()) {
      if (call.kind == CallKind::sync_directory) names.push_back(call.path.filename().string());
    }
    return names;
  }

  test::TempDir folder_;
  FaultyFileSystem faulty_{posix(), folder_.path()};
};

// --- make_directories ---

TEST_F(OperationsTest, MakesMissingParentsAndSyncsEachParentOfANewFolder) {
  posix().make_directory(at("a"));
  make_directories(faulty_, at("a/b/c"));
  EXPECT_EQ(posix().stat(at("a/b/c"))->type, FileType::directory);
  EXPECT_THAT(synced_folders(), ElementsAre("a", "b"));
}

TEST_F(OperationsTest, MakesNothingWhereTheFolderExists) {
  make_directories(faulty_, folder_.path());
  EXPECT_EQ(faulty_.calls(), 1u);
}

TEST_F(OperationsTest, AcceptsATrailingSlash) {
  make_directories(posix(), at("a/b/"));
  EXPECT_EQ(posix().stat(at("a/b"))->type, FileType::directory);
  EXPECT_NO_THROW(make_directories(posix(), at("a/b/")));
}

TEST_F(OperationsTest, MakesFoldersBehindASymbolicLinkToAFolder) {
  posix().make_directory(at("real"));
  posix().make_symlink("real", at("link"));
  make_directories(posix(), at("link/a"));
  EXPECT_TRUE(exists(posix(), at("real/a")));
  EXPECT_NO_THROW(make_directories(posix(), at("link")));
}

TEST_F(OperationsTest, RefusesAFileInTheWay) {
  write("a", "x");
  EXPECT_EQ(code_of([&] { make_directories(posix(), at("a")); }), ErrorCode::already_exists);
  EXPECT_EQ(code_of([&] { make_directories(posix(), at("a/b")); }), ErrorCode::already_exists);
}

TEST_F(OperationsTest, GivesTheModeToEachNewFolder) {
  make_directories(posix(), at("a/b"), 0700);
  EXPECT_EQ(posix().stat(at("a"))->mode, 0700u);
  EXPECT_EQ(posix().stat(at("a/b"))->mode, 0700u);
}

TEST_F(OperationsTest, LosesNoFolderOnceItIsMade) {
  make_directories(faulty_, at("a/b/c"));
  faulty_.restore_durable_state();
  EXPECT_TRUE(exists(posix(), at("a/b/c")));
}

// --- read_file ---

TEST_F(OperationsTest, ReadsWholeFilesUpToTheLimit) {
  for (const std::size_t size : {0u, 1u, 4095u, 4096u, 100'000u}) {
    write("a", std::string(size, 'x'));
    EXPECT_EQ(read_file(posix(), at("a"), size).size(), size);
    if (size > 0) {
      EXPECT_EQ(code_of([&] { read_file(posix(), at("a"), size - 1); }), ErrorCode::failed);
    }
  }
}

TEST_F(OperationsTest, AllocatesNothingForAFileBeyondTheLimit) {
  posix().open(at("a"), {.access = Access::create})->resize(std::uint64_t{1} << 42);
  EXPECT_EQ(code_of([&] { read_file(posix(), at("a"), 1000); }), ErrorCode::failed);
}

TEST_F(OperationsTest, ReadsFilesThatDoNotTellTheirSize) {
  EXPECT_GT(read_file(posix(), "/proc/self/maps", 1 << 20).size(), 4096u);
  EXPECT_EQ(code_of([&] { read_file(posix(), "/proc/self/maps", 100); }), ErrorCode::failed);
}

TEST_F(OperationsTest, FollowsLinksOnlyWhenAsked) {
  write("a", "x");
  posix().make_symlink("a", at("l"));
  EXPECT_EQ(code_of([&] { read_file(posix(), at("l"), 10); }), ErrorCode::io);
  EXPECT_EQ(read_file(posix(), at("l"), 10, Links::follow).size(), 1u);
}

// --- write_file_atomically ---

TEST_F(OperationsTest, WritesANewFileAndReplacesAnOldOne) {
  write("a", "one");
  EXPECT_EQ(content("a"), "one");
  write("a", "two");
  EXPECT_EQ(content("a"), "two");
  EXPECT_EQ(posix().list(folder_.path()).size(), 1u);
}

TEST_F(OperationsTest, WritesWithTheAskedMode) {
  write_file_atomically(posix(), at("a"), as_bytes("x"), 0600);
  EXPECT_EQ(posix().stat(at("a"))->mode, 0600u);
}

TEST_F(OperationsTest, ReplacesALinkRatherThanWhatItLeadsTo) {
  write("a", "x");
  posix().make_symlink("a", at("l"));
  write("l", "y");
  EXPECT_EQ(content("a"), "x");
  EXPECT_EQ(posix().stat(at("l"))->type, FileType::regular);
}

TEST_F(OperationsTest, WritesIntoTheWorkingDirectory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  write_file_atomically(posix(), "a", as_bytes("x"));
  make_directories(posix(), "d/e");
  std::filesystem::current_path(before);
  EXPECT_EQ(content("a"), "x");
  EXPECT_TRUE(exists(posix(), at("d/e")));
}

class AtomicWriteFault : public OperationsTest, public testing::WithParamInterface<Fault> {};

TEST_P(AtomicWriteFault, LeavesTheOldContentAndNoTemporaryFile) {
  write("a", "old");
  for (std::uint64_t n = 1;; ++n) {
    faulty_.reset();
    faulty_.fail_at(n, GetParam());
    const auto code = code_of([&] { write_file_atomically(faulty_, at("a"), as_bytes("new")); });
    if (!faulty_.fired()) break;
    EXPECT_TRUE(code == ErrorCode::io || code == ErrorCode::no_space);
    EXPECT_EQ(posix().list(folder_.path()).size(), 1u);
    EXPECT_EQ(faulty_.syncs_after_failure(), 0u);
    // After the rename only the sync of the folder can fail; the new name is there already.
    const bool renamed = faulty_.counts()[CallKind::sync_directory] == 1;
    EXPECT_EQ(content("a"), renamed ? "new" : "old");
    write("a", "old");
  }
  EXPECT_EQ(content("a"), "new");
}
INSTANTIATE_TEST_SUITE_P(Faults, AtomicWriteFault,
                         testing::Values(Fault::io_error, Fault::no_space, Fault::short_write,
                                         Fault::fsync_failure));

TEST_F(OperationsTest, TellsTheFirstErrorWhenTheDiskIsGone) {
  faulty_.fail_at(2, Fault::io_error, test::Repeat::sticky);
  try {
    write_file_atomically(faulty_, at("a"), as_bytes("x"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message().substr(0, 15), "cannot write_at");
  }
}

// --- remove_all ---

TEST_F(OperationsTest, RemovesAFileALinkOrAWholeTree) {
  make_directories(posix(), at("d/e/f"));
  make_directories(posix(), at("keep"));
  write("d/a", "x");
  write("d/e/f/b", "x");
  write("keep/a", "x");
  posix().make_symlink("../keep", at("d/link"));
  posix().make_symlink("keep", at("link"));
  write("file", "x");
  for (const char* name : {"d", "link", "file", "absent"}) remove_all(posix(), at(name));
  EXPECT_EQ(posix().list(folder_.path()).size(), 1u);
  EXPECT_EQ(content("keep/a"), "x");
}

TEST_F(OperationsTest, RemovesDeepTrees) {
  Path path = folder_ / "d";
  for (int i = 0; i < 60; ++i, path /= "d") posix().make_directory(path);
  remove_all(posix(), at("d"));
  EXPECT_FALSE(exists(posix(), at("d")));
}

TEST_F(OperationsTest, StopsWhenSomethingCannotBeRemoved) {
  make_directories(posix(), at("d"));
  write("d/a", "x");
  for (std::uint64_t n = 1;; ++n) {
    faulty_.reset();
    faulty_.fail_at(n, Fault::io_error);
    const auto code = code_of([&] { remove_all(faulty_, at("d")); });
    if (!faulty_.fired()) break;
    EXPECT_EQ(code, ErrorCode::io);
    EXPECT_TRUE(exists(posix(), at("d")));
  }
  EXPECT_FALSE(exists(posix(), at("d")));
}

// --- unique_path ---

TEST_F(OperationsTest, NamesANewPathEachTime) {
  std::set<Path> paths;
  for (int i = 0; i < 100; ++i) paths.insert(unique_path("/x", ".tmp-"));
  EXPECT_EQ(paths.size(), 100u);
  EXPECT_THAT(paths.begin()->string(), testing::MatchesRegex("/x/\\.tmp-[0-9a-f]{16}"));
}

}  // namespace
}  // namespace axon::fs

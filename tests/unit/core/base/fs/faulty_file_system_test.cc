#include "tests/support/faulty_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "core/base/error.h"
#include "tests/support/temp_dir.h"

namespace axon::test {
namespace {

using testing::ElementsAre;

class FaultyFileSystemTest : public testing::Test {
 protected:
  std::unique_ptr<fs::File> create(const std::string& name) {
    return faulty_.open(folder_ / name, {.access = fs::Access::create});
  }
  std::string content(const std::string& name) {
    const auto bytes = fs::read_file(fs::posix(), folder_ / name, 1 << 20);
    return std::string(as_text(bytes));
  }
  bool there(const std::string& name) { return fs::exists(fs::posix(), folder_ / name); }
  static ErrorCode code_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::usage;
  }

  TempDir folder_;
  FaultyFileSystem faulty_{fs::posix(), folder_.path()};
};

TEST_F(FaultyFileSystemTest, PassesEveryCallThroughAndCountsIt) {
  faulty_.make_directory(folder_ / "d", 0755);
  auto file = create("d/a");
  file->write_at(0, as_bytes("hello"));
  file->resize(4);
  file->sync();
  EXPECT_EQ(file->info().size, 4u);
  file->set_mode(0600);
  EXPECT_TRUE(file->try_lock(fs::LockMode::exclusive));
  EXPECT_EQ(file->next_data(0), 0u);
  Bytes read(10);
  EXPECT_EQ(file->read_at(1, read), 3u);
  EXPECT_FALSE(file->direct());
  file->close();
  faulty_.link(folder_ / "d/a", folder_ / "b");
  faulty_.rename(folder_ / "b", folder_ / "c");
  faulty_.make_symlink("c", folder_ / "s");
  EXPECT_EQ(faulty_.read_symlink(folder_ / "s"), "c");
  EXPECT_EQ(faulty_.stat(folder_ / "c")->links, 2u);
  EXPECT_EQ(faulty_.list(folder_.path()).size(), 3u);
  faulty_.remove(folder_ / "d/a");
  faulty_.remove_directory(folder_ / "d");
  faulty_.sync_directory(folder_.path());
  faulty_.sync_all(folder_.path());
  faulty_.open(folder_ / "c", {});
  EXPECT_EQ(content("c"), "hell");
  EXPECT_FALSE(there("d"));

  EXPECT_EQ(faulty_.calls(), 22u);
  const auto counts = faulty_.counts();
  EXPECT_EQ(counts.size(), 22u);
  for (const auto& [kind, count] : counts) EXPECT_EQ(count, 1u) << to_string(kind);
}

TEST_F(FaultyFileSystemTest, LogsTheCallsInOrderWithTheirPaths) {
  create("a")->sync();
  faulty_.rename(folder_ / "a", folder_ / "b");
  std::vector<std::string> log;
  for (const auto& call : faulty_.log())
    log.push_back(to_string(call.kind) + (" " + call.path.filename().string()));
  EXPECT_THAT(log, ElementsAre("create a", "sync a", "rename b"));
  EXPECT_EQ(faulty_.label(CallKind::rename, 1), "rename '" + (folder_ / "b").string() + "'");
  EXPECT_EQ(faulty_.label(CallKind::rename, 2), "no such rename");
}

TEST_F(FaultyFileSystemTest, PassesErrorsOfTheRealOneOn) {
  EXPECT_EQ(code_of([&] { faulty_.open(folder_ / "no", {}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { faulty_.remove(folder_ / "no"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { faulty_.rename(folder_ / "no", folder_ / "x"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { faulty_.remove_directory(folder_ / "no"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { faulty_.sync_directory(folder_ / "no"); }), ErrorCode::not_found);
  create("a");
  EXPECT_EQ(code_of([&] { create("a"); }), ErrorCode::already_exists);
  EXPECT_EQ(code_of([&] { faulty_.sync_directory(folder_ / "a"); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { faulty_.make_directory(folder_ / "a", 0755); }), ErrorCode::already_exists);
  faulty_.make_directory(folder_ / "d", 0755);
  create("d/x");
  EXPECT_EQ(code_of([&] { faulty_.remove_directory(folder_ / "d"); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { faulty_.rename(folder_ / "a", folder_ / "d"); }), ErrorCode::io);
  EXPECT_TRUE(there("d/x"));
}

// --- the N-th call fails ---

TEST_F(FaultyFileSystemTest, FailsExactlyTheNthCallBeforeItHasAnEffect) {
  faulty_.fail_at(2, Fault::io_error);
  faulty_.make_directory(folder_ / "a", 0755);
  EXPECT_FALSE(faulty_.fired());
  EXPECT_EQ(code_of([&] { faulty_.make_directory(folder_ / "b", 0755); }), ErrorCode::io);
  EXPECT_TRUE(faulty_.fired());
  EXPECT_FALSE(there("b"));
  EXPECT_NO_THROW(faulty_.make_directory(folder_ / "b", 0755));
}

TEST_F(FaultyFileSystemTest, NamesTheCallAndItsPathInTheError) {
  faulty_.fail_at(1, Fault::io_error);
  try {
    faulty_.make_directory(folder_ / "a", 0755);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "cannot make_directory '" + (folder_ / "a").string() + "'");
    EXPECT_THAT(error.causes(), ElementsAre("input/output error", "a test made it fail"));
  }
}

TEST_F(FaultyFileSystemTest, FailsEachLaterCallTooWhenSticky) {
  faulty_.fail_at(2, Fault::io_error, Repeat::sticky);
  faulty_.make_directory(folder_ / "a", 0755);
  EXPECT_EQ(code_of([&] { faulty_.stat(folder_ / "a"); }), ErrorCode::io);
  EXPECT_EQ(code_of([&] { faulty_.list(folder_.path()); }), ErrorCode::io);
  faulty_.reset();
  EXPECT_NO_THROW(faulty_.stat(folder_ / "a"));
}

TEST_F(FaultyFileSystemTest, RunsOutOfSpaceOnlyInCallsThatNeedSome) {
  faulty_.fail_at(1, Fault::no_space, Repeat::sticky);
  EXPECT_NO_THROW(faulty_.stat(folder_ / "a"));
  EXPECT_NO_THROW(faulty_.list(folder_.path()));
  EXPECT_EQ(code_of([&] { create("a"); }), ErrorCode::no_space);
  EXPECT_EQ(code_of([&] { faulty_.make_directory(folder_ / "d", 0755); }), ErrorCode::no_space);
  EXPECT_NO_THROW(faulty_.stat(folder_ / "a"));
  EXPECT_EQ(faulty_.calls(Fault::no_space), 2u);
}

TEST_F(FaultyFileSystemTest, WritesHalfBeforeAShortWriteFails) {
  auto file = create("a");
  faulty_.fail_at(2, Fault::short_write);
  file->write_at(0, as_bytes("0123"));
  EXPECT_EQ(code_of([&] { file->write_at(4, as_bytes("456789")); }), ErrorCode::no_space);
  EXPECT_EQ(content("a"), "0123456");
  EXPECT_EQ(faulty_.calls(Fault::short_write), 2u);
}

TEST_F(FaultyFileSystemTest, WritesWholeBlocksOfADirectFileBeforeAShortWriteFails) {
  auto file = faulty_.open(folder_ / "a", {.access = fs::Access::create, .caching = fs::Caching::direct});
  AlignedBuffer buffer(3 * 4096);
  std::fill_n(buffer.data(), buffer.capacity(), std::byte{1});
  faulty_.fail_at(1, Fault::short_write);
  EXPECT_EQ(code_of([&] { file->write_at(0, buffer.span()); }), ErrorCode::no_space);
  EXPECT_EQ(content("a").size(), 4096u);
}

TEST_F(FaultyFileSystemTest, CountsOnlySyncsForAFailedSync) {
  auto file = create("a");
  faulty_.fail_at(2, Fault::fsync_failure);
  file->sync();
  file->write_at(0, as_bytes("x"));
  EXPECT_EQ(code_of([&] { faulty_.sync_directory(folder_.path()); }), ErrorCode::io);
  EXPECT_NO_THROW(file->sync());
  EXPECT_EQ(faulty_.calls(Fault::fsync_failure), 3u);
}

TEST_F(FaultyFileSystemTest, NoticesASyncThatIsRepeatedAfterItFailed) {
  auto file = create("a");
  file->write_at(0, as_bytes("x"));
  faulty_.fail_at(1, Fault::fsync_failure);
  EXPECT_THROW(file->sync(), Error);
  EXPECT_EQ(faulty_.syncs_after_failure(), 0u);
  file->sync();
  EXPECT_EQ(faulty_.syncs_after_failure(), 1u);
}

TEST_F(FaultyFileSystemTest, NeverSavesDataWhoseSyncHasFailed) {
  auto file = create("a");
  faulty_.sync_directory(folder_.path());
  file->write_at(0, as_bytes("x"));
  faulty_.reset();
  faulty_.fail_at(1, Fault::io_error);
  EXPECT_THROW(file->sync(), Error);
  file->sync();
  faulty_.sync_all(folder_.path());
  faulty_.restore_durable_state();
  EXPECT_EQ(content("a"), "");
}

TEST_F(FaultyFileSystemTest, LosesOnlyDirtyFilesWhenASyncOfAllFails) {
  auto clean = create("clean"), dirty = create("dirty");
  clean->write_at(0, as_bytes("x"));
  clean->sync();
  dirty->write_at(0, as_bytes("x"));
  faulty_.reset();
  faulty_.fail_at(1, Fault::fsync_failure);
  EXPECT_THROW(faulty_.sync_all(folder_.path()), Error);
  faulty_.sync_all(folder_.path());
  faulty_.restore_durable_state();
  EXPECT_EQ(content("clean"), "x");
  EXPECT_EQ(content("dirty"), "");
}

// --- the process dies, the power goes ---

TEST_F(FaultyFileSystemTest, DiesAtTheNthCallWithoutMakingIt) {
  faulty_.die_at(2);
  const pid_t child = ::fork();
  if (child == 0) {
    faulty_.make_directory(folder_ / "a", 0755);
    faulty_.make_directory(folder_ / "b", 0755);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), FaultyFileSystem::kDeathExitCode);
  EXPECT_TRUE(there("a"));
  EXPECT_FALSE(there("b"));
}

TEST_F(FaultyFileSystemTest, RefusesEveryCallOnceThePowerIsCut) {
  auto file = create("a");
  faulty_.cut_power_at(3);
  file->write_at(0, as_bytes("x"));
  EXPECT_THROW(faulty_.make_directory(folder_ / "d", 0755), PowerCut);
  EXPECT_TRUE(faulty_.fired());
  EXPECT_FALSE(there("d"));
  EXPECT_THROW(file->write_at(1, as_bytes("y")), PowerCut);
  EXPECT_THROW(file->info(), PowerCut);
  EXPECT_THROW(faulty_.stat(folder_.path()), PowerCut);
  EXPECT_THROW(faulty_.sync_all(folder_.path()), PowerCut);
  EXPECT_EQ(content("a"), "x");
}

TEST_F(FaultyFileSystemTest, IsNotFiredWhileThereAreFewerCallsThanN) {
  faulty_.cut_power_at(2);
  faulty_.stat(folder_.path());
  EXPECT_FALSE(faulty_.fired());
}

TEST_F(FaultyFileSystemTest, WorksAgainAfterTheDurableStateIsRestored) {
  faulty_.cut_power_at(1);
  EXPECT_THROW(create("a"), PowerCut);
  faulty_.restore_durable_state();
  EXPECT_EQ(faulty_.calls(), 0u);
  EXPECT_FALSE(faulty_.fired());
  EXPECT_NO_THROW(create("a"));
}

// --- a call is left out ---

TEST_F(FaultyFileSystemTest, LeavesOutTheNthSyncSilently) {
  auto file = create("a");
  faulty_.sync_directory(folder_.path());
  faulty_.skip_at(CallKind::sync, 2);
  file->write_at(0, as_bytes("one"));
  file->sync();
  EXPECT_FALSE(faulty_.fired());
  file->write_at(3, as_bytes("two"));
  file->sync();
  EXPECT_TRUE(faulty_.fired());
  faulty_.restore_durable_state();
  EXPECT_EQ(content("a"), "one");
}

TEST_F(FaultyFileSystemTest, LeavesOutASyncOfAFolderOrOfAll) {
  create("a");
  faulty_.skip_at(CallKind::sync_directory, 1);
  faulty_.sync_directory(folder_.path());
  faulty_.skip_at(CallKind::sync_all, 1);
  faulty_.sync_all(folder_.path());
  faulty_.restore_durable_state();
  EXPECT_FALSE(there("a"));
}

TEST_F(FaultyFileSystemTest, LeavesOutTheNthRename) {
  create("a");
  faulty_.skip_at(CallKind::rename, 1);
  faulty_.rename(folder_ / "a", folder_ / "b");
  EXPECT_TRUE(there("a"));
  EXPECT_FALSE(there("b"));
  faulty_.rename(folder_ / "a", folder_ / "b");
  EXPECT_TRUE(there("b"));
}

TEST_F(FaultyFileSystemTest, CombinesASkipWithAPowerCut) {
  faulty_.skip_at(CallKind::sync, 1);
  faulty_.cut_power_at(5);
  auto file = create("a");
  file->write_at(0, as_bytes("x"));
  file->sync();
  faulty_.sync_directory(folder_.path());
  EXPECT_FALSE(faulty_.fired());
  EXPECT_THROW(file->close(), PowerCut);
  faulty_.restore_durable_state();
  EXPECT_EQ(content("a"), "");
}

TEST_F(FaultyFileSystemTest, CannotLeaveOutAWrite) {
  EXPECT_THROW(faulty_.skip_at(CallKind::write_at, 1), std::invalid_argument);
}

// --- threads, and the operations built on the seam ---

TEST_F(FaultyFileSystemTest, CountsEveryCallOfManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 50; ++i) {
        auto file = create(std::to_string(t) + "-" + std::to_string(i));
        file->write_at(0, as_bytes("x"));
        file->sync();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  faulty_.sync_directory(folder_.path());
  EXPECT_EQ(faulty_.calls(), 601u);
  faulty_.restore_durable_state();
  EXPECT_EQ(fs::posix().list(folder_.path()).size(), 200u);
  EXPECT_EQ(content("3-49"), "x");
}

// Runs write_file_atomically over an old file until a cut at the n-th call, for every n and every fate of
// unsynced changes; returns what is found afterwards ("" for nothing).
std::vector<std::string> outcomes_of_atomic_write(const std::function<void(FaultyFileSystem&)>& also) {
  std::vector<std::string> found;
  for (const auto unsynced : {Unsynced::lost, Unsynced::entries_survive, Unsynced::data_survives}) {
    for (std::uint64_t n = 1;; ++n) {
      TempDir folder;
      fs::posix().open(folder / "f", {.access = fs::Access::create})->write_at(0, as_bytes("old"));
      FaultyFileSystem faulty(fs::posix(), folder.path());
      also(faulty);
      faulty.cut_power_at(n);
      bool acknowledged = false;
      try {
        fs::write_file_atomically(faulty, folder / "f", as_bytes("new"));
        acknowledged = true;
      } catch (const PowerCut&) {
      }
      faulty.restore_durable_state(unsynced);
      const auto bytes = fs::read_file(fs::posix(), folder / "f", 100);
      found.push_back((acknowledged ? "acknowledged " : "") + std::string(as_text(bytes)));
      if (acknowledged) break;
    }
  }
  return found;
}

TEST(FaultyFileSystem, FindsAnAtomicWriteWholeAtEveryPowerCut) {
  const auto outcomes = outcomes_of_atomic_write([](FaultyFileSystem&) {});
  EXPECT_GE(outcomes.size(), 18u);
  EXPECT_THAT(outcomes, testing::Each(testing::AnyOf("old", "new", "acknowledged new")));
  EXPECT_THAT(outcomes, testing::Contains("old"));
  EXPECT_THAT(outcomes, testing::Contains("new"));
}

TEST(FaultyFileSystem, NoticesWhenAnAtomicWriteLacksItsFileSync) {
  EXPECT_THAT(outcomes_of_atomic_write([](FaultyFileSystem& f) { f.skip_at(CallKind::sync, 1); }),
              testing::Contains("acknowledged "));
}

TEST(FaultyFileSystem, NoticesWhenAnAtomicWriteLacksItsFolderSync) {
  EXPECT_THAT(outcomes_of_atomic_write([](FaultyFileSystem& f) { f.skip_at(CallKind::sync_directory, 1); }),
              testing::Contains("acknowledged old"));
}

TEST(FaultyFileSystem, NoticesWhenAnAtomicWriteLacksItsRename) {
  EXPECT_THAT(outcomes_of_atomic_write([](FaultyFileSystem& f) { f.skip_at(CallKind::rename, 1); }),
              testing::Contains("acknowledged old"));
}

}  // namespace
}  // namespace axon::test

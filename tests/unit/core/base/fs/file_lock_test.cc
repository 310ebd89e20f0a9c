#include "core/base/fs/file_lock.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "core/base/error.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::fs {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class FileLockTest : public testing::Test {
 protected:
  std::optional<Error> error_of(LockMode mode, std::chrono::milliseconds timeout, FileSystem& fs = posix()) {
    try {
      const FileLock lock(fs, path_, mode, timeout, cancel_);
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }

  test::TempDir folder_;
  Path path_ = folder_ / "lock";
  CancelToken cancel_;
};

TEST_F(FileLockTest, CreatesTheFileAndNeverRemovesIt) {
  { const FileLock lock(posix(), path_, LockMode::exclusive, 0ms, cancel_); }
  EXPECT_TRUE(exists(posix(), path_));
}

TEST_F(FileLockTest, ExcludesOthersForAsLongAsItLives) {
  {
    const FileLock lock(posix(), path_, LockMode::exclusive, 0ms, cancel_);
    EXPECT_EQ(error_of(LockMode::exclusive, 0ms)->code(), ErrorCode::locked);
    EXPECT_EQ(error_of(LockMode::shared, 0ms)->code(), ErrorCode::locked);
  }
  EXPECT_FALSE(error_of(LockMode::exclusive, 0ms));
}

TEST_F(FileLockTest, IsSharedAmongReaders) {
  const FileLock lock(posix(), path_, LockMode::shared, 0ms, cancel_);
  EXPECT_FALSE(error_of(LockMode::shared, 0ms));
  EXPECT_EQ(error_of(LockMode::exclusive, 0ms)->code(), ErrorCode::locked);
}

TEST_F(FileLockTest, NamesThePathAndAWayOutWhenItTakesTooLong) {
  const FileLock lock(posix(), path_, LockMode::exclusive, 0ms, cancel_);
  const auto before = Clock::now();
  const auto error = error_of(LockMode::exclusive, 60ms);
  EXPECT_GE(Clock::now() - before, 60ms);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(), "cannot lock '" + path_.string() + "'");
  EXPECT_TRUE(error->transient());
  EXPECT_FALSE(error->hints().empty());
}

TEST_F(FileLockTest, WaitsUntilItIsFree) {
  auto first = std::make_unique<FileLock>(posix(), path_, LockMode::exclusive, 0ms, cancel_);
  std::thread release([&] {
    std::this_thread::sleep_for(50ms);
    first.reset();
  });
  EXPECT_FALSE(error_of(LockMode::exclusive, 10s));
  release.join();
}

TEST_F(FileLockTest, StopsWaitingWhenCancelled) {
  const FileLock lock(posix(), path_, LockMode::exclusive, 0ms, cancel_);
  cancel_.cancel();
  EXPECT_EQ(error_of(LockMode::exclusive, 10s)->code(), ErrorCode::interrupted);
}

TEST_F(FileLockTest, RefusesASymbolicLink) {
  posix().make_symlink("elsewhere", path_);
  EXPECT_EQ(error_of(LockMode::exclusive, 0ms)->code(), ErrorCode::io);
  EXPECT_FALSE(exists(posix(), folder_ / "elsewhere"));
}

// A place where nothing may be written; tests may run as root, whom no mode stops.
class ReadOnlyPlace final : public test::FaultyFileSystem {
 public:
  using FaultyFileSystem::FaultyFileSystem;
  std::unique_ptr<File> open(const Path& path, const OpenOptions& options) override {
    if (options.access != Access::read) throw system_error(EROFS, "open", path.string());
    return FaultyFileSystem::open(path, options);
  }
};

TEST_F(FileLockTest, SharesAnExistingFileOfAReadOnlyPlace) {
  ReadOnlyPlace fs(posix(), folder_.path());
  const FileLock writer(posix(), path_, LockMode::exclusive, 0ms, cancel_);
  EXPECT_EQ(error_of(LockMode::shared, 0ms, fs)->code(), ErrorCode::locked);
}

TEST_F(FileLockTest, LocksNothingWhereAReadOnlyPlaceHasNoLockFile) {
  ReadOnlyPlace fs(posix(), folder_.path());
  EXPECT_FALSE(error_of(LockMode::shared, 0ms, fs));
  EXPECT_FALSE(exists(posix(), path_));
}

TEST_F(FileLockTest, CannotBeExclusiveInAReadOnlyPlace) {
  ReadOnlyPlace fs(posix(), folder_.path());
  EXPECT_EQ(error_of(LockMode::exclusive, 0ms, fs)->code(), ErrorCode::permission);
}

TEST_F(FileLockTest, PassesOtherErrorsOn) {
  test::FaultyFileSystem fs(posix(), folder_.path());
  fs.fail_at(1, test::Fault::io_error);
  EXPECT_EQ(error_of(LockMode::shared, 0ms, fs)->code(), ErrorCode::io);
}

}  // namespace
}  // namespace axon::fs

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "core/base/error.h"
#include "core/base/fs/file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::fs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PosixTest : public testing::Test {
 protected:
  Path at(const std::string& name) const { return folder_ / name; }
  std::unique_ptr<File> create(const std::string& name, const std::string& text = "") {
    auto file = fs_.open(at(name), {.access = Access::create});
    file->write_at(0, as_bytes(text));
    return file;
  }
  std::string content(const std::string& name) {
    const auto bytes = read_file(fs_, at(name), 1 << 20);
    return std::string(as_text(bytes));
  }
  static Error error_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error;
    }
    return Error(ErrorCode::usage, "nothing was thrown");
  }

  test::TempDir folder_;
  FileSystem& fs_ = posix();
};

TEST_F(PosixTest, ReadsBackWhatItWritesAtAnyOffset) {
  auto file = create("a", "hello");
  file->write_at(10, as_bytes("world"));
  Bytes read(15);
  EXPECT_EQ(file->read_at(0, read), 15u);
  EXPECT_EQ(as_text(read), std::string_view("hello\0\0\0\0\0world", 15));
}

TEST_F(PosixTest, ReadsLessOnlyAtTheEnd) {
  auto file = create("a", "hello");
  Bytes read(10);
  EXPECT_EQ(file->read_at(3, read), 2u);
  EXPECT_EQ(file->read_at(5, read), 0u);
  EXPECT_EQ(file->read_at(500, read), 0u);
  EXPECT_EQ(file->read_at(0, {}), 0u);
}

TEST_F(PosixTest, ChangesTheSizeBothWays) {
  auto file = create("a", "hello");
  file->resize(2);
  EXPECT_EQ(content("a"), "he");
  file->resize(4);
  EXPECT_EQ(content("a"), std::string("he\0\0", 4));
  EXPECT_EQ(file->info().size, 4u);
}

TEST_F(PosixTest, SyncsAndCloses) {
  auto file = create("a", "hello");
  EXPECT_NO_THROW(file->sync());
  EXPECT_NO_THROW(file->close());
  EXPECT_NO_THROW(file->close());
  EXPECT_NO_THROW(fs_.sync_directory(folder_.path()));
  EXPECT_NO_THROW(fs_.sync_all(at("a")));
  EXPECT_NO_THROW(fs_.sync_all(folder_.path()));
}

TEST_F(PosixTest, ReportsUseAfterClose) {
  auto file = create("a");
  file->close();
  EXPECT_EQ(error_of([&] { file->write_at(0, as_bytes("x")); }).code(), ErrorCode::io);
  EXPECT_EQ(error_of([&] { file->sync(); }).code(), ErrorCode::io);
}

// --- opening ---

TEST_F(PosixTest, CreatesOnlyWhatDoesNotExist) {
  create("a", "first");
  const auto error = error_of([&] { create("a"); });
  EXPECT_EQ(error.code(), ErrorCode::already_exists);
  EXPECT_EQ(error.message(), "cannot create '" + at("a").string() + "'");
  EXPECT_EQ(content("a"), "first");
}

TEST_F(PosixTest, OpensOrCreates) {
  fs_.open(at("a"), {.access = Access::open_or_create})->write_at(0, as_bytes("one"));
  fs_.open(at("a"), {.access = Access::open_or_create})->write_at(3, as_bytes("two"));
  EXPECT_EQ(content("a"), "onetwo");
}

TEST_F(PosixTest, OpensForReadingAndWritingOnlyWhatExists) {
  EXPECT_EQ(error_of([&] { fs_.open(at("a"), {}); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] { fs_.open(at("a"), {.access = Access::read_write}); }).code(),
            ErrorCode::not_found);
  create("a", "x");
  fs_.open(at("a"), {.access = Access::read_write})->write_at(0, as_bytes("y"));
  EXPECT_EQ(error_of([&] { fs_.open(at("a"), {})->write_at(0, as_bytes("z")); }).code(), ErrorCode::io);
  EXPECT_EQ(content("a"), "y");
}

TEST_F(PosixTest, RefusesSymbolicLinksUnlessAsked) {
  create("a", "x");
  fs_.make_symlink("a", at("l"));
  const auto error = error_of([&] { fs_.open(at("l"), {}); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_THAT(error.causes(), ElementsAre(HasSubstr("symbolic links")));
  EXPECT_EQ(error_of([&] { fs_.open(at("l"), {.access = Access::read_write}); }).code(), ErrorCode::io);
  EXPECT_EQ(error_of([&] { fs_.open(at("l"), {.access = Access::open_or_create}); }).code(), ErrorCode::io);
  EXPECT_EQ(fs_.open(at("l"), {.links = Links::follow})->info().size, 1u);
}

TEST_F(PosixTest, CreatesWithTheAskedMode) {
  fs_.open(at("a"), {.access = Access::create, .mode = 0600});
  EXPECT_EQ(fs_.stat(at("a"))->mode, 0600u);
  auto file = fs_.open(at("a"), {.access = Access::read_write});
  file->set_mode(0444);
  EXPECT_EQ(file->info().mode, 0444u);
}

TEST_F(PosixTest, DoesNotHangOnANamedPipe) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_EQ(fs_.open(at("pipe"), {})->info().type, FileType::other);
}

TEST_F(PosixTest, ClosesItsDescriptorsInStartedPrograms) {
  auto file = create("a");
  const pid_t child = ::fork();
  if (child == 0) {
    // Only standard streams and the folder being listed may be open in a program that we start.
    ::execlp("sh", "sh", "-c", ("! ls -l /proc/self/fd | grep -q " + folder_.path().string()).c_str(),
             nullptr);
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// --- direct ---

TEST_F(PosixTest, WritesAndReadsDirectFilesWithATail) {
  AlignedBuffer buffer(2 * 4096);
  std::fill_n(buffer.data(), buffer.capacity(), std::byte{'x'});
  auto file = fs_.open(at("a"), {.access = Access::create, .caching = Caching::direct});
  file->write_at(0, buffer.span());
  file->write_at(8192, buffer.span());
  file->resize(10'000);
  file->sync();
  file->close();
  EXPECT_EQ(content("a"), std::string(10'000, 'x'));

  auto reader = fs_.open(at("a"), {.caching = Caching::direct});
  AlignedBuffer read(4 * 4096);
  EXPECT_EQ(reader->read_at(0, read.span()), 10'000u);
  EXPECT_EQ(reader->read_at(8192, read.span()), 10'000u - 8192u);
  EXPECT_EQ(reader->read_at(12'288, read.span()), 0u);
}

TEST_F(PosixTest, TellsWhetherDirectWasGranted) {
  EXPECT_FALSE(create("a")->direct());
  const int fd = ::open(at("a").c_str(), O_RDONLY | O_DIRECT);
  const bool possible = fd >= 0;
  if (possible) ::close(fd);
  EXPECT_EQ(fs_.open(at("a"), {.caching = Caching::direct})->direct(), possible);
}

TEST_F(PosixTest, FallsBackToTheCacheWhereDirectIsImpossible) {
  // A folder takes no O_DIRECT on any file system.
  EXPECT_FALSE(fs_.open(folder_.path(), {.caching = Caching::direct})->direct());
}

// --- looking ---

TEST_F(PosixTest, TellsNothingWhereNothingIs) {
  EXPECT_FALSE(fs_.stat(at("a")));
  create("a");
  EXPECT_FALSE(fs_.stat(at("a/b")));
  EXPECT_FALSE(exists(fs_, at("b")));
  EXPECT_TRUE(exists(fs_, at("a")));
}

TEST_F(PosixTest, TellsWhatIsThereWithoutFollowingLinks) {
  create("a", "hello");
  fs_.make_directory(at("d"), 0700);
  fs_.make_symlink("nowhere", at("l"));
  EXPECT_EQ(fs_.stat(at("a"))->type, FileType::regular);
  EXPECT_EQ(fs_.stat(at("a"))->size, 5u);
  EXPECT_EQ(fs_.stat(at("d"))->type, FileType::directory);
  EXPECT_EQ(fs_.stat(at("d"))->mode, 0700u);
  EXPECT_EQ(fs_.stat(at("l"))->type, FileType::symlink);
}

TEST_F(PosixTest, TellsTimesAndIdentity) {
  auto file = create("a");
  const timespec times[2] = {{1'000'000, 1}, {1'700'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, at("a").c_str(), times, 0), 0);
  fs_.link(at("a"), at("b"));
  const auto a = file->info(), b = fs_.stat(at("b")).value();
  EXPECT_EQ(a.mtime_ns, 1'700'000'000'123'456'789);
  EXPECT_GT(a.ctime_ns, a.mtime_ns);
  EXPECT_EQ(a.links, 2u);
  EXPECT_EQ(a.inode, b.inode);
  EXPECT_EQ(a.device, b.device);
}

TEST_F(PosixTest, ListsNamesWithTheirTypes) {
  create("a");
  create(".hidden");
  fs_.make_directory(at("d"));
  fs_.make_symlink("a", at("l"));
  ASSERT_EQ(::mkfifo(at("p").c_str(), 0600), 0);
  std::map<std::string, FileType> found;
  for (const auto& entry : fs_.list(folder_.path())) found[entry.name] = entry.type;
  EXPECT_EQ(found, (std::map<std::string, FileType>{{"a", FileType::regular},
                                                    {".hidden", FileType::regular},
                                                    {"d", FileType::directory},
                                                    {"l", FileType::symlink},
                                                    {"p", FileType::other}}));
}

TEST_F(PosixTest, ListsOnlyFolders) {
  create("a");
  EXPECT_EQ(error_of([&] { fs_.list(at("a")); }).code(), ErrorCode::io);
  EXPECT_EQ(error_of([&] { fs_.list(at("b")); }).code(), ErrorCode::not_found);
  EXPECT_TRUE(fs_.list(folder_.path()).size() == 1);
}

// --- changing names ---

TEST_F(PosixTest, RenamesOverWhatIsThere) {
  create("a", "new");
  create("b", "old");
  fs_.rename(at("a"), at("b"));
  EXPECT_EQ(content("b"), "new");
  EXPECT_FALSE(exists(fs_, at("a")));
}

TEST_F(PosixTest, RenamesALinkItself) {
  fs_.make_symlink("nowhere", at("l"));
  fs_.rename(at("l"), at("m"));
  EXPECT_EQ(fs_.read_symlink(at("m")), "nowhere");
}

TEST_F(PosixTest, NamesBothPathsOfAFailedRename) {
  EXPECT_EQ(error_of([&] { fs_.rename(at("a"), at("b")); }).message(),
            "cannot rename '" + at("a").string() + "' to '" + at("b").string() + "'");
}

TEST_F(PosixTest, LinksOnlyToANewName) {
  create("a", "x");
  fs_.link(at("a"), at("b"));
  EXPECT_EQ(content("b"), "x");
  EXPECT_EQ(error_of([&] { fs_.link(at("a"), at("b")); }).code(), ErrorCode::already_exists);
}

TEST_F(PosixTest, KeepsLongLinkTargets) {
  const std::string target(4000, 'x');
  fs_.make_symlink(target, at("l"));
  EXPECT_EQ(fs_.read_symlink(at("l")), target);
  EXPECT_EQ(error_of([&] { fs_.make_symlink("x", at("l")); }).code(), ErrorCode::already_exists);
  create("a");
  EXPECT_EQ(error_of([&] { fs_.read_symlink(at("a")); }).code(), ErrorCode::io);
}

TEST_F(PosixTest, RemovesLinksNotTheirTargets) {
  create("a", "x");
  fs_.make_symlink("a", at("l"));
  fs_.remove(at("l"));
  EXPECT_EQ(content("a"), "x");
  fs_.remove(at("a"));
  EXPECT_EQ(error_of([&] { fs_.remove(at("a")); }).code(), ErrorCode::not_found);
}

TEST_F(PosixTest, MakesAndRemovesOneFolder) {
  fs_.make_directory(at("d"));
  EXPECT_EQ(error_of([&] { fs_.make_directory(at("d")); }).code(), ErrorCode::already_exists);
  EXPECT_EQ(error_of([&] { fs_.make_directory(at("x/y")); }).code(), ErrorCode::not_found);
  create("d/a");
  EXPECT_EQ(error_of([&] { fs_.remove_directory(at("d")); }).code(), ErrorCode::io);
  fs_.remove(at("d/a"));
  fs_.remove_directory(at("d"));
  EXPECT_FALSE(exists(fs_, at("d")));
}

TEST_F(PosixTest, SyncsOnlyFolders) {
  create("a");
  EXPECT_EQ(error_of([&] { fs_.sync_directory(at("a")); }).code(), ErrorCode::io);
  EXPECT_EQ(error_of([&] { fs_.sync_directory(at("b")); }).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of([&] { fs_.sync_all(at("b")); }).code(), ErrorCode::not_found);
}

TEST_F(PosixTest, IgnoresFoldersThatCannotBeSynced) {
  EXPECT_NO_THROW(fs_.sync_directory("/proc"));  // answers EINVAL
}

// --- locks and holes ---

TEST_F(PosixTest, SharesSharedLocksOnly) {
  auto one = create("a"), two = fs_.open(at("a"), {}), three = fs_.open(at("a"), {});
  EXPECT_TRUE(one->try_lock(LockMode::shared));
  EXPECT_TRUE(two->try_lock(LockMode::shared));
  EXPECT_FALSE(three->try_lock(LockMode::exclusive));
  one->close();
  two.reset();
  EXPECT_TRUE(three->try_lock(LockMode::exclusive));
  EXPECT_FALSE(fs_.open(at("a"), {})->try_lock(LockMode::shared));
}

TEST_F(PosixTest, FindsTheDataBetweenHoles) {
  auto file = create("a");
  file->write_at(1 << 20, as_bytes("x"));
  file->resize(2 << 20);
  const auto first = file->next_data(0).value();
  // Where the file system has no holes, all is data.
  if (first == 0) GTEST_SKIP() << "no holes here";
  EXPECT_EQ(first, 1u << 20);
  EXPECT_EQ(file->next_data((1 << 20) + 1), (1u << 20) + 1);
  EXPECT_EQ(file->next_data(1'500'000), std::nullopt);
  EXPECT_EQ(file->next_data(3 << 20), std::nullopt);
  EXPECT_LT(file->info().allocated, 100'000u);
}

TEST_F(PosixTest, FindsNoDataInAnEmptyFile) {
  EXPECT_EQ(create("a")->next_data(0), std::nullopt);
}

}  // namespace
}  // namespace axon::fs

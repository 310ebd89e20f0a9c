#include "core/workspace/status.h"

#include <chrono>
#include <thread>

#include "tests/support/faulty_file_system.h"
#include "tests/unit/core/workspace/as_nobody.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StatusTest : public WorkspaceFixture {
 protected:
  void write_and_commit() {
    write(first(), "a.txt", "one");
    write(first(), "model.bin", noise(50'000, 1));
    write(first(), "sub/b.txt", "two");
    rest();
    first().commit();
  }
  // Beyond the window in which a stat is not trusted.
  static void rest() { std::this_thread::sleep_for(std::chrono::milliseconds(30)); }
};

TEST_F(StatusTest, ANewWorkspaceHasOnlyAddedFiles) {
  write(first(), "a.txt", "one");
  const auto status = first().status();
  EXPECT_FALSE(status.base);
  EXPECT_FALSE(status.tip);
  EXPECT_THAT(changes_of(status), ElementsAre("added a.txt"));
  EXPECT_EQ(status.files, 1U);
  EXPECT_EQ(status.bytes, 3U);
}

TEST_F(StatusTest, TellsWhatDiffersFromTheBase) {
  write_and_commit();
  write(first(), "a.txt", "uno");
  write(first(), "new", "x");
  remove(first(), "sub/b.txt");
  const auto status = first().status();
  EXPECT_THAT(changes_of(status), ElementsAre("changed a.txt", "added new", "removed sub/b.txt"));
  EXPECT_EQ(status.changes[2].size, 3U);
}

TEST_F(StatusTest, OpensNoUnchangedFile) {
  write_and_commit();
  test::FaultyFileSystem watched(fs::posix(), folder_.path());
  Session session(watched, system_clock(), random_, home(), folder_ / "first");
  EXPECT_THAT(changes_of(session.status()), IsEmpty());
  for (const auto& call : watched.log()) {
    const bool opened = call.kind == test::CallKind::open && call.path.string().ends_with(".bin");
    EXPECT_FALSE(opened) << call.path;
  }
}

TEST_F(StatusTest, ForgivesATouchedFileAndReadsItOnce) {
  write_and_commit();
  write(first(), "model.bin", noise(50'000, 1));
  rest();
  EXPECT_THAT(changes_of(first().status()), IsEmpty());
  test::FaultyFileSystem watched(fs::posix(), folder_.path());
  Session session(watched, system_clock(), random_, home(), folder_ / "first");
  EXPECT_THAT(changes_of(session.status()), IsEmpty());
  for (const auto& call : watched.log()) {
    EXPECT_FALSE(call.kind == test::CallKind::read_at && call.path.string().ends_with("model.bin"));
  }
}

TEST_F(StatusTest, SeesAChangeThatKeepsSizeAndModificationTime) {
  write_and_commit();
  const auto path = first().root / "model.bin";
  const auto time = std::filesystem::last_write_time(path);
  {
    const auto file =
        fs::posix().open(path, {.access = fs::Access::read_write, .caching = {}, .links = {}, .mode = 0});
    file->write_at(100, as_bytes("other bytes"));
  }
  std::filesystem::last_write_time(path, time);
  EXPECT_THAT(changes_of(first().status()), ElementsAre("changed model.bin"));
}

TEST_F(StatusTest, ALostOrForeignCacheCostsOnlyTime) {
  write_and_commit();
  const auto cache = first().workspace->layout().stat_cache();
  std::filesystem::remove(cache);
  EXPECT_THAT(changes_of(first().status()), IsEmpty());
  write_file(first().root, ".axon/stat.db", noise(5000, 9));
  EXPECT_THAT(changes_of(first().status()), IsEmpty());
}

TEST_F(StatusTest, ACopiedWorkspaceIsUnchanged) {
  write_and_commit();
  std::filesystem::copy(folder_ / "first", folder_ / "copy", std::filesystem::copy_options::recursive);
  Session copy(fs::posix(), system_clock(), random_, home(), folder_ / "copy");
  EXPECT_THAT(changes_of(copy.status()), IsEmpty());
}

TEST_F(StatusTest, CountsHowFarTheLineIs) {
  write_and_commit();
  const auto base = first().workspace->state().base;
  write(first(), "a.txt", "2");
  CommitOptions options;
  options.tag = VersionName::parse("v2");
  first().commit(options);
  EXPECT_THAT(first().status().base_versions, ElementsAre("v2"));
  second().checkout(*base);
  const auto status = second().status();
  EXPECT_EQ(status.behind, 1U);
  EXPECT_EQ(status.ahead, 0U);
  EXPECT_THAT(status.base_versions, IsEmpty());
  EXPECT_EQ(status.tip, first().workspace->state().base);
}

TEST_F(StatusTest, WarnsOfWhatACommitWouldRefuse) {
  write_and_commit();
  write(first(), "A.txt", "twin");
  EXPECT_THAT(first().status().warnings, ElementsAre(HasSubstr("'A.txt' and 'a.txt'")));
}

TEST_F(StatusTest, AFileThatCannotBeReadIsChanged) {
  write_and_commit();
  write(first(), "a.txt", "one");
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  test::open_to_all(home(), test::Writable::no);
  test::open_to_all(first().root, test::Writable::no);
  std::filesystem::permissions(first().root / "a.txt", std::filesystem::perms::none);
  test::as_nobody([&] {
    Session session(fs::posix(), system_clock(), random_, home(), first().root, 1);
    const auto status = session.status();
    EXPECT_THAT(changes_of(status), ElementsAre("changed a.txt"));
    EXPECT_EQ(status.warnings.size(), 1U);
  });
}

}  // namespace
}  // namespace axon::workspace

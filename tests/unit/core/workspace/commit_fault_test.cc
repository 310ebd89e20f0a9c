// Whatever fails while a commit runs: the version before stays whole, an acknowledged commit is there, and
// the next commit succeeds. A line that has moved has its tag by the end of the next command.

#include "core/store/snapshot.h"
#include "tests/unit/core/workspace/fault_loop.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

constexpr const char* kLine = "refs/heads/hf/bert";
constexpr const char* kTag = "refs/tags/hf/bert@v2";

FileTexts files_of(Session& session, const GitId& commit) {
  test::TempDir folder;
  export_version(*session.store, commit, folder / "out", {}, Overwrite::no, no_progress(), session.cancel);
  return read_files(folder / "out");
}

class CommitFaultTest : public testing::Test {
 protected:
  CommitFaultTest() {
    loop_.prepare = [this](const fs::Path& folder) {
      auto session = open(fs::posix(), folder);
      write_file(session.root, "config.json", "one");
      write_file(session.root, "model.bin", noise(200'000, 1));
      write_file(session.root, "old/file", "old");
      session.commit();
      write_file(session.root, "config.json", "two");
      write_file(session.root, "model.bin", noise(200'000, 2));
      write_file(session.root, "more.bin", noise(5'000, 3));
      std::filesystem::remove_all(session.root / "old");
    };
    loop_.act = [this](fs::FileSystem& fs, const fs::Path& folder) { open(fs, folder).commit(); };
    loop_.check = [this](const fs::Path& folder, bool acted) { check(folder, acted); };
  }

  Session open(fs::FileSystem& fs, const fs::Path& folder) {
    return {fs, system_clock(), random_, folder / "home", folder / "work", 1};
  }

  void check(const fs::Path& folder, bool acted) {
    const FileTexts before{{"config.json", "one"}, {"model.bin", noise(200'000, 1)}, {"old/file", "old"}};
    auto session = open(fs::posix(), folder);
    const auto wanted = read_files(session.root);
    EXPECT_EQ(
        wanted,
        (FileTexts{{"config.json", "two"}, {"model.bin", noise(200'000, 2)}, {"more.bin", noise(5'000, 3)}}));
    auto& history = session.store->history();
    const auto tip = history.ref(kLine)->commit;
    const auto parents = history.commit(tip).parents;
    EXPECT_EQ(files_of(session, parents.empty() ? tip : parents.front()), before);
    if (acted) {
      EXPECT_EQ(parents.size(), 1U);
    }

    const auto next = session.commit();
    if (!parents.empty()) {
      EXPECT_FALSE(next.committed) << "the commit was there already";
    }
    const auto now = history.ref(kLine)->commit;
    EXPECT_EQ(files_of(session, now), wanted);
    EXPECT_EQ(session.workspace->state().base, now);
    EXPECT_THAT(changes_of(session.status()), testing::IsEmpty());
  }

  test::SeededRandom random_;
  FaultLoop loop_;
};

TEST_F(CommitFaultTest, AnyCallFails) {
  loop_.fail(test::Fault::io_error, 12);
}
TEST_F(CommitFaultTest, TheDiskIsFull) {
  loop_.fail(test::Fault::no_space, 6);
  loop_.fail(test::Fault::no_space, 4, test::Repeat::sticky);
}
TEST_F(CommitFaultTest, AWriteIsCutShort) {
  loop_.fail(test::Fault::short_write, 4);
}
TEST_F(CommitFaultTest, ASyncFails) {
  loop_.fail(test::Fault::fsync_failure, 6);
}
TEST_F(CommitFaultTest, ThePowerGoes) {
  loop_.cut_power(test::Unsynced::lost, 8);
}
TEST_F(CommitFaultTest, ThePowerGoesAndNamesSurvive) {
  loop_.cut_power(test::Unsynced::entries_survive, 6);
}
TEST_F(CommitFaultTest, ThePowerGoesAndDataSurvive) {
  loop_.cut_power(test::Unsynced::data_survives, 4);
}
TEST_F(CommitFaultTest, AnAcknowledgedCommitSurvivesThePowerCut) {
  loop_.cut_power_afterwards(test::Unsynced::lost);
  loop_.cut_power_afterwards(test::Unsynced::entries_survive);
  loop_.cut_power_afterwards(test::Unsynced::data_survives);
}

class TaggedCommitFaultTest : public CommitFaultTest {
 protected:
  TaggedCommitFaultTest() {
    loop_.act = [this](fs::FileSystem& fs, const fs::Path& folder) { commit(open(fs, folder)); };
    loop_.check = [this](const fs::Path& folder, bool acted) { check_refs(folder, acted); };
  }

  CommitResult commit(Session session) {
    CommitOptions options;
    options.tag = VersionName::parse("v2");
    return session.commit(options);
  }

  // The tag is on the line's tip, which is the commit with it; or there is neither.
  bool is_tagged(Session& session) {
    auto& history = session.store->history();
    const auto tip = history.ref(kLine)->commit;
    const bool moved = !history.commit(tip).parents.empty();
    const auto tag = history.ref(kTag);
    EXPECT_EQ(tag.has_value(), moved);
    if (tag) {
      EXPECT_EQ(tag->commit, tip);
    }
    return tag.has_value();
  }

  void check_refs(const fs::Path& folder, bool acted) {
    auto session = open(fs::posix(), folder);
    const auto base = *session.workspace->state().base;
    const auto wanted = read_files(session.root);
    session.checkout(base, Overwrite::yes);  // any command that changes the workspace
    const bool tagged = is_tagged(session);
    EXPECT_FALSE(session.workspace->state().publishing);
    if (acted) {
      EXPECT_TRUE(tagged);
    }
    if (tagged) return;
    for (const auto& [path, text] : wanted) write_file(session.root, path, text);
    EXPECT_TRUE(commit(open(fs::posix(), folder)).committed);
    EXPECT_TRUE(is_tagged(session));
  }

  // The same command once more.
  void check_again(const fs::Path& folder) {
    auto session = open(fs::posix(), folder);
    const bool cut_short = session.workspace->state().publishing.has_value();
    if (!cut_short && session.store->history().ref(kTag)) {
      EXPECT_EQ(code_of([&] { commit(open(fs::posix(), folder)); }), ErrorCode::already_exists);
    } else {
      commit(open(fs::posix(), folder));
    }
    EXPECT_TRUE(is_tagged(session));
    EXPECT_THAT(changes_of(open(fs::posix(), folder).status()), testing::IsEmpty());
  }
  void do_it_again() {
    loop_.check = [this](const fs::Path& folder, bool) { check_again(folder); };
  }
};

TEST_F(TaggedCommitFaultTest, AnyCallFails) {
  loop_.fail(test::Fault::io_error, 8);
  do_it_again();
  loop_.fail(test::Fault::io_error, 8);
}
TEST_F(TaggedCommitFaultTest, ThePowerGoes) {
  loop_.cut_power(test::Unsynced::lost, 6);
  do_it_again();
  loop_.cut_power(test::Unsynced::lost, 6);
}
TEST_F(TaggedCommitFaultTest, ThePowerGoesAndNamesSurvive) {
  do_it_again();
  loop_.cut_power(test::Unsynced::entries_survive, 6);
}
TEST_F(TaggedCommitFaultTest, AnAcknowledgedCommitSurvivesThePowerCut) {
  loop_.cut_power_afterwards(test::Unsynced::lost);
  do_it_again();
  loop_.cut_power_afterwards(test::Unsynced::entries_survive);
}

}  // namespace
}  // namespace axon::workspace

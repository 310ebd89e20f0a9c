// Workspaces and stores that the user may only read: looking works, and what cannot be done is said before
// anything has changed.

#include "tests/unit/core/workspace/as_nobody.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

using test::Writable;
using testing::ElementsAre;

class ReadOnlyTest : public WorkspaceFixture {
 protected:
  void SetUp() override {
    write(first(), "config.json", "one");
    write(first(), "model.bin", noise(200'000, 1));
    one_ = first().commit().id;
    write(first(), "config.json", "two");
    two_ = first().commit().id;
    write(first(), "config.json", "three");
    before_ = files(first());
  }

  // `act` in the first workspace, opened by a user who may or may not write to it and to its store.
  void as_user(Writable workspace, Writable store, const std::function<void(Session&)>& act) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    test::open_to_all(first().root, workspace);
    test::open_to_all(home(), store);
    test::as_nobody([&] {
      Session session(fs::posix(), system_clock(), random_, home(), first().root, 1);
      act(session);
    });
    EXPECT_EQ(first().store->history().ref("refs/heads/hf/bert")->commit, two_);
  }

  static void expect_refusal(const std::function<void()>& call) {
    try {
      call();
      ADD_FAILURE() << "it was done";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::permission) << error.message();
      EXPECT_FALSE(error.causes().empty());
    }
  }

  GitId one_, two_;
  FileTexts before_;
};

TEST_F(ReadOnlyTest, StatusWorksInAWorkspaceThatCannotBeWritten) {
  as_user(Writable::no, Writable::yes, [](Session& session) {
    EXPECT_THAT(changes_of(session.status()), ElementsAre("changed config.json"));
  });
}

TEST_F(ReadOnlyTest, StatusWorksOnAStoreThatCannotBeWritten) {
  as_user(Writable::yes, Writable::no, [](Session& session) {
    EXPECT_THAT(changes_of(session.status()), ElementsAre("changed config.json"));
  });
}

TEST_F(ReadOnlyTest, StatusWorksWhereNothingCanBeWritten) {
  as_user(Writable::no, Writable::no, [](Session& session) {
    EXPECT_THAT(changes_of(session.status()), ElementsAre("changed config.json"));
  });
}

TEST_F(ReadOnlyTest, ACommitInAWorkspaceThatCannotBeWrittenIsRefused) {
  as_user(Writable::no, Writable::yes, [](Session& session) { expect_refusal([&] { session.commit(); }); });
  EXPECT_EQ(files(first()), before_);
}

TEST_F(ReadOnlyTest, ACommitToAStoreThatCannotBeWrittenIsRefused) {
  as_user(Writable::yes, Writable::no, [&](Session& session) {
    expect_refusal([&] { session.commit(); });
    EXPECT_FALSE(session.workspace->state().publishing);
    session.checkout(two_, Overwrite::yes);
    EXPECT_FALSE(session.commit().committed) << "there is nothing that would have to be written";
  });
}

TEST_F(ReadOnlyTest, ACheckoutInAWorkspaceThatCannotBeWrittenIsRefused) {
  as_user(Writable::no, Writable::yes,
          [&](Session& session) { expect_refusal([&] { session.checkout(one_, Overwrite::yes); }); });
  EXPECT_EQ(files(first()), before_);
}

TEST_F(ReadOnlyTest, ACheckoutOfFilesInAFolderThatCannotBeWrittenChangesNothing) {
  as_user(Writable::no, Writable::yes, [](Session&) {});
  test::open_to_all(first().root / ".axon", Writable::yes);
  test::as_nobody([&] {
    Session session(fs::posix(), system_clock(), random_, home(), first().root, 1);
    expect_refusal([&] { session.checkout(one_, Overwrite::yes); });
    EXPECT_FALSE(session.workspace->state().restoring);
    EXPECT_THAT(session.status().warnings, testing::IsEmpty());
  });
  EXPECT_EQ(files(first()), before_);
}

TEST_F(ReadOnlyTest, ACheckoutFromAStoreThatCannotBeWrittenWorks) {
  as_user(Writable::yes, Writable::no, [&](Session& session) {
    session.checkout(one_, Overwrite::yes);
    EXPECT_EQ(session.workspace->state().base, one_);
  });
  EXPECT_EQ(files(first())["config.json"], "one");
}

TEST_F(ReadOnlyTest, AnExportFromAStoreThatCannotBeWrittenWorks) {
  test::TempDir out;
  std::filesystem::permissions(out.path(), std::filesystem::perms(0777));
  as_user(Writable::no, Writable::no, [&](Session& session) {
    export_version(*session.store, one_, out / "out", {}, Overwrite::no, no_progress(), session.cancel);
    EXPECT_EQ(read_files(out / "out")["config.json"], "one");
  });
}

}  // namespace
}  // namespace axon::workspace

#include "core/workspace/workspace.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::workspace {
namespace {

class WorkspaceTest : public testing::Test {
 protected:
  WorkspaceState state() const {
    WorkspaceState state{"/store", {ModelName::parse("hf/bert"), VersionName::parse("dev")}, {}, {}, {}, {},
                         {}};
    state.base = GitId::parse("0123456789012345678901234567890123456789");
    return state;
  }
  void overwrite(const std::string& text) { std::ofstream(folder_ / ".axon/workspace.json") << text; }
  ErrorCode code_of_opening() {
    try {
      Workspace(environment_, folder_.path());
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "it opened";
    return ErrorCode::failed;
  }

  test::TempDir folder_;
  test::FakeClock clock_;
  test::SeededRandom random_;
  store::Environment environment_{fs::posix(), clock_, random_};
};

TEST_F(WorkspaceTest, RemembersItsState) {
  auto saved = state();
  saved.remote = "prod";
  saved.lineage = saved.base;
  saved.lineage_spec = "hf/base@v1";
  saved.publishing = Publishing{*saved.base, VersionName::parse("v2")};
  Workspace::create(environment_, folder_.path(), saved);
  const Workspace workspace(environment_, folder_.path());
  EXPECT_EQ(workspace.state().store, "/store");
  EXPECT_EQ(workspace.state().line, saved.line);
  EXPECT_EQ(workspace.state().base, saved.base);
  EXPECT_EQ(workspace.state().remote, saved.remote);
  EXPECT_EQ(workspace.state().lineage, saved.lineage);
  EXPECT_EQ(workspace.state().lineage_spec, saved.lineage_spec);
  EXPECT_EQ(workspace.state().publishing, saved.publishing);
}

TEST_F(WorkspaceTest, ACommitOnItsWayMayBeWithoutATag) {
  Workspace::create(environment_, folder_.path(), state());
  const std::string id(40, '1');
  overwrite(R"({"format":1,"line":"hf/bert","publishing":")" + id + R"(","store":"/s"})");
  EXPECT_EQ(Workspace(environment_, folder_.path()).state().publishing, Publishing{*GitId::parse(id)});
}

TEST_F(WorkspaceTest, SavingReplacesTheState) {
  Workspace::create(environment_, folder_.path(), state());
  Workspace workspace(environment_, folder_.path());
  auto changed = state();
  changed.base.reset();
  workspace.save(changed);
  EXPECT_FALSE(Workspace(environment_, folder_.path()).state().base);
}

TEST_F(WorkspaceTest, LockingReadsWhatAnotherCommandSaved) {
  Workspace::create(environment_, folder_.path(), state());
  Workspace one(environment_, folder_.path()), other(environment_, folder_.path());
  auto changed = state();
  changed.base.reset();
  other.save(changed);
  EXPECT_TRUE(one.state().base);
  const auto lock = one.lock(CancelToken(), std::chrono::milliseconds{0});
  EXPECT_FALSE(one.state().base);
  EXPECT_THROW(other.lock(CancelToken(), std::chrono::milliseconds{0}), Error);
}

TEST_F(WorkspaceTest, IsFoundFromBelow) {
  Workspace::create(environment_, folder_.path(), state());
  std::filesystem::create_directories(folder_ / "a/b");
  EXPECT_EQ(Workspace::find(fs::posix(), folder_ / "a/b"), folder_.path());
  EXPECT_EQ(Workspace::find(fs::posix(), folder_.path()), folder_.path());
  EXPECT_EQ(Workspace::find(fs::posix(), folder_.path().parent_path()), std::nullopt);
}

TEST_F(WorkspaceTest, IsNotMadeInsideAnother) {
  Workspace::create(environment_, folder_.path(), state());
  std::filesystem::create_directories(folder_ / "a");
  EXPECT_THROW(Workspace::create(environment_, folder_.path(), state()), Error);
  EXPECT_THROW(Workspace::create(environment_, folder_ / "a", state()), Error);
}

TEST_F(WorkspaceTest, AbsentDamagedAndNewerOnesAreToldApart) {
  EXPECT_EQ(code_of_opening(), ErrorCode::not_a_workspace);
  Workspace::create(environment_, folder_.path(), state());
  for (const auto* text :
       {"", "{", "[]", R"({"format":1})", R"({"format":1,"line":"hf/bert","store":"relative"})",
        R"({"format":1,"line":"bert","store":"/s"})",
        R"({"base":"12","format":1,"line":"hf/bert","store":"/s"})",
        R"({"format":1,"line":"hf/bert","more":1,"store":"/s"})",
        R"({"format":1,"line":"hf/bert","publishing_tag":"v1","store":"/s"})",
        R"({"format":1,"line":"hf/bert","publishing":"0123456789012345678901234567890123456789",)"
        R"("publishing_tag":"a/b","store":"/s"})"}) {
    overwrite(text);
    EXPECT_EQ(code_of_opening(), ErrorCode::integrity) << text;
  }
  overwrite(R"({"format":2})");
  EXPECT_EQ(code_of_opening(), ErrorCode::unsupported);
}

TEST_F(WorkspaceTest, ACreationThatWasCutShortIsDoneAgain) {
  std::filesystem::create_directories(folder_ / ".axon");
  Workspace::create(environment_, folder_.path(), state());
  EXPECT_TRUE(Workspace(environment_, folder_.path()).state().base);
}

}  // namespace
}  // namespace axon::workspace

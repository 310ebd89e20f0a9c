// A commit with a tag that was cut short between its two refs: the next command makes whole what is there.
// tests/crash strikes the real calls; here the states that they leave are made by hand.

#include "core/workspace/recovery.h"

#include <array>

#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kLine = "refs/heads/hf/bert";
constexpr const char* kTag = "refs/tags/hf/bert@v2";

class RecoveryTest : public WorkspaceFixture {
 protected:
  // A commit of "two" as v2, and what workspace.json held while it published.
  void SetUp() override {
    write(first(), "config.json", "one");
    base_ = first().commit().id;
    write(first(), "config.json", "two");
    auto state = first().workspace->state();
    tagged_ = first().commit(as_v2()).id;
    state.publishing = Publishing{tagged_, VersionName::parse("v2")};
    first().workspace->save(state);
  }

  static CommitOptions as_v2() {
    CommitOptions options;
    options.message = "the second\n\nand why";
    options.tag = VersionName::parse("v2");
    return options;
  }
  void move(const std::string& ref, const GitId& from, const GitId& to) {
    const std::array<history::RefUpdate, 1> updates{{{ref, from, to}}};
    first().store->history().update_refs(updates, somebody(), "by hand");
  }
  void lose_tag() { move(kTag, tagged_, GitId{}); }
  void lose_line() { move(kLine, tagged_, base_); }
  std::optional<GitId> at(const std::string& ref) {
    const auto found = first().store->history().ref(ref);
    return found ? std::optional(found->commit) : std::nullopt;
  }

  GitId base_, tagged_;
};

TEST_F(RecoveryTest, TheNextCommitMakesTheTag) {
  lose_tag();
  EXPECT_THAT(first().status().warnings, ElementsAre(HasSubstr("cut short before it was named 'v2'")));
  write(first(), "config.json", "three");
  const auto next = first().commit();
  EXPECT_EQ(at(kTag), tagged_);
  EXPECT_EQ(first().store->history().commit(next.id).parents, std::vector{tagged_});
  EXPECT_THAT(next.warnings, ElementsAre(HasSubstr("it is finished, as 'v2'")));
  EXPECT_FALSE(first().workspace->state().publishing);
  EXPECT_THAT(first().status().warnings, IsEmpty());
}

TEST_F(RecoveryTest, TheTagIsLoggedAsTheCommitWouldHave) {
  const auto before = first().store->history().reflog(kTag).front();
  lose_tag();
  first().commit();
  const auto after = first().store->history().reflog(kTag).front();
  EXPECT_EQ(after.message, "commit: the second");
  EXPECT_EQ(after.message, before.message);
  EXPECT_EQ(after.who, before.who);
}

TEST_F(RecoveryTest, ACheckoutMakesTheTag) {
  lose_tag();
  first().checkout(base_);
  EXPECT_EQ(at(kTag), tagged_);
  EXPECT_EQ(files(first())["config.json"], "one");
}

TEST_F(RecoveryTest, TheSameCommandOnceMoreSucceeds) {
  lose_tag();
  const auto again = first().commit(as_v2());
  EXPECT_FALSE(again.committed);
  EXPECT_EQ(again.id, tagged_);
  EXPECT_EQ(at(kTag), tagged_);
}

TEST_F(RecoveryTest, TheSameCommandSucceedsWhenOnlyTheBaseWasNotSaved) {
  EXPECT_FALSE(first().commit(as_v2()).committed);
  EXPECT_EQ(first().workspace->state().base, tagged_);
}

TEST_F(RecoveryTest, OtherFilesDoNotGetTheSameName) {
  lose_tag();
  write(first(), "config.json", "three");
  EXPECT_EQ(code_of([&] { first().commit(as_v2()); }), ErrorCode::already_exists);
  EXPECT_EQ(at(kTag), tagged_);
  EXPECT_EQ(at(kLine), tagged_);
}

TEST_F(RecoveryTest, ANameThatAnotherCommitGotStaysThere) {
  lose_tag();
  move(kTag, GitId{}, base_);
  const auto next = first().commit();
  EXPECT_EQ(at(kTag), base_);
  EXPECT_THAT(next.warnings, ElementsAre(testing::AllOf(HasSubstr(tagged_.short_hex()),
                                                        HasSubstr("has a version 'v2' already"))));
  EXPECT_EQ(first().workspace->state().base, tagged_);
}

TEST_F(RecoveryTest, ANameThatABranchGotStaysThere) {
  lose_tag();
  move("refs/heads/hf/bert@v2", GitId{}, base_);
  EXPECT_THAT(first().commit().warnings, ElementsAre(HasSubstr("has a branch 'v2' already")));
  EXPECT_FALSE(at(kTag));
}

TEST_F(RecoveryTest, ALineThatWasLeftBehindItsTagMoves) {
  lose_line();
  EXPECT_THAT(first().status().warnings, ElementsAre(HasSubstr("cut short")));
  EXPECT_FALSE(first().commit(as_v2()).committed);
  EXPECT_EQ(at(kLine), tagged_);
  EXPECT_EQ(at(kTag), tagged_);
  EXPECT_EQ(first().workspace->state().base, tagged_);
}

TEST_F(RecoveryTest, ATagBesideALineThatWentOnIsTold) {
  lose_line();
  second().checkout(base_);
  write(second(), "more", "more");
  const auto other = second().commit().id;
  const auto done = first().checkout(base_, Overwrite::yes);
  EXPECT_EQ(at(kLine), other);
  EXPECT_EQ(at(kTag), tagged_);
  EXPECT_THAT(done.warnings, ElementsAre(HasSubstr("axon tag -d v2")));
}

TEST_F(RecoveryTest, WithoutEitherRefNothingHasHappened) {
  lose_tag();
  lose_line();
  const auto again = first().commit(as_v2());
  EXPECT_TRUE(again.committed);
  EXPECT_EQ(first().store->history().commit(again.id).parents, std::vector{base_});
  EXPECT_EQ(at(kTag), again.id);
}

}  // namespace
}  // namespace axon::workspace

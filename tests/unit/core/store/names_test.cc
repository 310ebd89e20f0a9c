#include "core/store/names.h"

#include <gmock/gmock.h>

#include "tests/unit/core/store/store_fixture.h"

namespace axon::store {
namespace {

class NamesTest : public StoreFixture {
 protected:
  NamesTest() { first = commit("refs/heads/hf/bert", {{"a", "1"}}); }

  void tag(const std::string& name, const std::optional<std::string>& message = std::nullopt) {
    create_tag(*store, bert, VersionName::parse(name), first, message, who, cancel);
  }
  ErrorCode failure(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      hints = error.hints();
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::failed;
  }

  ModelName bert = model("hf/bert");
  VersionName v1 = VersionName::parse("v1");
  history::Person who{"Ann", "ann@example.org", 1'700'000'000, 60};
  GitId first;
  std::vector<std::string> hints;
};

TEST_F(NamesTest, ATagNamesACommit) {
  tag("v1");
  const auto ref = store->history().ref("refs/tags/hf/bert@v1");
  ASSERT_TRUE(ref);
  EXPECT_EQ(ref->target, first);
  EXPECT_EQ(tag_message(*store, bert, v1), std::nullopt);
}

TEST_F(NamesTest, ATagWithAMessageIsAnObjectThatLeadsToTheCommit) {
  tag("v1", "first release");
  const auto ref = store->history().ref("refs/tags/hf/bert@v1");
  ASSERT_TRUE(ref);
  EXPECT_NE(ref->target, first);
  EXPECT_EQ(ref->commit, first);
  EXPECT_EQ(tag_message(*store, bert, v1), "first release");
}

TEST_F(NamesTest, ABranchNamesALine) {
  create_branch(*store, bert, VersionName::parse("trial"), first, who, cancel);
  EXPECT_EQ(store->history().ref("refs/heads/hf/bert@trial")->commit, first);
}

TEST_F(NamesTest, TagsAndBranchesShareOneSetOfNames) {
  tag("v1");
  EXPECT_EQ(failure([&] { create_branch(*store, bert, v1, first, who, cancel); }), ErrorCode::already_exists);
  EXPECT_EQ(failure([&] { tag("v1"); }), ErrorCode::already_exists);
}

TEST_F(NamesTest, AnotherModelMayUseTheName) {
  tag("v1");
  const auto other = commit("refs/heads/hf/gpt2", {{"a", "1"}});
  create_tag(*store, model("hf/gpt2"), v1, other, std::nullopt, who, cancel);
  EXPECT_EQ(store->history().ref("refs/tags/hf/gpt2@v1")->commit, other);
}

TEST_F(NamesTest, ADeletedTagIsGoneAndItsCommitIsTold) {
  tag("v1", "first release");
  EXPECT_EQ(delete_tag(*store, bert, v1, who, cancel), first);
  EXPECT_FALSE(store->history().ref("refs/tags/hf/bert@v1"));
}

TEST_F(NamesTest, ADeletedBranchIsGone) {
  create_branch(*store, bert, v1, first, who, cancel);
  EXPECT_EQ(delete_branch(*store, bert, v1, who, cancel), first);
  EXPECT_FALSE(store->history().ref("refs/heads/hf/bert@v1"));
}

TEST_F(NamesTest, DeletingAnUnknownNameGuessesTheRightOne) {
  tag("v1.0");
  EXPECT_EQ(failure([&] { delete_tag(*store, bert, VersionName::parse("v1.1"), who, cancel); }),
            ErrorCode::not_found);
  EXPECT_THAT(hints, testing::ElementsAre("did you mean 'v1.0'?"));
}

TEST_F(NamesTest, DeletingATagLeavesABranchOfThatNameAlone) {
  create_branch(*store, bert, v1, first, who, cancel);
  EXPECT_EQ(failure([&] { delete_tag(*store, bert, v1, who, cancel); }), ErrorCode::not_found);
  EXPECT_TRUE(store->history().ref("refs/heads/hf/bert@v1"));
}

}  // namespace
}  // namespace axon::store

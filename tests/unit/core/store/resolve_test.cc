#include "core/store/resolve.h"

#include "tests/unit/core/store/store_fixture.h"

namespace axon::store {
namespace {

class ResolveTest : public StoreFixture {
 protected:
  ResolveTest() {
    first = commit("refs/heads/hf/bert", {{"a", "1"}});
    second = commit("refs/heads/hf/bert", {{"a", "2"}}, first);
    set_ref("refs/tags/hf/bert@v1", first);
    trial = commit("refs/heads/hf/bert@trial", {{"a", "3"}});
  }
  GitId of(const std::string& spec) { return resolve(*store, ModelSpec::parse(spec), context).commit; }
  std::string failure(const std::string& spec) {
    try {
      of(spec);
    } catch (const Error& error) {
      return error.message() + (error.hints().empty() ? "" : " / " + error.hints().front());
    }
    return "";
  }

  GitId first, second, trial;
  std::optional<ResolveContext> context;
};

TEST_F(ResolveTest, ANameAloneIsTheTip) {
  EXPECT_EQ(of("hf/bert"), second);
}
TEST_F(ResolveTest, LatestIsTheTip) {
  EXPECT_EQ(of("hf/bert@latest"), second);
}
TEST_F(ResolveTest, MainIsTheMainLine) {
  EXPECT_EQ(of("hf/bert@main"), second);
}
TEST_F(ResolveTest, ATagIsItsVersion) {
  EXPECT_EQ(of("hf/bert@v1"), first);
}
TEST_F(ResolveTest, ABranchIsItsTip) {
  EXPECT_EQ(of("hf/bert@trial"), trial);
}
TEST_F(ResolveTest, ACommitPrefixIsTheCommit) {
  EXPECT_EQ(of("hf/bert@" + first.hex().substr(0, 8)), first);
}
TEST_F(ResolveTest, TheTildeGoesBack) {
  EXPECT_EQ(of("hf/bert~1"), first);
}

TEST_F(ResolveTest, GoingBackBeyondTheFirstVersionFails) {
  EXPECT_NE(failure("hf/bert~2").find("beyond the first version"), std::string::npos);
}

TEST_F(ResolveTest, WithoutAWorkspaceANameIsNeeded) {
  EXPECT_NE(failure("@v1").find("names no model"), std::string::npos);
}

TEST_F(ResolveTest, InAWorkspaceTheVersionIsEnough) {
  context = ResolveContext{{model("hf/bert"), std::nullopt}, second};
  EXPECT_EQ(of("@v1"), first);
  EXPECT_EQ(of("~1"), first);
}

TEST_F(ResolveTest, TheTildeAloneCountsFromTheBase) {
  context = ResolveContext{{model("hf/bert"), std::nullopt}, first};
  EXPECT_NE(failure("~1").find("beyond the first version"), std::string::npos);
}

TEST_F(ResolveTest, AMistypedVersionGetsASuggestion) {
  set_ref("refs/tags/hf/bert@release-one", first);
  EXPECT_NE(failure("hf/bert@release-oen").find("release-one"), std::string::npos);
}

TEST_F(ResolveTest, AMistypedModelGetsASuggestion) {
  EXPECT_NE(failure("hf/bret").find("did you mean 'hf/bert'"), std::string::npos);
}

TEST_F(ResolveTest, ATagWinsOverACommitPrefixWithANote) {
  const auto prefix = first.hex().substr(0, 7);
  set_ref("refs/tags/hf/bert@" + prefix, second);
  const auto found = resolve(*store, ModelSpec::parse("hf/bert@" + prefix), context);
  EXPECT_EQ(found.commit, second);
  EXPECT_TRUE(found.note);
}

TEST_F(ResolveTest, CommitsOfOtherModelsDoNotCount) {
  const auto other = commit("refs/heads/hf/other", {{"b", "1"}});
  EXPECT_NE(failure("hf/bert@" + other.hex().substr(0, 10)), "");
}

TEST_F(ResolveTest, LiveIsForInstances) {
  EXPECT_NE(failure("hf/bert@live").find("instance"), std::string::npos);
}

using ModelsTest = StoreFixture;

TEST_F(ModelsTest, ListsModelsWithTheirVersions) {
  const auto id = commit("refs/heads/a/one", {{"x", "1"}});
  set_ref("refs/tags/a/one@v1", id);
  commit("refs/heads/a/one@trial", {{"x", "2"}});
  commit("refs/heads/a/two", {{"x", "3"}});
  const auto models = list_models(*store);
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].name.text(), "a/one");
  ASSERT_EQ(models[0].versions.size(), 2u);
  EXPECT_FALSE(models[0].versions[0].branch);
  EXPECT_TRUE(models[0].versions[1].branch);
}

TEST_F(ModelsTest, AModelThatWouldBeAFolderOfAnotherIsRefused) {
  commit("refs/heads/a/one", {{"x", "1"}});
  EXPECT_THROW(check_new_model(*store, model("a/one/more")), Error);
}

TEST_F(ModelsTest, AModelWhoseFolderIsAnotherIsRefused) {
  commit("refs/heads/a/one/more", {{"x", "1"}});
  EXPECT_THROW(check_new_model(*store, model("A/One")), Error);
}

TEST_F(ModelsTest, ACaseFoldTwinIsRefused) {
  commit("refs/heads/a/one", {{"x", "1"}});
  EXPECT_THROW(check_new_model(*store, model("a/ONE")), Error);
}

TEST_F(ModelsTest, TheModelItselfAndItsNeighboursAreFine) {
  commit("refs/heads/a/one", {{"x", "1"}});
  EXPECT_NO_THROW(check_new_model(*store, model("a/one")));
  EXPECT_NO_THROW(check_new_model(*store, model("a/one-more")));
}

TEST_F(ModelsTest, TagsAndBranchesShareOneSetOfNames) {
  const auto id = commit("refs/heads/a/one", {{"x", "1"}});
  set_ref("refs/tags/a/one@v1", id);
  EXPECT_THROW(check_new_version(*store, model("a/one"), VersionName::parse("v1")), Error);
  EXPECT_NO_THROW(check_new_version(*store, model("a/one"), VersionName::parse("v2")));
}

}  // namespace
}  // namespace axon::store

#include "core/base/model_spec.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace axon {
namespace {

template <class Parse>
Error error_of(Parse parse) {
  try {
    parse();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::failed, "accepted");
}
Error name_error(std::string_view text) {
  return error_of([&] { ModelName::parse(text); });
}
Error version_error(std::string_view text) {
  return error_of([&] { VersionName::parse(text); });
}
Error spec_error(std::string_view text) {
  return error_of([&] { ModelSpec::parse(text); });
}
std::string hint_of(const Error& error) {
  return error.hints().empty() ? "" : error.hints().front();
}

class GoodName : public testing::TestWithParam<std::string> {};
TEST_P(GoodName, IsKeptAsItIs) {
  EXPECT_EQ(ModelName::parse(GetParam()).text(), GetParam());
}
INSTANTIATE_TEST_SUITE_P(Texts, GoodName,
                         testing::Values("hf/bert-base-uncased", "hf/google/flan-t5", "a/b/c/d", "0/1",
                                         "A_b/C.d-e", "x/" + std::string(96, 'y'), "locked/a.lockx"));

struct BadCase {
  std::string text, because, hint;
  friend void PrintTo(const BadCase& bad, std::ostream* out) { *out << testing::PrintToString(bad.text); }
};
class BadName : public testing::TestWithParam<BadCase> {};
TEST_P(BadName, IsRefusedWithTheReasonAndASuggestion) {
  const auto error = name_error(GetParam().text);
  EXPECT_EQ(error.code(), ErrorCode::usage);
  ASSERT_EQ(error.causes().size(), 1u) << error.message();
  EXPECT_EQ(error.causes()[0], GetParam().because);
  EXPECT_EQ(hint_of(error), GetParam().hint);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, BadName,
    testing::Values(
        BadCase{"hf", "a name has two to four segments", "write it as `local/hf`"},
        BadCase{"a/b/c/d/e", "a name has two to four segments", "write it as `a/b/c/d-e`"},
        BadCase{"", "it is empty", ""}, BadCase{"/", "a part between slashes is empty", ""},
        BadCase{"hf/", "a part between slashes is empty", "write it as `local/hf`"},
        BadCase{"/hf/bert", "a part between slashes is empty", "write it as `hf/bert`"},
        BadCase{"hf//bert", "a part between slashes is empty", "write it as `hf/bert`"},
        BadCase{"hf/my model", "in the part 'my model': it contains a space", "write it as `hf/my-model`"},
        BadCase{"hf/-x", "in the part '-x': it starts with '-', not with a letter or digit",
                "write it as `hf/x`"},
        BadCase{"hf/.x", "in the part '.x': it starts with '.', not with a letter or digit",
                "write it as `hf/x`"},
        BadCase{"hf/a..b", "in the part 'a..b': it contains '..'", "write it as `hf/a.b`"},
        BadCase{"../x", "in the part '..': it starts with '.', not with a letter or digit",
                "write it as `local/x`"},
        BadCase{"hf/x.", "in the part 'x.': it ends in '.'", "write it as `hf/x`"},
        BadCase{"hf/x.lock", "in the part 'x.lock': it ends in '.lock'", "write it as `hf/x`"},
        BadCase{"hf/x.lock.lock", "in the part 'x.lock.lock': it ends in '.lock'", "write it as `hf/x`"},
        BadCase{"hf/a+b", "in the part 'a+b': it contains '+'", "write it as `hf/a-b`"},
        BadCase{"hf/bert@v1", "in the part 'bert@v1': it contains '@'", "write it as `hf/bert-v1`"},
        BadCase{"hf/b\xc3\xa9", "in the part 'b\xc3\xa9': it contains a character that is not ASCII",
                "write it as `hf/b`"},
        BadCase{std::string("hf/a\nb"), "in the part 'a\nb': it contains a control character",
                "write it as `hf/a-b`"},
        BadCase{"hf/" + std::string(97, 'y'),
                "in the part '" + std::string(97, 'y') + "': it is longer than 96 characters",
                "write it as `hf/" + std::string(96, 'y') + "`"}));

TEST(ModelName, QuotesTheTextInItsError) {
  EXPECT_EQ(name_error("hf").message(), "'hf' is not a model name");
  EXPECT_EQ(name_error("a\x1b[31m").message(), "'a?[31m' is not a model name");
}

TEST(VersionName, AllowsAPlusAfterTheFirstCharacter) {
  EXPECT_EQ(VersionName::parse("1.0.0+build.7").text(), "1.0.0+build.7");
  EXPECT_EQ(hint_of(version_error("+1")), "write it as `1`");
}

TEST(VersionName, RefusesReservedNames) {
  for (const char* reserved : {"latest", "live", "HEAD", "main"}) {
    EXPECT_EQ(version_error(reserved).causes().at(0), "this name is reserved");
    EXPECT_EQ(hint_of(version_error(reserved)), "write it as `" + std::string(reserved) + "-1`");
  }
}

TEST(VersionName, RefusesFullCommitIdsButNotShorterHexadecimal) {
  EXPECT_EQ(version_error(std::string(40, 'a')).causes().at(0), "40 hexadecimal digits name a commit");
  EXPECT_EQ(version_error(std::string(40, 'A')).code(), ErrorCode::usage);
  EXPECT_NO_THROW(VersionName::parse(std::string(39, 'a')));
  EXPECT_NO_THROW(VersionName::parse(std::string(40, 'g')));
}

TEST(VersionName, SuggestsNoReservedName) {
  EXPECT_EQ(hint_of(version_error("latest/")), "write it as `latest-1`");
  EXPECT_EQ(hint_of(version_error("/" + std::string(40, 'a'))), "");
}

TEST(VersionName, RefusesSlashesWithASuggestion) {
  EXPECT_EQ(hint_of(version_error("feature/x")), "write it as `feature-x`");
}

TEST(ModelSpec, ReadsNameVersionAndDistance) {
  const auto spec = ModelSpec::parse("hf/google/flan-t5@v1.0+a~12");
  EXPECT_EQ(spec.model->text(), "hf/google/flan-t5");
  EXPECT_EQ(spec.version, "v1.0+a");
  EXPECT_EQ(spec.back, 12u);
}

TEST(ModelSpec, LeavesOutWhatIsNotSaid) {
  const auto name = ModelSpec::parse("hf/bert");
  EXPECT_EQ(name.model->text(), "hf/bert");
  EXPECT_FALSE(name.version);
  EXPECT_EQ(name.back, 0u);
  const auto version = ModelSpec::parse("@v1");
  EXPECT_FALSE(version.model);
  EXPECT_EQ(version.version, "v1");
  const auto back = ModelSpec::parse("~3");
  EXPECT_FALSE(back.model);
  EXPECT_FALSE(back.version);
  EXPECT_EQ(back.back, 3u);
}

TEST(ModelSpec, MayAskForReservedVersions) {
  for (const std::string version : {"latest", "live", "main", "HEAD", "4f2c1a9"})
    EXPECT_EQ(ModelSpec::parse("@" + version).version, version);
}

TEST(ModelSpec, WritesWhatItReads) {
  for (const char* text : {"hf/bert", "hf/bert@v1", "hf/bert@v1~2", "hf/bert~2", "@v1", "@v1~2", "~2", "~0"})
    EXPECT_EQ(ModelSpec::parse(text).text(), text);
}

TEST(ModelSpec, RefusesABadDistance) {
  for (const char* text : {"a/b~", "a/b~x", "a/b~-1", "a/b~1~2", "a/b~4294967296", "a/b~1@v1"}) {
    const auto error = spec_error(text);
    EXPECT_EQ(error.causes().at(0), "after '~' stands the number of versions to go back") << text;
    EXPECT_EQ(hint_of(error), "write it as `a/b~1`");
  }
  EXPECT_EQ(ModelSpec::parse("a/b~4294967295").back, 4294967295u);
}

TEST(ModelSpec, RefusesABadVersion) {
  EXPECT_EQ(spec_error("a/b@").causes().at(0), "the version after '@' is wrong: it is empty");
  EXPECT_EQ(hint_of(spec_error("a/b@v 1")), "write it as `a/b@v-1`");
  EXPECT_EQ(spec_error("a/b@v1@v2").code(), ErrorCode::usage);
}

TEST(ModelSpec, SuggestsTheWholeSpecWhenOnlyTheNameIsWrong) {
  EXPECT_EQ(hint_of(spec_error("bert@v1~2")), "write it as `local/bert@v1~2`");
  EXPECT_EQ(hint_of(spec_error("bert")), "write it as `local/bert`");
}

TEST(ModelSpec, RefusesNothing) {
  EXPECT_EQ(spec_error("").causes().at(0), "it is empty");
}

TEST(Line, GivesItsRefAndText) {
  const Line main{ModelName::parse("hf/bert"), std::nullopt};
  EXPECT_EQ(main.ref(), "refs/heads/hf/bert");
  EXPECT_EQ(main.text(), "hf/bert");
  const Line branch{ModelName::parse("hf/bert"), VersionName::parse("tune+1")};
  EXPECT_EQ(branch.ref(), "refs/heads/hf/bert@tune+1");
  EXPECT_EQ(branch.text(), "hf/bert@tune+1");
}

TEST(Line, ReadsBackItsRef) {
  for (const char* ref : {"refs/heads/hf/bert", "refs/heads/hf/google/t5@tune"})
    EXPECT_EQ(Line::from_ref(ref).value().ref(), ref);
}

TEST(Line, IsNoneForOtherRefs) {
  for (const char* ref :
       {"", "refs/heads/", "refs/heads/bert", "refs/tags/hf/bert", "refs/heads/hf/bert@",
        "refs/heads/hf/bert@a@b", "refs/heads/hf/bert@main", "refs/heads/hf/bert@a/b", "hf/bert"})
    EXPECT_FALSE(Line::from_ref(ref)) << ref;
}

TEST(TagRef, NamesTheSpec) {
  EXPECT_EQ(tag_ref(ModelName::parse("hf/bert"), VersionName::parse("v1")), "refs/tags/hf/bert@v1");
}

TEST(DidYouMean, FindsTheNearestCandidate) {
  const std::vector<std::string> verbs{"commit", "checkout", "status", "config"};
  EXPECT_EQ(did_you_mean("comit", verbs), "commit");
  EXPECT_EQ(did_you_mean("cmomit", verbs), "commit");
  EXPECT_EQ(did_you_mean("chekcuot", verbs), "checkout");
  EXPECT_EQ(did_you_mean("status", verbs), "status");
}

TEST(DidYouMean, FindsNothingFarAway) {
  const std::vector<std::string> verbs{"commit", "checkout", "gc"};
  EXPECT_FALSE(did_you_mean("push", verbs));
  EXPECT_FALSE(did_you_mean("", verbs));
  EXPECT_FALSE(did_you_mean("gx", verbs));
  EXPECT_FALSE(did_you_mean("comm", {"co"}));
  EXPECT_FALSE(did_you_mean("x", {}));
}

}  // namespace
}  // namespace axon

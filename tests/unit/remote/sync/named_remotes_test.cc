#include "remote/sync/named_remotes.h"

#include "core/base/error.h"
#include "remote/sync/ref_names.h"
#include "tests/unit/remote/sync/site.h"

namespace axon::sync {
namespace {

class NamedRemotesTest : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& address) {
    remotes_.add({name, address}, site_.cancel());
  }
  static ErrorCode code_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::failed;
  }
  test::TempDir folder_;
  Site site_{folder_.path(), 1};
  NamedRemotes remotes_{site_.store()};
};

TEST_F(NamedRemotesTest, KnowsNoneAtFirst) {
  EXPECT_TRUE(remotes_.list().empty());
  EXPECT_FALSE(remotes_.find("prod"));
}

TEST_F(NamedRemotesTest, KnowsWhatWasAdded) {
  add("prod", "/srv/prod");
  add("backup", "file:///mnt/b");
  EXPECT_EQ(remotes_.list(), (std::vector<NamedRemote>{{"backup", "file:///mnt/b"}, {"prod", "/srv/prod"}}));
  EXPECT_EQ(remotes_.get("prod").address, "/srv/prod");
  EXPECT_EQ(remotes_.find_address("file:///mnt/b")->name, "backup");
}

TEST_F(NamedRemotesTest, AddsTheSameTwiceWithoutAWord) {
  add("prod", "/srv/prod");
  EXPECT_NO_THROW(add("prod", "/srv/prod"));
  EXPECT_EQ(remotes_.list().size(), 1u);
}

TEST_F(NamedRemotesTest, RefusesATakenName) {
  add("prod", "/srv/prod");
  EXPECT_EQ(code_of([&] { add("prod", "/srv/other"); }), ErrorCode::already_exists);
}

TEST_F(NamedRemotesTest, RefusesNamesThatCouldBePathsOrSpecs) {
  for (const char* name : {"", "a/b", "a.b", "a:b", "-a", "_a", "a b", "a@b", "\xc3\xa4"})
    EXPECT_EQ(code_of([&] { add(name, "/srv/prod"); }), ErrorCode::usage) << name;
  EXPECT_FALSE(NamedRemotes::valid_name(std::string(65, 'a')));
  EXPECT_TRUE(NamedRemotes::valid_name("s3-Prod_2"));
}

TEST_F(NamedRemotesTest, SuggestsTheNameThatWasMeant) {
  add("prod", "/srv/prod");
  try {
    remotes_.get("prd");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_EQ(error.hints().front(), "did you mean 'prod'?");
  }
}

TEST_F(NamedRemotesTest, RemovesARemoteAndItsTrackingRefs) {
  add("prod", "/srv/prod");
  add("prod2", "/srv/prod2");
  const auto tip = site_.commit("hf/bert", {{"a", text("a")}});
  for (const char* name : {"prod", "prod2"}) {
    const std::vector<history::RefUpdate> updates{
        {"refs/remotes/" + std::string(name) + "/hf/bert", {}, tip}};
    site_.store().history().update_refs(updates, Site::who(), "test");
  }
  remotes_.remove("prod", Site::who(), site_.cancel());
  EXPECT_FALSE(remotes_.find("prod"));
  EXPECT_FALSE(site_.store().history().ref("refs/remotes/prod/hf/bert"));
  EXPECT_TRUE(site_.store().history().ref("refs/remotes/prod2/hf/bert"));
  EXPECT_EQ(code_of([&] { remotes_.remove("prod", Site::who(), site_.cancel()); }), ErrorCode::not_found);
}

TEST_F(NamedRemotesTest, SuggestsNames) {
  EXPECT_EQ(remotes_.suggest_name("/srv/models/prod/"), "prod");
  EXPECT_EQ(remotes_.suggest_name("file:///srv/my.models"), "my-models");
  EXPECT_EQ(remotes_.suggest_name("s3://bucket/prefix"), "bucket");
  EXPECT_EQ(remotes_.suggest_name("ssh://me:secret@host.example:22/x"), "host-example");
  EXPECT_EQ(remotes_.suggest_name("/"), "remote");
  add("prod", "/srv/prod");
  EXPECT_EQ(remotes_.suggest_name("/other/prod"), "prod-2");
}

TEST_F(NamedRemotesTest, RefusesADamagedFile) {
  for (const char* bad : {"", "{}", "{\"format\":1,\"remotes\":{\"a/b\":{\"address\":\"x\"}}}",
                          "{\"format\":1,\"remotes\":{\"a\":{\"address\":1}}}",
                          "{\"format\":1,\"remotes\":{\"a\":{\"address\":\"x\",\"y\":1}}}"}) {
    fs::write_file_atomically(fs::posix(), site_.store().layout().remotes(), as_bytes(bad));
    EXPECT_EQ(code_of([&] { remotes_.list(); }), ErrorCode::integrity) << bad;
  }
  fs::write_file_atomically(fs::posix(), site_.store().layout().remotes(),
                            as_bytes("{\"format\":2,\"remotes\":{}}"));
  EXPECT_EQ(code_of([&] { remotes_.list(); }), ErrorCode::unsupported);
}

TEST(RefNames, AreReadAsSpecs) {
  EXPECT_EQ(spec_of_ref("refs/heads/hf/bert"), "hf/bert");
  EXPECT_EQ(spec_of_ref("refs/heads/hf/bert@dev"), "hf/bert@dev");
  EXPECT_EQ(spec_of_ref("refs/tags/hf/bert@v1"), "hf/bert@v1");
  EXPECT_EQ(spec_of_ref("refs/notes/x"), "refs/notes/x");
  EXPECT_EQ(parse_ref("refs/tags/hf/bert@v1")->kind, RefKind::version);
}

TEST(RefNames, OfLinesAreTracked) {
  EXPECT_EQ(tracking_ref("prod", "refs/heads/hf/bert@dev"), "refs/remotes/prod/hf/bert@dev");
  EXPECT_FALSE(tracking_ref("prod", "refs/tags/hf/bert@v1"));
}

}  // namespace
}  // namespace axon::sync

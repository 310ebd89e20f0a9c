#include "cli/author.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/unit/cli/test_host.h"

namespace axon::cli {
namespace {

class AuthorTest : public testing::Test {
 protected:
  AuthorTest() {
    host.variables = {{"HOME", host.folder.path().string()}, {"GIT_CONFIG_NOSYSTEM", "1"}, {"USER", "ann"}};
  }
  history::Person get(const std::optional<std::string>& given = std::nullopt) {
    Context context(host.host, {});
    return author(context, given);
  }
  void write(const fs::Path& path, const std::string& text) {
    fs::make_directories(fs::posix(), path.parent_path());
    fs::write_file_atomically(fs::posix(), path, as_bytes(text));
  }
  test::TestHost host;
};

TEST_F(AuthorTest, IsTheUserOfThisMachineWhenNothingIsConfigured) {
  EXPECT_EQ(get().name, "ann");
  EXPECT_EQ(get().email.rfind("ann@", 0), 0u);
}

TEST_F(AuthorTest, IsTheOneOfGitsConfiguration) {
  write(host.folder / ".gitconfig", "[user]\n\tname = Git\n\temail = git@example.org\n");
  EXPECT_EQ(get().name, "Git");
  EXPECT_EQ(get().email, "git@example.org");
}

TEST_F(AuthorTest, IsTheOneOfGitsVariablesBeforeThat) {
  write(host.folder / ".gitconfig", "[user]\n\tname = Git\n\temail = git@example.org\n");
  host.variables["GIT_AUTHOR_NAME"] = "Variable";
  EXPECT_EQ(get().name, "Variable");
  EXPECT_EQ(get().email, "git@example.org");
}

TEST_F(AuthorTest, IsTheOneOfAxonsSettingsBeforeThat) {
  host.variables["GIT_AUTHOR_NAME"] = "Variable";
  write(host.folder / ".axon" / "config.yaml", "user:\n  name: Axon\n");
  EXPECT_EQ(get().name, "Axon");
}

TEST_F(AuthorTest, IsTheGivenOneBeforeAll) {
  const auto person = get("Ann Lee <ann@lee.org>");
  EXPECT_EQ(person.name, "Ann Lee");
  EXPECT_EQ(person.email, "ann@lee.org");
  EXPECT_THROW(get("Ann Lee"), Error);
}

TEST_F(AuthorTest, PushesFromThisMachine) {
  const auto text = actor(get("Ann Lee <ann@lee.org>"));
  EXPECT_EQ(text.rfind("Ann Lee <ann@lee.org> on ", 0), 0u);
  EXPECT_GT(text.size(), std::string("Ann Lee <ann@lee.org> on ").size());
}

TEST_F(AuthorTest, LeavesOutWhatACommitCannotHold) {
  host.variables["GIT_AUTHOR_NAME"] = " A<n>\nn ";
  EXPECT_EQ(get().name, "Ann");
}

TEST_F(AuthorTest, HasTheTimeOfTheClock) {
  EXPECT_EQ(get().seconds, host.clock.now_ns() / 1'000'000'000);
}

TEST_F(AuthorTest, SigningNeedsAKey) {
  Context context(host.host, {});
  host.variables["AXON_USER_SIGNINGKEY"] = "~/.ssh/key";
  EXPECT_EQ(signing_key(context), (host.folder / ".ssh/key").string());
}

}  // namespace
}  // namespace axon::cli

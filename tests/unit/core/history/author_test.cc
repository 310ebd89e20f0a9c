#include "core/history/author.h"

#include <fstream>

#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

class AuthorTest : public testing::Test {
 protected:
  fs::Path write(const std::string& name, const std::string& text) {
    std::ofstream(home / name) << text;
    return home / name;
  }
  test::TempDir home;
};

TEST_F(AuthorTest, IsReadFromTheGivenFiles) {
  const std::vector<fs::Path> files{write("a", "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n")};
  const auto author = configured_author(files, home.path());
  ASSERT_TRUE(author);
  EXPECT_EQ(author->name, "Ada Lovelace");
  EXPECT_EQ(author->email, "ada@example.org");
}

TEST_F(AuthorTest, IsTheLastOne) {
  const std::vector<fs::Path> files{write("a", "[user]\nname = One\nemail = one@x\n"), home / "absent",
                                    write("b", "[user]\nname = Two\n")};
  const auto author = configured_author(files, home.path());
  ASSERT_TRUE(author);
  EXPECT_EQ(author->name, "Two");
  EXPECT_EQ(author->email, "one@x");
}

TEST_F(AuthorTest, IsNobodyWithoutConfiguration) {
  EXPECT_FALSE(configured_author(std::vector<fs::Path>{home / "absent"}, home.path()));
  EXPECT_FALSE(configured_author({}, home.path()));
  EXPECT_FALSE(configured_author(std::vector<fs::Path>{write("a", "[core]\nx = 1\n")}, home.path()));
}

TEST_F(AuthorTest, FollowsIncludes) {
  write("me", "[user]\nname = Included\n");
  const std::vector<fs::Path> files{write("a", "[include]\npath = ~/me\n[include]\npath = ~/absent\n")};
  const auto author = configured_author(files, home.path());
  ASSERT_TRUE(author);
  EXPECT_EQ(author->name, "Included");
}

TEST_F(AuthorTest, NamesAFileThatCannotBeParsed) {
  EXPECT_EQ(
      error_of([&] { configured_author(std::vector<fs::Path>{write("a", "[user\nname")}, home.path()); }),
      ErrorCode::usage);
}

}  // namespace
}  // namespace axon::history

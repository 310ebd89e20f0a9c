#include "core/workspace/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/core/workspace/as_nobody.h"

namespace axon::workspace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScanTest : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text = "x") {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  void link(const std::string& target, const std::string& path) {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::filesystem::create_symlink(target, folder_ / path);
  }
  Scan run(const std::string& rules = "") {
    return scan(fs::posix(), folder_.path(), "/elsewhere/store", IgnoreRules(rules), CancelToken());
  }
  static std::vector<std::string> paths(const Scan& scan) {
    std::vector<std::string> paths;
    for (const auto& file : scan.files) paths.push_back(file.path);
    return paths;
  }
  test::TempDir folder_;
};

TEST_F(ScanTest, SortsByTheBytesOfWholePaths) {
  for (const auto* path : {"a/x", "a-b", "a.b", "a0", "B", "a/b/c"}) write(path);
  EXPECT_THAT(paths(run()), ElementsAre("B", "a-b", "a.b", "a/b/c", "a/x", "a0"));
}

TEST_F(ScanTest, LeavesOutWhatIsIgnored) {
  for (const auto* path : {".axon/workspace.json", ".git/config", "a.log", "b/c.log", "out/x", "keep"})
    write(path);
  const auto found = run("*.log\nout/\n");
  EXPECT_THAT(paths(found), ElementsAre("keep"));
  EXPECT_THAT(found.warnings, IsEmpty());
}

TEST_F(ScanTest, KeepsLinksThatStayInside) {
  write("a/real");
  link("real", "a/beside");
  link("../a/real", "b/up");
  const auto found = run();
  EXPECT_THAT(paths(found), ElementsAre("a/beside", "a/real", "b/up"));
  EXPECT_EQ(found.files[2].target, "../a/real");
  EXPECT_EQ(found.files[2].info.type, fs::FileType::symlink);
}

TEST_F(ScanTest, WarnsOfLinksThatLeadOut) {
  link("/etc/passwd", "absolute");
  link("../outside", "relative");
  link("x/../../outside", "hidden");
  const auto found = run();
  EXPECT_THAT(found.files, IsEmpty());
  EXPECT_THAT(found.warnings,
              ElementsAre(HasSubstr("'absolute'"), HasSubstr("'hidden'"), HasSubstr("'relative'")));
}

TEST_F(ScanTest, WarnsOfSpecialFiles) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const auto found = run();
  EXPECT_THAT(found.files, IsEmpty());
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("'pipe'")));
}

TEST_F(ScanTest, LeavesOutWorkspacesInsideThisOne) {
  write("sub/.axon/workspace.json");
  write("sub/model.bin");
  write("other/.axon/cache");
  write("other/model.bin");
  const auto found = run();
  EXPECT_THAT(paths(found), ElementsAre("other/model.bin"));
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("'sub'")));
}

TEST_F(ScanTest, LeavesOutTheStoreItself) {
  write("home/store/axon.json");
  write("model.bin");
  const auto found = scan(fs::posix(), folder_.path(), folder_ / "home/store", IgnoreRules(), CancelToken());
  EXPECT_THAT(paths(found), ElementsAre("model.bin"));
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("'home/store'")));
}

TEST_F(ScanTest, NamesThatDifferInCaseAreAProblem) {
  write("Model/a");
  write("model/b");
  write("c");
  EXPECT_THAT(run().problems, ElementsAre(HasSubstr("'Model' and 'model'")));
}

TEST_F(ScanTest, AnEmptyFolderIsNobodysTwin) {
  std::filesystem::create_directories(folder_ / "Model");
  write("model/b");
  EXPECT_THAT(run().problems, IsEmpty());
}

TEST_F(ScanTest, NamesThatNoVersionCanHoldAreAProblem) {
  write("bad\nname");
  write("\xff\xfe");
  EXPECT_EQ(run().problems.size(), 2U);
}

TEST_F(ScanTest, EmptyAttributesSayNothing) {
  write(".gitattributes", "");
  write("sub/.gitattributes", "*.x -text\n");
  EXPECT_THAT(paths(run()), ElementsAre("sub/.gitattributes"));
}

TEST_F(ScanTest, AFolderThatCannotBeListedIsAProblem) {
  write("closed/x");
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(folder_ / "closed", std::filesystem::perms::none);
  test::as_nobody([&] { EXPECT_THAT(run().problems, ElementsAre(HasSubstr("'closed'"))); });
}

TEST_F(ScanTest, StopsWhenCancelled) {
  write("a");
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(scan(fs::posix(), folder_.path(), "/store", IgnoreRules(), cancel), Error);
}

TEST(StaysInside, DotsMayOnlyLead) {
  EXPECT_TRUE(stays_inside("a/b/link", "../../x"));
  EXPECT_FALSE(stays_inside("a/b/link", "../../../x"));
  EXPECT_FALSE(stays_inside("a/b/link", "x/../y"));
  EXPECT_TRUE(stays_inside("link", "./x//y/"));
  EXPECT_FALSE(stays_inside("link", ""));
  EXPECT_FALSE(stays_inside("link", "/x"));
  EXPECT_FALSE(stays_inside("link", ".."));
}

}  // namespace
}  // namespace axon::workspace

#include "core/history/path_rules.h"

#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

std::vector<TreeEntry> entries_of(const std::vector<std::string>& paths) {
  std::vector<TreeEntry> entries;
  for (const auto& path : paths) entries.push_back({path, EntryMode::file, {}});
  return entries;
}

TEST(CheckPath, AcceptsOrdinaryAndOddNames) {
  for (const char* path : {"a",           "config.json",
                           "a/b/c.bin",   ".gitattributes",
                           ".gitignore",  "sub/.gitattributes",
                           ".github/x",   "with space",
                           " leading",    "quote\"s",
                           "star*",       "[a]",
                           "!x",          "#x",
                           "back\\slash", "über/日本語",
                           "a..b",        "git",
                           "x.git",       ".axonignore",
                           "~1",          "-x",
                           "a:b"})
    EXPECT_NO_THROW(check_path(path, PathOrigin::user)) << path;
}

TEST(CheckPath, RefusesDangerousNames) {
  for (const char* path : {"",           "/",          "/etc/passwd", ".",
                           "..",         "a/..",       "../a",        "a/../b",
                           "a/./b",      "a//b",       "a/",          "a\nb",
                           "a\tb",       "a\x7f",      ".git",        ".git/config",
                           "a/.GIT/b",   ".Git",       ".axon",       "a/.AXON/x",
                           "git~1",      "GIT~1/x",    "axon~1",      ".git.",
                           ".git ",      ".git. .",    ".git:x",      ".git::$INDEX_ALLOCATION",
                           ".g\u200cit", ".git\ufeff", ".\u200dGIT",  "a\\.git\\config",
                           "a\\..\\b",   "..\\x",      "...",         ". ",
                           "a/.. /b",    "\xff\xfe",   "a\xc0\xaf",   "\xed\xa0\x80"})
    EXPECT_EQ(error_of([&] { check_path(path, PathOrigin::user); }), ErrorCode::usage) << path;
}

TEST(CheckPath, RefusesNul) {
  EXPECT_TRUE(error_of([] { check_path(std::string_view("a\0b", 3), PathOrigin::user); }));
}

TEST(CheckPath, RefusesMoreThan1024Bytes) {
  EXPECT_NO_THROW(check_path(std::string(1024, 'a'), PathOrigin::user));
  EXPECT_TRUE(error_of([] { check_path(std::string(1025, 'a'), PathOrigin::user); }));
}

TEST(CheckPath, BlamesTheDataWhenItIsStored) {
  EXPECT_EQ(error_of([] { check_path("..", PathOrigin::stored); }), ErrorCode::integrity);
}

TEST(CheckPath, NeverPrintsWhatCouldHarmATerminal) {
  try {
    check_path("a\x1b[31m\xff", PathOrigin::user);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "cannot store a file named 'a?[31m?'");
  }
}

TEST(CheckPaths, RefusesTwins) {
  for (const auto& paths : std::vector<std::vector<std::string>>{{"README", "readme"},
                                                                 {"a/X", "a/x"},
                                                                 {"A/x", "a/y"},
                                                                 {"A", "a/x"},
                                                                 {"a", "a/x"},
                                                                 {"a", "a"},
                                                                 {"Sub/deep/x", "sub/deep/y"},
                                                                 {"a/B", "a/b/c"}})
    EXPECT_EQ(error_of([&] { check_paths(entries_of(paths), PathOrigin::user); }), ErrorCode::usage)
        << paths[0] << " " << paths[1];
}

TEST(CheckPaths, AcceptsNeighbours) {
  EXPECT_NO_THROW(check_paths(entries_of({"a-b", "a.b", "a/x", "a/x.y", "a/x1/y", "a/x1/z", "a0", "b/x"}),
                              PathOrigin::user));
}

TEST(CheckPaths, RefusesDisorder) {
  EXPECT_TRUE(error_of([] { check_paths(entries_of({"b", "a"}), PathOrigin::user); }));
}

}  // namespace
}  // namespace axon::history

#include "core/workspace/ignore.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "core/workspace/glob.h"

namespace axon::workspace {
namespace {

constexpr auto kFile = fs::FileType::regular;
constexpr auto kFolder = fs::FileType::directory;

bool ignored(std::string_view rules, std::string_view path, fs::FileType type = kFile) {
  return IgnoreRules(rules).ignored(path, type);
}

TEST(Glob, StarStaysWithinAComponent) {
  EXPECT_TRUE(Glob("*.bin").matches("a.bin"));
  EXPECT_TRUE(Glob("a*b*c").matches("axxbyybzc"));
  EXPECT_FALSE(Glob("*").matches("a/b"));
  EXPECT_FALSE(Glob("a*b").matches("a/b"));
  EXPECT_TRUE(Glob("a**b").matches("axxb"));
}

TEST(Glob, QuestionMarkIsOneByte) {
  EXPECT_TRUE(Glob("a?c").matches("abc"));
  EXPECT_FALSE(Glob("a?c").matches("ac"));
  EXPECT_FALSE(Glob("a?c").matches("a/c"));
}

TEST(Glob, SetsHaveRangesNegationAndClasses) {
  EXPECT_TRUE(Glob("[a-c]x").matches("bx"));
  EXPECT_FALSE(Glob("[a-c]x").matches("dx"));
  EXPECT_TRUE(Glob("[!a-c]x").matches("dx"));
  EXPECT_TRUE(Glob("[^a-c]x").matches("dx"));
  EXPECT_TRUE(Glob("[]]").matches("]"));
  EXPECT_TRUE(Glob("[a-]").matches("-"));
  EXPECT_TRUE(Glob("v[[:digit:]]").matches("v7"));
  EXPECT_FALSE(Glob("v[[:digit:]]").matches("vx"));
  EXPECT_TRUE(Glob("[\\]]").matches("]"));
  EXPECT_FALSE(Glob("[ab").matches("a"));
}

TEST(Glob, BackslashTakesTheNextByteAsItIs) {
  EXPECT_TRUE(Glob("a\\*b").matches("a*b"));
  EXPECT_FALSE(Glob("a\\*b").matches("axb"));
}

TEST(Glob, DoubleStarMatchesAnyDepth) {
  EXPECT_TRUE(Glob("**/x").matches("x"));
  EXPECT_TRUE(Glob("**/x").matches("a/b/x"));
  EXPECT_TRUE(Glob("a/**/x").matches("a/x"));
  EXPECT_TRUE(Glob("a/**/x").matches("a/b/c/x"));
  EXPECT_FALSE(Glob("a/**/x").matches("b/x"));
  EXPECT_TRUE(Glob("a/**").matches("a/b/c"));
  EXPECT_FALSE(Glob("a/**").matches("a"));
}

TEST(Glob, ManyStarsTakeNoExponentialTime) {
  std::string pattern, path;
  for (int i = 0; i < 60; ++i) pattern += "a*";
  path.assign(2000, 'a');
  path += 'b';
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(Glob(pattern + "c").matches(path));
  std::string deep_pattern, deep_path;
  for (int i = 0; i < 60; ++i) deep_pattern += "**/a/";
  for (int i = 0; i < 400; ++i) deep_path += "a/";
  EXPECT_FALSE(Glob(deep_pattern + "c").matches(deep_path + "b"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(IgnoreRules, DefaultsLeaveOutWhatToolsLeaveBehind) {
  const IgnoreRules rules;
  for (const auto* name : {".DS_Store", "a/Thumbs.db", "desktop.ini", "x.swp", "a/b/notes~"}) {
    EXPECT_TRUE(rules.ignored(name, kFile)) << name;
  }
  for (const auto* name : {".axon", "a/.git", "a/__pycache__", ".ipynb_checkpoints", ".cache"}) {
    EXPECT_TRUE(rules.ignored(name, kFolder)) << name;
  }
  for (const auto* name : {"model.safetensors", ".gitattributes", ".axonignore", "cache", "a/.cache.json"}) {
    EXPECT_FALSE(rules.ignored(name, kFile)) << name;
  }
}

TEST(IgnoreRules, DefaultsCanBeTakenBackButNotTheFolderOfAxonOrGit) {
  EXPECT_FALSE(ignored("!*.swp\n", "a.swp"));
  EXPECT_TRUE(ignored("!.axon\n!.git\n", ".axon", kFolder));
  EXPECT_TRUE(ignored("!.axon\n!.git\n", "sub/.git", kFile));
}

TEST(IgnoreRules, NameWithoutSlashMatchesAtEveryDepth) {
  EXPECT_TRUE(ignored("*.log\n", "a/b/c.log"));
  EXPECT_TRUE(ignored("out\n", "a/out"));
}

TEST(IgnoreRules, SlashAnchorsToTheRoot) {
  EXPECT_TRUE(ignored("/out\n", "out"));
  EXPECT_FALSE(ignored("/out\n", "a/out"));
  EXPECT_TRUE(ignored("a/out\n", "a/out"));
  EXPECT_FALSE(ignored("a/out\n", "b/a/out"));
}

TEST(IgnoreRules, TrailingSlashMeansFoldersOnly) {
  EXPECT_TRUE(ignored("out/\n", "out", kFolder));
  EXPECT_TRUE(ignored("out/\n", "a/out", kFolder));
  EXPECT_FALSE(ignored("out/\n", "out", kFile));
  EXPECT_FALSE(ignored("out/\n", "out", fs::FileType::symlink));
}

TEST(IgnoreRules, LastLineThatMatchesDecides) {
  EXPECT_FALSE(ignored("*.bin\n!keep.bin\n", "keep.bin"));
  EXPECT_TRUE(ignored("*.bin\n!keep.bin\n", "other.bin"));
  EXPECT_TRUE(ignored("!keep.bin\n*.bin\n", "keep.bin"));
}

TEST(IgnoreRules, CommentsBlankLinesAndEscapes) {
  EXPECT_FALSE(ignored("# *.bin\n\n", "a.bin"));
  EXPECT_TRUE(ignored("\\#x\n", "#x"));
  EXPECT_TRUE(ignored("\\!x\n", "!x"));
  EXPECT_TRUE(ignored("x  \n", "x"));
  EXPECT_TRUE(ignored("x\\ \n", "x "));
}

TEST(IgnoreRules, WindowsLineEndsAndByteOrderMark) {
  EXPECT_TRUE(ignored("\xef\xbb\xbf*.bin\r\n*.tmp\r\n", "a.bin"));
  EXPECT_TRUE(ignored("\xef\xbb\xbf*.bin\r\n*.tmp\r\n", "a.tmp"));
}

TEST(IgnoreRules, LastLineNeedsNoLineEnd) {
  EXPECT_TRUE(ignored("*.bin", "a.bin"));
}

}  // namespace
}  // namespace axon::workspace

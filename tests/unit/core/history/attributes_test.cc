#include "core/history/attributes.h"

#include <fstream>

#include "core/history/attribute_patterns.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

using Paths = std::vector<std::string>;

AttributesFile user_file(const std::string& path, const std::string& text) {
  const auto bytes = as_bytes(text);
  return {path, Bytes(bytes.begin(), bytes.end())};
}

std::vector<AttributesFile> compose(const std::vector<AttributesFile>& user, const Paths& pointers,
                                    const Paths& blobs) {
  return compose_attributes(user, pointers, blobs);
}

std::string text_of(const AttributesFile& file) {
  return std::string(as_text(file.content));
}

TEST(Attributes, NameEachPointer) {
  const auto files = compose({}, {"a.bin", "sub/b.bin"}, {"config.json"});
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, ".gitattributes");
  EXPECT_EQ(text_of(files[0]), std::string(kAttributesMarker) +
                                   "\n/a.bin filter=lfs diff=lfs merge=lfs -text\n"
                                   "/sub/b.bin filter=lfs diff=lfs merge=lfs -text\n");
}

TEST(Attributes, AreNotNeededWithoutPointers) {
  EXPECT_TRUE(compose({}, {}, {"a"}).empty());
  const auto files = compose({user_file(".gitattributes", "*.md text\n")}, {}, {"a.md"});
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(text_of(files[0]), "*.md text\n");
}

TEST(Attributes, GiveTheUsersBytesBack) {
  for (const char* text : {"", "*.md text", "*.md text\n", "\n", "a\n\n", "# comment\r\n"}) {
    const auto files = compose({user_file(".gitattributes", text)}, {"x"}, {});
    EXPECT_EQ(as_text(split_user_attributes(files[0].content)), text);
    EXPECT_NE(text_of(files[0]).find("/x filter=lfs"), std::string::npos);
  }
}

TEST(Attributes, WithoutMarkerAreAllTheUsers) {
  const std::string text = "text " + std::string(kAttributesMarker) + "\n";
  EXPECT_EQ(as_text(split_user_attributes(as_bytes(text))), text);
}

TEST(Attributes, RefuseAUsersFileWithTheMarker) {
  const auto file = user_file(".gitattributes", "a\n" + std::string(kAttributesMarker) + "\nb\n");
  EXPECT_EQ(error_of([&] { compose({file}, {}, {}); }), ErrorCode::usage);
}

TEST(Attributes, RefuseALineThatGitWouldPassOver) {
  EXPECT_NO_THROW(compose({}, {std::string(1000, '*')}, {}));
  EXPECT_EQ(error_of([] { compose({}, {std::string(1010, '*')}, {}); }), ErrorCode::usage);
}

TEST(Attributes, NegateOnlyWhereTheUsersPatternsCouldMark) {
  const auto files =
      compose({user_file(".gitattributes", "*.json filter=lfs\n")}, {}, {"a.json", "b.txt", "sub/c.json"});
  EXPECT_EQ(text_of(files[0]), "*.json filter=lfs\n\n" + std::string(kAttributesMarker) +
                                   "\n/a.json !filter !diff !merge !text\n"
                                   "/sub/c.json !filter !diff !merge !text\n");
}

TEST(Attributes, FindTheirFolder) {
  EXPECT_TRUE(is_attributes_path(".gitattributes"));
  EXPECT_TRUE(is_attributes_path("a/b/.gitattributes"));
  EXPECT_FALSE(is_attributes_path("x.gitattributes"));
  EXPECT_FALSE(is_attributes_path(".gitattributes/x"));
}

TEST(AttributeLine, IsReadWithItsQuotes) {
  const auto lines =
      parse_attribute_lines("  \"a b\\\"\\101*.c\"  filter=lfs -text\n# x\n\n[attr]m filter=y\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].head, "a b\"A");
  EXPECT_EQ(lines[0].tail, ".c");
  EXPECT_EQ(lines[0].attributes, (std::vector<std::string>{"filter=lfs", "-text"}));
}

// What git makes of the composed files, in a repository with a working tree.
class AttributesAndGit : public HistoryFixture {
 protected:
  AttributesAndGit() { run({"git", "init", "-q", tree.string()}); }

  void write(const AttributesFile& file) {
    std::filesystem::create_directories((tree / file.path).parent_path());
    std::ofstream(tree / file.path, std::ios::binary) << as_text(file.content);
  }
  // path → value of "filter"
  std::map<std::string, std::string> filters(const Paths& paths) {
    std::string input;
    for (const auto& path : paths) input += path + '\0';
    const auto result = run({"git", "-C", tree.string(), "check-attr", "-z", "--stdin", "filter"}, input);
    std::map<std::string, std::string> values;
    std::vector<std::string> fields(1);
    for (const char c : result.standard_output) {
      if (c == '\0') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    for (std::size_t at = 0; at + 2 < fields.size(); at += 3) values[fields[at]] = fields[at + 2];
    return values;
  }
  void expect_marked(const std::vector<AttributesFile>& user, const Paths& pointers, const Paths& blobs) {
    for (const auto& file : compose(user, pointers, blobs)) write(file);
    const auto of_pointers = filters(pointers);
    for (const auto& path : pointers) EXPECT_EQ(of_pointers.at(path), "lfs") << path;
    const auto of_blobs = filters(blobs);
    for (const auto& path : blobs) EXPECT_NE(of_blobs.at(path), "lfs") << path;
  }

  fs::Path tree = dir / "tree";
};

TEST_F(AttributesAndGit, MarkOddNamesAndNoOthers) {
  expect_marked({},
                {"plain.bin",
                 "with space.bin",
                 "two  spaces",
                 "quote\"s",
                 "\"quoted\"",
                 "star*",
                 "what?",
                 "[a]",
                 "!bang",
                 "#hash",
                 "back\\slash",
                 "back\\ slash and \"quote\" *",
                 "trailing ",
                 " leading",
                 "über.bin",
                 "日本語/モデル.bin",
                 "sub dir/file name",
                 "a]b",
                 "{a,b}",
                 "~tilde",
                 "dollar$",
                 "semi;colon",
                 "tab-not",
                 "-dash",
                 "**",
                 "a/**/b",
                 "\\",
                 "ends\\",
                 "'single'"},
                {"starX", "whatX", "a", "bang", "hash", "backslash", "other/plain.bin", "sub/with space.bin",
                 "a/x/b", "leading", "trailing"});
}

TEST_F(AttributesAndGit, OverrideTheUsersPatterns) {
  expect_marked({user_file(".gitattributes", "*.txt filter=lfs\nsub/** filter=lfs\n*.bin -filter\n")},
                {"a.bin", "sub/b.bin"}, {"readme.txt", "sub/c.md", "deep/er/x.txt", "z.md"});
}

TEST_F(AttributesAndGit, OverrideMacros) {
  expect_marked({user_file(".gitattributes", "[attr]large filter=lfs -text\n*.json large\n"),
                 user_file("sub/.gitattributes", "*.md large\n")},
                {"a.bin"}, {"config.json", "sub/x.md", "sub/config.json"});
}

TEST_F(AttributesAndGit, OverrideDeeperFiles) {
  expect_marked({user_file("sub/.gitattributes", "*.bin -filter\n*.txt filter=lfs\n"),
                 user_file("sub/deep/.gitattributes", "* !filter\n")},
                {"a.bin", "sub/b.bin", "sub/deep/c.bin"}, {"x.txt", "sub/x.txt", "sub/deep/y.txt"});
}

TEST_F(AttributesAndGit, KeepGitattributesItselfABlob) {
  const std::vector<AttributesFile> user{user_file(".gitattributes", ".git* filter=lfs\n* filter=lfs\n")};
  for (const auto& file : compose(user, {"a.bin"}, {"b"})) write(file);
  EXPECT_NE(filters({".gitattributes"}).at(".gitattributes"), "lfs");
}

}  // namespace
}  // namespace axon::history

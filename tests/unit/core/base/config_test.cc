#include "core/base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::string edit(const std::string& yaml, const std::string& name, const std::optional<std::string>& value) {
  return edit_config(yaml, name, value, "config.yaml");
}

TEST(Config, TheLastLayerCounts) {
  Config config;
  config.set(ConfigLayer::environment, "user.name", "Env", "AXON_USER_NAME");
  config.set(ConfigLayer::user, "user.name", "User", "config.yaml");
  config.set(ConfigLayer::built_in, "user.name", "None", "");
  const auto value = config.get("user.name");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->value, "Env");
  EXPECT_EQ(value->origin, "AXON_USER_NAME");
}

TEST(Config, AnUnsetNameHasNoValue) {
  EXPECT_FALSE(Config().get("user.name"));
}

TEST(Config, ReadsAFileAndForgivesItsAbsence) {
  test::TempDir folder;
  const auto path = folder / "config.yaml";
  Config config;
  config.read(fs::posix(), path, ConfigLayer::user);
  EXPECT_THAT(config.all(), IsEmpty());
  fs::write_file_atomically(fs::posix(), path, as_bytes("user:\n  name: Ann\n"));
  config.read(fs::posix(), path, ConfigLayer::user);
  EXPECT_EQ(config.get("user.name")->value, "Ann");
  EXPECT_EQ(config.get("user.name")->origin, path.string());
}

TEST(ParseConfig, FlattensMaps) {
  EXPECT_THAT(parse_config("a: 1\nb:\n  c: x y\n  d: {e: true}\nempty:\n", "f"),
              ElementsAre(Pair("a", "1"), Pair("b.c", "x y"), Pair("b.d.e", "true")));
}

TEST(ParseConfig, AnEmptyFileSetsNothing) {
  EXPECT_THAT(parse_config("", "f"), IsEmpty());
  EXPECT_THAT(parse_config("# only a comment\n", "f"), IsEmpty());
}

TEST(ParseConfig, NamesFileAndLineOfWhatItCannotRead) {
  for (const auto& [yaml, line] :
       {std::pair("a: 1\nb: [1, 2]\n", "line 2"), {"a: 1\n b: 2\n", "line 2"}, {"word\n", "line 1"}}) {
    try {
      parse_config(yaml, "my.yaml");
      ADD_FAILURE() << yaml;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::usage);
      EXPECT_NE(error.message().find("my.yaml"), std::string::npos);
      EXPECT_EQ(error.causes().at(0).find(line), 0u) << error.causes().at(0);
    }
  }
}

TEST(ParseConfig, TellsTheColumnToo) {
  try {
    parse_config("a: 1\nb: [1, 2]\n", "f");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.causes().at(0), "line 2, column 4: only maps of names and single values can be in it");
  }
}

TEST(ParseConfig, RefusesHostileFilesQuickly) {
  std::string aliases = "a: &a {x: 1, y: 2, z: 3, u: 4, v: 5, w: 6}\n";
  for (char name = 'b'; name < 'h'; ++name) {
    aliases += std::string(1, name) + ": &" + name + " {";
    for (int i = 0; i < 40; ++i)
      aliases += "k" + std::to_string(i) + ": *" + static_cast<char>(name - 1) + ", ";
    aliases += "}\n";
  }
  EXPECT_THROW(parse_config(aliases, "f"), Error);
  EXPECT_THROW(parse_config("a: &a {b: *a}\n", "f"), Error);
  EXPECT_THROW(parse_config(std::string(100'000, '['), "f"), Error);
  EXPECT_THROW(parse_config(std::string(100'000, '{'), "f"), Error);
}

TEST(Config, RefusesAFileOfMoreThanAMebibyte) {
  test::TempDir folder;
  fs::posix().open(folder / "config.yaml", {.access = fs::Access::create})->resize((1 << 20) + 1);
  Config config;
  EXPECT_THROW(config.read(fs::posix(), folder / "config.yaml", ConfigLayer::user), Error);
}

TEST(EditConfig, StartsAFile) {
  EXPECT_EQ(edit("", "user.name", "Ann"), "user:\n  name: Ann\n");
}

TEST(EditConfig, ReplacesAValueAndKeepsTheRest) {
  EXPECT_EQ(edit("# mine\nuser:\n    name: Bob   # me\n    email: b@x\nother: 1\n", "user.name", "Ann Lee"),
            "# mine\nuser:\n    name: \"Ann Lee\"   # me\n    email: b@x\nother: 1\n");
}

TEST(EditConfig, AddsToAMap) {
  EXPECT_EQ(edit("user:\n   name: Bob\nz: 1\n", "user.email", "b@x.org"),
            "user:\n   email: \"b@x.org\"\n   name: Bob\nz: 1\n");
}

TEST(EditConfig, AddsAMap) {
  EXPECT_EQ(edit("a: 1", "user.name", "Ann"), "a: 1\nuser:\n  name: Ann\n");
}

TEST(EditConfig, FillsAMapThatIsEmpty) {
  EXPECT_EQ(edit("user:\na: 1\n", "user.name", "Ann"), "user:\n  name: Ann\na: 1\n");
}

TEST(EditConfig, RemovesAValue) {
  EXPECT_EQ(edit("user:\n  name: Bob\n  email: b\n", "user.name", std::nullopt), "user:\n  email: b\n");
}

TEST(EditConfig, KeepsValuesThatYamlWouldRead) {
  for (const std::string value :
       {"yes", "", " a ", "a: b", "#x", "\"q\"", "back\\slash", "two\nlines", "{x}", "- x", "'", "é"}) {
    EXPECT_EQ(parse_config(edit("", "user.name", value), "f").at("user.name"), value);
    EXPECT_EQ(parse_config(edit("user:\n  name: x # c\n", "user.name", value), "f").at("user.name"), value);
  }
}

TEST(EditConfig, KeepsControlCharacters) {
  const std::string value("a\t\r\x01\x7f z", 7);
  EXPECT_EQ(parse_config(edit("", "user.name", value), "f").at("user.name"), value);
}

TEST(EditConfig, WritesAFileAnewThatCannotBeEditedByLines) {
  const std::string flow = "user: {name: Bob, email: b}\nz: 1\n";
  EXPECT_THAT(parse_config(edit(flow, "user.name", "Ann"), "f"),
              ElementsAre(Pair("user.email", "b"), Pair("user.name", "Ann"), Pair("z", "1")));
  EXPECT_THAT(parse_config(edit(flow, "user.name", std::nullopt), "f"),
              ElementsAre(Pair("user.email", "b"), Pair("z", "1")));
  EXPECT_THAT(parse_config(edit("user:\n  name: |\n    Bob\n    Lee\n", "user.name", "Ann"), "f"),
              ElementsAre(Pair("user.name", "Ann")));
  EXPECT_THAT(parse_config(edit("{a: 1}", "user.name", "Ann"), "f"),
              ElementsAre(Pair("a", "1"), Pair("user.name", "Ann")));
}

TEST(EditConfig, RefusesWhatWouldLoseCommentsOrValues) {
  EXPECT_THROW(edit("# mine\nuser: {name: Bob, email: b}\n", "user.name", "Ann"), Error);
  EXPECT_THROW(edit("user: Bob\n", "user.name", "Ann"), Error);
  EXPECT_THROW(edit("user:\n  name: Bob\n", "user", "Ann"), Error);
}

TEST(EditConfigFile, MakesTheFileAndItsFolder) {
  test::TempDir folder;
  const auto path = folder / "new" / "config.yaml";
  EXPECT_TRUE(edit_config_file(fs::posix(), path, "user.name", "Ann"));
  EXPECT_EQ(as_text(fs::read_file(fs::posix(), path, 100)), "user:\n  name: Ann\n");
}

TEST(EditConfigFile, KeepsTheModeAndFollowsALink) {
  test::TempDir folder;
  fs::posix().make_directory(folder / "dotfiles");
  fs::write_file_atomically(fs::posix(), folder / "dotfiles/axon.yaml", as_bytes("a: 1\n"), 0600);
  fs::posix().make_symlink("dotfiles/axon.yaml", folder / "config.yaml");
  EXPECT_TRUE(edit_config_file(fs::posix(), folder / "config.yaml", "a", "2"));
  EXPECT_EQ(fs::posix().stat(folder / "config.yaml")->type, fs::FileType::symlink);
  EXPECT_EQ(as_text(fs::read_file(fs::posix(), folder / "dotfiles/axon.yaml", 100)), "a: 2\n");
  EXPECT_EQ(fs::posix().stat(folder / "dotfiles/axon.yaml")->mode, 0600u);
}

TEST(EditConfigFile, LeavesTheOldFileWhenWritingFails) {
  test::TempDir folder;
  const auto path = folder / "config.yaml";
  for (std::uint64_t n = 1;; ++n) {
    fs::write_file_atomically(fs::posix(), path, as_bytes("a: 1 # one\n"));
    test::FaultyFileSystem faulty(fs::posix(), folder.path());
    faulty.cut_power_at(n);
    try {
      edit_config_file(faulty, path, "a", "2");
    } catch (const test::PowerCut&) {
    }
    if (!faulty.fired()) break;
    faulty.restore_durable_state();
    const auto found = fs::read_file(fs::posix(), path, 100);
    EXPECT_THAT(as_text(found), testing::AnyOf("a: 1 # one\n", "a: 2 # one\n"));
  }
}

TEST(EditConfigFile, SaysWhenThereIsNothingToRemove) {
  test::TempDir folder;
  EXPECT_FALSE(edit_config_file(fs::posix(), folder / "config.yaml", "user.name", std::nullopt));
}

}  // namespace
}  // namespace axon

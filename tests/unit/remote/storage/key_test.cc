#include "remote/storage/key.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace axon::storage {
namespace {

TEST(Key, TakesTheNamesOfTheLayout) {
  for (const char* text :
       {"axon.json", "log/00000000000000000001.json", "packs/ab/abcd.pack", "m\xc3\xb6/x y"})
    EXPECT_TRUE(Key::valid(text)) << text;
}

TEST(Key, RefusesWhatLeavesThePlace) {
  for (const char* text :
       {"/etc/passwd", "../a", "a/../b", "a/..", ".", "..", "a/./b", "a//b", "a/", "", "/"})
    EXPECT_FALSE(Key::valid(text)) << text;
}

TEST(Key, RefusesControlCharactersAndBackslashes) {
  for (const char* text : {"a\nb", "a\tb", "a\x7f", "a\\b"}) EXPECT_FALSE(Key::valid(text)) << text;
  EXPECT_FALSE(Key::valid(std::string_view("a\0b", 3)));
}

TEST(Key, RefusesWhatIsNoUtf8) {
  for (const char* text : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80"})
    EXPECT_FALSE(Key::valid(text)) << text;
}

TEST(Key, RefusesNamesThatAdaptersUse) {
  EXPECT_FALSE(Key::valid(".axon-lock"));
  EXPECT_FALSE(Key::valid("log/.axon-x"));
  EXPECT_TRUE(Key::valid(".git"));
}

TEST(Key, LimitsItsLength) {
  EXPECT_TRUE(Key::valid(std::string(255, 'a')));
  EXPECT_FALSE(Key::valid(std::string(256, 'a')));
  std::string deep = "a";
  while (deep.size() < 1023) deep += "/a";
  EXPECT_TRUE(Key::valid(deep));
  EXPECT_FALSE(Key::valid(deep + "/a"));
}

TEST(Key, QuotesWhatItRefuses) {
  try {
    const Key key("../a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(error.message().find("'../a'"), std::string::npos);
  }
}

TEST(Key, KnowsItsName) {
  EXPECT_EQ(Key("packs/ab/x.pack").name(), "x.pack");
  EXPECT_EQ(Key("axon.json").name(), "axon.json");
}

}  // namespace
}  // namespace axon::storage

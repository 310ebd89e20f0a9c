#include "core/base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace axon {
namespace {

using Json = nlohmann::json;

std::string refusal_of(std::string_view text) {
  try {
    parse_json(text, "the entry");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::integrity);
    EXPECT_EQ(error.message(), "cannot read the entry as JSON");
    return error.causes().at(0);
  }
  return "accepted";
}

TEST(ParseJson, ReadsEveryKindOfValue) {
  const auto value = parse_json(R"( {"a":[1,-2,true,null,"\u00e9\ud83d\ude00",1.5],"b":{}} )", "x");
  EXPECT_EQ(value["a"][0], 1);
  EXPECT_EQ(value["a"][4], "é😀");
  EXPECT_EQ(value["a"][5], 1.5);
  EXPECT_TRUE(value["b"].empty());
}

TEST(ParseJson, RefusesDuplicateKeysWithTheirPlace) {
  EXPECT_EQ(refusal_of(R"({"a":1,"a":2})"), "at byte 9: the key 'a' appears twice");
  EXPECT_EQ(refusal_of(R"({"x":[{"a":1,"\u0061":2}]})").substr(0, 3), "at ");
}

TEST(ParseJson, AllowsTheSameKeyInDifferentObjects) {
  EXPECT_NO_THROW(parse_json(R"({"a":{"a":1},"b":[{"a":1},{"a":1}]})", "x"));
}

TEST(ParseJson, LimitsNestingTo64Levels) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(refusal_of(nested(64)), "accepted");
  EXPECT_EQ(refusal_of(nested(65)), "at byte 64: it is nested deeper than 64 levels");
  EXPECT_EQ(refusal_of(std::string(1'000'000, '[')), "at byte 64: it is nested deeper than 64 levels");
}

TEST(ParseJson, TellsTheByteOffsetOfASyntaxError) {
  EXPECT_EQ(refusal_of("{\"a\":\n  nope}").substr(0, 11), "at byte 9: ");
}

class BadJson : public testing::TestWithParam<std::string> {};

TEST_P(BadJson, IsRefused) {
  EXPECT_NE(refusal_of(GetParam()), "accepted");
}
INSTANTIATE_TEST_SUITE_P(Texts, BadJson,
                         testing::Values("", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "1 2", "{}x",
                                         "01", "+1", ".5", "1.", "NaN", "Infinity", "// c\n1", "\"\x01\"",
                                         "\"\\x\"", "\"\\ud800\"", "\"\xff\"", "\"\xc0\xaf\"",
                                         "\"\xed\xa0\x80\"", "1e999", "\xef\xbb\xbf{}",
                                         std::string("{}\0", 3), std::string("\"\0\"", 3)));

TEST(CanonicalJson, SortsKeysAndWritesNoWhiteSpace) {
  EXPECT_EQ(canonical_json(Json::parse(R"({ "b" : [ 1 , {"d":null,"c":true} ] , "a" : "x", "B": -3 })")),
            R"({"B":-3,"a":"x","b":[1,{"c":true,"d":null}]})");
}

// The example of RFC 8785, section 3.2.3, without its fraction.
TEST(CanonicalJson, SortsKeysByUtf16CodeUnits) {
  Json value;
  for (const char* key : {"\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"}) value[key] = 0;
  EXPECT_EQ(canonical_json(value),
            "{\"\\r\":0,\"1\":0,\"\u0080\":0,\"\u00f6\":0,\"\u20ac\":0,\"\U0001f600\":0,\"\ufb33\":0}");
}

TEST(CanonicalJson, PutsAKeyBeforeThoseThatItStarts) {
  EXPECT_EQ(canonical_json(Json{{"ab", 1}, {"a", 2}, {"", 3}}), R"({"":3,"a":2,"ab":1})");
}

TEST(CanonicalJson, EscapesExactlyWhatJcsEscapes) {
  EXPECT_EQ(canonical_json(Json("\b\t\n\f\r\"\\/\x01\x1f\x7fé")),
            "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0001\\u001f\x7fé\"");
}

TEST(CanonicalJson, WritesIntegersUpTo2To53) {
  constexpr std::int64_t kMax = std::int64_t{1} << 53;
  EXPECT_EQ(canonical_json(Json(kMax)), "9007199254740992");
  EXPECT_EQ(canonical_json(Json(-kMax)), "-9007199254740992");
  EXPECT_EQ(canonical_json(Json(static_cast<std::uint64_t>(kMax))), "9007199254740992");
  EXPECT_THROW(canonical_json(Json(kMax + 1)), Error);
  EXPECT_THROW(canonical_json(Json(-kMax - 1)), Error);
  EXPECT_THROW(canonical_json(Json(static_cast<std::uint64_t>(kMax) + 1)), Error);
}

TEST(CanonicalJson, RefusesWhatHasNoOneForm) {
  const auto code_of = [](const Json& value) {
    try {
      canonical_json(value);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::usage;
  };
  EXPECT_EQ(code_of(Json{{"a", 1.0}}), ErrorCode::failed);
  EXPECT_EQ(code_of(Json("\xff")), ErrorCode::failed);
  EXPECT_EQ(code_of(Json{{"\xff", 1}}), ErrorCode::failed);
  EXPECT_EQ(code_of(Json::binary({1})), ErrorCode::failed);
}

TEST(CanonicalJson, RefusesWhatCouldNotBeReadBack) {
  Json deep = Json::array();
  for (int i = 0; i < 63; ++i) deep = Json::array({deep});
  EXPECT_NO_THROW(parse_json(canonical_json(deep), "x"));
  EXPECT_THROW(canonical_json(Json::array({deep})), Error);
}

}  // namespace
}  // namespace axon

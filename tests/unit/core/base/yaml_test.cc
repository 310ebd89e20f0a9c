#include "core/base/yaml.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "core/base/error.h"

namespace axon {
namespace {

std::string refusal_of(std::string_view text) {
  try {
    parse_yaml(text, "'manifest.yaml'");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_EQ(error.message(), "cannot read 'manifest.yaml'");
    return error.causes().at(0);
  }
  return "accepted";
}

TEST(ParseYaml, ReadsOneDocument) {
  EXPECT_EQ(parse_yaml("---\na: {b: é}\r\nc:\n\t\n", "x")["a"]["b"].Scalar(), "é");
  EXPECT_TRUE(parse_yaml("", "x").IsNull());
  EXPECT_EQ(refusal_of("a: 1\n---\nb: 2\n"),
            "line 2, column 1: a second document starts here, but only one is read");
}

TEST(ParseYaml, TellsLineAndColumnOfWhatIsWrong) {
  EXPECT_EQ(refusal_of("a: 1\n b: 2\n").substr(0, 18), "line 2, column 3: ");
}

TEST(ParseYaml, RefusesBytesThatAreNoText) {
  EXPECT_EQ(refusal_of("a: 1\nb: \x01"), "line 2, column 4: a byte that is no text");
  for (const std::string& byte : {std::string(1, '\0'), std::string("\x04"), std::string("\x7f"),
                                  std::string("\xfe"), std::string("\xff")})
    EXPECT_EQ(refusal_of("a: " + byte), "line 1, column 4: a byte that is no text");
}

TEST(ParseYaml, DoesNotHangOnATextOfOneComma) {
  EXPECT_NE(refusal_of(","), "accepted");
}

TEST(ParseYaml, DoesNotHangOnNuls) {
  std::string text(67, '\0');
  text[1] = ',';
  text[66] = 'u';
  EXPECT_NE(refusal_of(text), "accepted");
}

TEST(ParseYaml, BoundsNesting) {
  for (const char* opening : {"[", "{", "- ", "? ", "a: [", "&a ["}) {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += opening;
    EXPECT_NE(refusal_of(text), "accepted") << opening;
  }
}

}  // namespace
}  // namespace axon

#include "core/history/pointer.h"

#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

constexpr const char* kHex = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
const std::string kCanonical =
    std::string("version https://git-lfs.github.com/spec/v1\noid sha256:") + kHex + "\nsize 12345\n";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST(Pointer, HasTheTextOfTheSpecification) {
  EXPECT_EQ(encode_pointer({*Oid::parse(kHex), 12345}), kCanonical);
}

TEST(Pointer, ComesBack) {
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{4097}, std::uint64_t{INT64_MAX}}) {
    const Pointer pointer{*Oid::parse(kHex), size};
    EXPECT_EQ(parse_pointer(as_bytes(encode_pointer(pointer))), pointer);
  }
}

TEST(Pointer, IsNotMadeForAnEmptyFile) {
  EXPECT_EQ(error_of([] { encode_pointer({}); }), ErrorCode::failed);
}

TEST(Pointer, IsReadOnlyInItsCanonicalForm) {
  const std::vector<std::string> others = {
      "",
      kCanonical + "\n",
      kCanonical.substr(0, kCanonical.size() - 1),
      replaced(kCanonical, "size 12345", "size 012345"),
      replaced(kCanonical, "size 12345", "size 0"),
      replaced(kCanonical, "size 12345", "size +1"),
      replaced(kCanonical, "size 12345", "size -1"),
      replaced(kCanonical, "size 12345", "size 9223372036854775808"),
      replaced(kCanonical, "size 12345", "size 12345 "),
      replaced(kCanonical, "4d7a", "4D7A"),
      replaced(kCanonical, "4d7a", "4d7"),
      replaced(kCanonical, "\noid", "\r\noid"),
      replaced(kCanonical, "\noid", "\next-0-foo sha256:" + std::string(kHex) + "\noid"),
      replaced(kCanonical, "git-lfs.github", "hawser.github"),
      " " + kCanonical,
  };
  for (const auto& text : others) EXPECT_FALSE(parse_pointer(as_bytes(text))) << text;
}

TEST(LooksLikePointer, TakesWhatGitLfsTakes) {
  const std::vector<std::string> pointers = {
      kCanonical,
      kCanonical + "\n\n  ",
      "\n" + kCanonical,
      kCanonical.substr(0, kCanonical.size() - 1),
      replaced(kCanonical, "\noid", "\r\noid"),
      replaced(kCanonical, "\noid", "\n\noid"),
      replaced(kCanonical, "git-lfs.github", "hawser.github"),
      replaced(kCanonical, "https://git-lfs.github.com/spec/v1", "http://git-media.io/v/2"),
      replaced(kCanonical, "\noid", "\next-0-foo sha256:" + std::string(kHex) + "\noid"),
      replaced(kCanonical, "size 12345", "size 0"),
  };
  for (const auto& text : pointers) EXPECT_TRUE(looks_like_pointer(as_bytes(text))) << text;
}

TEST(LooksLikePointer, LeavesEverythingElse) {
  const std::vector<std::string> others = {
      "",
      "version: 1\n",
      "a text that mentions git-lfs\n",
      replaced(kCanonical, "spec/v1", "spec/v3"),
      replaced(kCanonical, "size 12345", "size many"),
      replaced(kCanonical, "sha256", "sha512"),
      replaced(kCanonical, "\noid", "\nother x\noid"),
      kCanonical + "more x\n",
      kCanonical.substr(0, kCanonical.find("size")),
      kCanonical + std::string(1024 - kCanonical.size(), '\n'),
  };
  for (const auto& text : others) EXPECT_FALSE(looks_like_pointer(as_bytes(text))) << text;
}

using PointerAndGitLfs = HistoryFixture;

TEST_F(PointerAndGitLfs, StrictCheckAccepts) {
  if (run({"git", "lfs", "version"}).exit_code != 0) GTEST_SKIP() << "git-lfs is not installed";
  const auto checked = run({"git", "lfs", "pointer", "--check", "--strict", "--stdin"}, kCanonical);
  EXPECT_EQ(checked.exit_code, 0) << checked.standard_output << checked.standard_error;
}

TEST_F(PointerAndGitLfs, AgreeOnWhatLooksLikeOne) {
  if (run({"git", "lfs", "version"}).exit_code != 0) GTEST_SKIP() << "git-lfs is not installed";
  const std::vector<std::string> texts = {
      kCanonical + " ", replaced(kCanonical, "\noid", "\r\noid"),
      replaced(kCanonical, "size 12345", "size x"),
      replaced(kCanonical, "\noid", "\next-0-foo sha256:" + std::string(kHex) + "\noid"), "git-lfs\n"};
  for (const auto& text : texts) {
    const auto checked = run({"git", "lfs", "pointer", "--check", "--stdin"}, text);
    EXPECT_EQ(looks_like_pointer(as_bytes(text)), checked.exit_code == 0) << text;
  }
}

}  // namespace
}  // namespace axon::history

#include "core/history/trailers.h"

#include "core/history/hashing.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

const Digest kDigest = sha256(as_bytes("x"));
const GitId kBase = sha1(as_bytes("y"));
const std::string kFilesLine = "Axon-Files: sha256:" + kDigest.hex() + "\n";
const std::string kBaseLine = "Axon-Base: " + kBase.hex() + "\n";

TEST(Trailers, MakeAParagraphOfTheirOwn) {
  EXPECT_EQ(append_trailers("fix: a typo\n", {kDigest, {}}), "fix: a typo\n\n" + kFilesLine);
  EXPECT_EQ(append_trailers("subject\n\nbody text", {kDigest, kBase}),
            "subject\n\nbody text\n\n" + kBaseLine + kFilesLine);
}

TEST(Trailers, JoinTheMessagesOwn) {
  const std::string message = "subject\n\nSigned-off-by: Ada <ada@example.org>\nSee-also: x\n continued\n";
  EXPECT_EQ(append_trailers(message, {kDigest, {}}), message + kFilesLine);
}

TEST(Trailers, ReplaceThoseFromBefore) {
  const auto once = append_trailers("subject\n\nSigned-off-by: A <a@b.c>\n", {sha256({}), sha1({})});
  EXPECT_EQ(append_trailers(once, {kDigest, {}}), "subject\n\nSigned-off-by: A <a@b.c>\n" + kFilesLine);
}

TEST(Trailers, ComeBack) {
  const auto parsed = parse_trailers(append_trailers("subject", {kDigest, kBase}));
  EXPECT_EQ(parsed.files, kDigest);
  EXPECT_EQ(parsed.base, kBase);
}

TEST(Trailers, AreReadFromTheLastParagraphAlone) {
  EXPECT_FALSE(parse_trailers("subject\n\n" + kFilesLine + "\nmore text\n").files);
  EXPECT_FALSE(parse_trailers(kFilesLine).files);
  EXPECT_FALSE(parse_trailers("").files);
}

TEST(Trailers, RefuseMalformedAndDoubledOnes) {
  for (const auto& lines : {std::string("Axon-Files: sha256:123\n"), "Axon-Files: " + kDigest.hex() + "\n",
                            kFilesLine + kFilesLine, "axon-files: sha512:" + kDigest.hex() + "\n",
                            std::string("Axon-Base: main\n")})
    EXPECT_EQ(error_of([&] { parse_trailers("subject\n\n" + lines); }), ErrorCode::integrity) << lines;
}

TEST(Trailers, CanBeTakenOffAgain) {
  for (const char* message : {"subject\n", "subject\n\nbody\n", "subject\n\nSigned-off-by: A <a@b.c>\n"})
    EXPECT_EQ(without_trailers(append_trailers(message, {kDigest, kBase})), message);
}

TEST(Trailers, NeedASubject) {
  for (const char* message : {"", "\n", " \n\t\n"})
    EXPECT_EQ(error_of([&] { append_trailers(message, {kDigest, {}}); }), ErrorCode::usage);
}

TEST(Trailers, TakeTheFirstParagraphForTheSubjectWhateverComesBefore) {
  EXPECT_EQ(append_trailers("\n\nfix: a typo\n", {kDigest, {}}), "fix: a typo\n\n" + kFilesLine);
}

TEST(Trailers, LeaveAMessageOfNothingEmpty) {
  EXPECT_EQ(without_trailers("\n\n"), "");
}

using TrailersAndGit = HistoryFixture;

TEST_F(TrailersAndGit, AreTrailersToGit) {
  const auto message = append_trailers("fix: a typo\n\nSome text: with a colon.\n", {kDigest, kBase});
  const auto id = commit({{"a", "1"}}, {}, message);
  EXPECT_EQ(git({"log", "-1", "--format=%(trailers:only)", id.hex()}), kBaseLine + kFilesLine);
}

TEST(FilesDigest, IsTheHashOfItsLines) {
  std::string lines = "100644 1 " + kDigest.hex() + " a";
  lines += '\0';
  lines += "120000 3 " + kDigest.hex() + " a/b";
  lines += '\0';
  lines += "100755 20 " + kDigest.hex() + " b c";
  lines += '\0';
  EXPECT_EQ(files_digest({{EntryMode::executable, 20, kDigest, "b c"},
                          {EntryMode::file, 1, kDigest, "a"},
                          {EntryMode::symlink, 3, kDigest, "a/b"}}),
            sha256(as_bytes(lines)));
}

}  // namespace
}  // namespace axon::history

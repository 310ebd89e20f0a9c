#include "core/history/commit_text.h"

#include "core/history/hashing.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

Commit sample() {
  Commit commit;
  commit.tree = sha1(as_bytes("tree"));
  commit.parents = {sha1(as_bytes("one")), sha1(as_bytes("two"))};
  commit.author = kAda;
  commit.committer = {"Grace Hopper", "grace@example.org", 1'767'225'700, -330};
  commit.message = "subject\n\nbody\n";
  return commit;
}

TEST(CommitText, IsGitsOwn) {
  EXPECT_EQ(encode_commit(sample()), "tree " + sha1(as_bytes("tree")).hex() + "\nparent " +
                                         sha1(as_bytes("one")).hex() + "\nparent " +
                                         sha1(as_bytes("two")).hex() +
                                         "\nauthor Ada Lovelace <ada@example.org> 1767225600 +0100\n"
                                         "committer Grace Hopper <grace@example.org> 1767225700 -0530\n"
                                         "\nsubject\n\nbody\n");
}

TEST(CommitText, ComesBack) {
  auto commit = sample();
  commit.signature = "-----BEGIN SSH SIGNATURE-----\nabc\n\ndef\n-----END SSH SIGNATURE-----";
  const auto text = encode_commit(commit);
  const auto id = object_id(ObjectType::commit, as_bytes(text));
  const auto back = parse_commit(id, as_bytes(text));
  EXPECT_EQ(back.id, id);
  EXPECT_EQ(back.tree, commit.tree);
  EXPECT_EQ(back.parents, commit.parents);
  EXPECT_EQ(back.author, commit.author);
  EXPECT_EQ(back.committer, commit.committer);
  EXPECT_EQ(back.message, commit.message);
  EXPECT_EQ(back.signature, commit.signature);
}

TEST(CommitText, EndsItsMessageInANewline) {
  auto commit = sample();
  commit.message = "subject";
  EXPECT_TRUE(encode_commit(commit).ends_with("\n\nsubject\n"));
}

TEST(CommitText, RefusesPeopleAndMessagesThatBreakIt) {
  for (const char* name : {"", "a<b", "a>b", "a\nb"}) {
    auto commit = sample();
    commit.author.name = name;
    EXPECT_EQ(error_of([&] { encode_commit(commit); }), ErrorCode::usage) << name;
  }
  auto commit = sample();
  commit.message = std::string("a\0b", 3);
  EXPECT_EQ(error_of([&] { encode_commit(commit); }), ErrorCode::usage);
}

TEST(CommitText, PassesOverHeadersThatItDoesNotKnow) {
  auto text = encode_commit(sample());
  text.insert(text.find("\n\n") + 1, "encoding UTF-8\nmergetag object x\n type y\n");
  EXPECT_EQ(parse_commit({}, as_bytes(text)).message, "subject\n\nbody\n");
}

TEST(CommitText, RefusesEveryTruncationOfItsHeader) {
  const auto text = encode_commit(sample());
  for (std::size_t size = 0; size < text.find("\n\n"); ++size) {
    if (size == text.find("\n\n")) continue;
    EXPECT_EQ(error_of([&] { parse_commit({}, as_bytes(text).first(size)); }), ErrorCode::integrity) << size;
  }
}

TEST(CommitText, SurvivesEveryFlippedBit) {
  const auto good = encode_commit(sample());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto code = error_of([&] { parse_commit({}, as_bytes(bad)); });
    EXPECT_TRUE(!code || code == ErrorCode::integrity) << bit;
  }
}

TEST(TagText, ComesBack) {
  const Tag tag{sha1(as_bytes("x")), ObjectType::commit,
                "hf/bert@v1",        kAda,
                "the first\n",       "-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----"};
  const auto back = parse_tag(as_bytes(encode_tag(tag)));
  EXPECT_EQ(back.target, tag.target);
  EXPECT_EQ(back.type, tag.type);
  EXPECT_EQ(back.name, tag.name);
  EXPECT_EQ(back.tagger, tag.tagger);
  EXPECT_EQ(back.message, tag.message);
  EXPECT_EQ(back.signature, tag.signature);
}

TEST(SplitSignature, GivesWhatWasSigned) {
  auto commit = sample();
  const auto payload = encode_commit(commit);
  commit.signature = "-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----";
  const auto split = split_signature(ObjectType::commit, as_bytes(encode_commit(commit)));
  ASSERT_TRUE(split);
  EXPECT_EQ(split->payload, payload);
  EXPECT_EQ(split->signature, commit.signature);
  EXPECT_FALSE(split_signature(ObjectType::commit, as_bytes(payload)));
}

TEST(SplitSignature, GivesWhatWasSignedOfATag) {
  Tag tag{sha1(as_bytes("x")), ObjectType::commit, "v1", kAda, "the first\n", ""};
  const auto payload = encode_tag(tag);
  tag.signature = "-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----";
  const auto split = split_signature(ObjectType::tag, as_bytes(encode_tag(tag)));
  ASSERT_TRUE(split);
  EXPECT_EQ(split->payload, payload);
  EXPECT_EQ(split->signature, tag.signature);
  EXPECT_FALSE(split_signature(ObjectType::tag, as_bytes(payload)));
}

TEST(ParsePerson, ReadsNameAndEmail) {
  const auto person = parse_person("Ada Lovelace <ada@example.org>");
  EXPECT_EQ(person.name, "Ada Lovelace");
  EXPECT_EQ(person.email, "ada@example.org");
}

TEST(ParsePerson, RefusesOtherForms) {
  for (const char* text : {"", "Ada", "<a@b>", "Ada <a@b", "Ada a@b>", "Ada <a<b>", "Ada <a> x", "A\nb <c>"})
    EXPECT_EQ(error_of([&] { parse_person(text); }), ErrorCode::usage) << text;
}

using CommitTextAndGit = HistoryFixture;

TEST_F(CommitTextAndGit, AgreeOnCommitsAndTags) {
  const auto id = commit({{"a", "1"}}, {}, "subject\n\nbody\n");
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto text = encode_tag({id, ObjectType::commit, "hf/bert@v1", kAda, "the first\n", ""});
  const auto tag = writer.add(ObjectType::tag, as_bytes(text));
  writer.finish();
  EXPECT_EQ(git({"mktag"}, text), tag.hex());
  EXPECT_EQ(git({"log", "-1", "--format=%an|%ae|%at|%aI|%B", id.hex()}),
            "Ada Lovelace|ada@example.org|1767225600|2026-01-01T01:00:00+01:00|subject\n\nbody\n");
  git({"fsck", "--strict"});
}

TEST_F(CommitTextAndGit, ReadWhatGitWrites) {
  const auto tree = git({"mktree"}, "");
  const auto id = GitId::parse(git({"commit-tree", tree, "-m", "by git"}));
  ASSERT_TRUE(id);
  const auto commit = open().commit(*id);  // a loose object
  EXPECT_EQ(commit.message, "by git\n");
  EXPECT_EQ(commit.author.name, "Git");
}

}  // namespace
}  // namespace axon::history

#include "core/history/signatures.h"

#include <fstream>

#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

class SignaturesTest : public HistoryFixture {
 protected:
  void SetUp() override {
    if (run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key.string()}).exit_code != 0)
      GTEST_SKIP() << "ssh-keygen is not installed";
    allow("ada@example.org");
  }
  std::string public_key(const fs::Path& of) {
    return std::string(as_text(fs::read_file(fs::posix(), fs::Path(of) += ".pub", 1000)));
  }
  void allow(const std::string& who) { std::ofstream(allowed) << who << " " << public_key(key); }
  SignatureCheck check(const std::string& payload, const std::string& signature) {
    return verify(fs::posix(), dir.path(), payload, signature, allowed, kAda.seconds, CancelToken{});
  }

  fs::Path key = dir / "key";
  fs::Path allowed = dir / "allowed_signers";
};

TEST_F(SignaturesTest, AreGoodByAKnownKey) {
  const auto signature = sign("text\n", key, CancelToken{});
  const auto checked = check("text\n", signature);
  EXPECT_EQ(checked.state, SignatureState::good);
  EXPECT_EQ(checked.signer, "ada@example.org");
  EXPECT_TRUE(checked.key.starts_with("ED25519 SHA256:")) << checked.key;
}

TEST_F(SignaturesTest, AreUnknownByAnotherKey) {
  const auto signature = sign("text\n", key, CancelToken{});
  std::ofstream(allowed) << "";
  EXPECT_EQ(check("text\n", signature).state, SignatureState::unknown);
  std::filesystem::remove(allowed);
  EXPECT_EQ(check("text\n", signature).state, SignatureState::unknown);
}

TEST_F(SignaturesTest, AreUnknownOutsideTheTimeOfTheirKey) {
  const auto signature = sign("text\n", key, CancelToken{});
  std::ofstream(allowed) << "ada@example.org valid-before=\"20200101\" " << public_key(key);
  EXPECT_EQ(check("text\n", signature).state, SignatureState::unknown);
  std::ofstream(allowed) << "ada@example.org valid-after=\"20200101\" " << public_key(key);
  EXPECT_EQ(check("text\n", signature).state, SignatureState::good);
}

TEST_F(SignaturesTest, AreBadForAnotherText) {
  const auto signature = sign("text\n", key, CancelToken{});
  EXPECT_EQ(check("another\n", signature).state, SignatureState::bad);
  EXPECT_EQ(check("text\n", "rubbish").state, SignatureState::bad);
}

TEST_F(SignaturesTest, SayWhyTheyCannotBeMade) {
  EXPECT_EQ(error_of([&] { sign("text\n", dir / "no-such-key", CancelToken{}); }), ErrorCode::failed);
}

TEST_F(SignaturesTest, LeaveNoFilesBehind) {
  check("text\n", sign("text\n", key, CancelToken{}));
  for (const auto& entry : fs::posix().list(dir.path())) EXPECT_FALSE(entry.name.starts_with("signature-"));
}

TEST_F(SignaturesTest, OfCommitsSatisfyGit) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  Commit commit;
  commit.tree = write_trees(writer, {});
  commit.author = commit.committer = kAda;
  commit.message = "signed\n";
  commit.signature = sign(encode_commit(commit), key, CancelToken{});
  const auto id = writer.add(ObjectType::commit, as_bytes(encode_commit(commit)));
  const Tag plain{id, ObjectType::commit, "v1", kAda, "signed, too\n", ""};
  auto tag = plain;
  tag.signature = sign(encode_tag(plain), key, CancelToken{});
  const auto tag_id = writer.add(ObjectType::tag, as_bytes(encode_tag(tag)));
  writer.finish();
  set_ref("refs/tags/v1", tag_id);
  const auto setting = "gpg.ssh.allowedSignersFile=" + allowed.string();
  git({"-c", "gpg.format=ssh", "-c", setting, "verify-commit", id.hex()});
  git({"-c", "gpg.format=ssh", "-c", setting, "verify-tag", "refs/tags/v1"});
  git({"fsck", "--strict"});
  const auto split = split_signature(ObjectType::commit, open().read_raw(id).content);
  ASSERT_TRUE(split);
  EXPECT_EQ(check(split->payload, split->signature).state, SignatureState::good);
}

TEST_F(SignaturesTest, OfGitsCommitsAreChecked) {
  const auto tree = git({"mktree"}, "");
  const auto id = *GitId::parse(git({"-c", "gpg.format=ssh", "-c", "user.signingkey=" + key.string(),
                                     "commit-tree", "-S", tree, "-m", "by git"}));
  const auto split = split_signature(ObjectType::commit, open().read_raw(id).content);
  ASSERT_TRUE(split);
  EXPECT_EQ(check(split->payload, split->signature).state, SignatureState::good);
}

}  // namespace
}  // namespace axon::history

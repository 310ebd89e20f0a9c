// Signed commits, checked by git itself with a key that the test makes.

#include <fstream>

#include "core/base/subprocess.h"
#include "core/history/commit_text.h"
#include "core/history/signatures.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

class CommitSignatureTest : public WorkspaceFixture {
 protected:
  void SetUp() override {
    ASSERT_EQ(run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key_.string()}).exit_code,
              0);
    const auto key = fs::read_file(fs::posix(), fs::Path(key_) += ".pub", 1000);
    std::ofstream(allowed_) << "ada@example.org " << as_text(key);
  }
  ProcessResult run(const std::vector<std::string>& argv) { return run_process(argv, {}, CancelToken()); }
  ProcessResult git(std::vector<std::string> arguments) {
    const auto git_dir = first().store->layout().git().string();
    std::vector<std::string> argv{"git",
                                  "-C",
                                  git_dir,
                                  "-c",
                                  "gpg.format=ssh",
                                  "-c",
                                  "gpg.ssh.allowedSignersFile=" + allowed_.string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run(argv);
  }
  CommitOptions signed_by(const fs::Path& key) {
    CommitOptions options;
    options.signing_key = key.string();
    return options;
  }

  fs::Path key_ = folder_ / "key";
  fs::Path allowed_ = folder_ / "allowed_signers";
};

TEST_F(CommitSignatureTest, GitFindsItGood) {
  write(first(), "config.json", "{}");
  const auto result = first().commit(signed_by(key_));
  ASSERT_TRUE(result.committed);
  const auto checked = git({"verify-commit", result.id.hex()});
  EXPECT_EQ(checked.exit_code, 0) << checked.standard_error;
  EXPECT_THAT(checked.standard_error, testing::HasSubstr("ada@example.org"));
  EXPECT_EQ(git({"fsck", "--strict"}).exit_code, 0);
}

TEST_F(CommitSignatureTest, ItCoversTheFilesDigest) {
  write(first(), "config.json", "{}");
  const auto id = first().commit(signed_by(key_)).id;
  const auto raw = first().store->history().read_raw(id).content;
  const auto split = history::split_signature(history::ObjectType::commit, raw);
  ASSERT_TRUE(split);
  const auto check = [&](const std::string& payload) {
    return history::verify(fs::posix(), folder_.path(), payload, split->signature, allowed_,
                           somebody().seconds, CancelToken())
        .state;
  };
  EXPECT_EQ(check(split->payload), history::SignatureState::good);
  auto other = split->payload;
  const auto digest = other.find("Axon-Files: sha256:");
  ASSERT_NE(digest, std::string::npos);
  auto& digit = other[digest + std::string("Axon-Files: sha256:").size()];
  digit = digit == '0' ? '1' : '0';
  EXPECT_EQ(check(other), history::SignatureState::bad);
}

TEST_F(CommitSignatureTest, TheNextCommitIsUnsignedUnlessAsked) {
  write(first(), "config.json", "{}");
  first().commit(signed_by(key_));
  write(first(), "config.json", "{\"a\": 1}");
  EXPECT_NE(git({"verify-commit", first().commit().id.hex()}).exit_code, 0);
}

TEST_F(CommitSignatureTest, AKeyThatIsNotThereFailsBeforeTheLineMoves) {
  write(first(), "config.json", "{}");
  EXPECT_EQ(code_of([&] { first().commit(signed_by(folder_ / "no-key")); }), ErrorCode::failed);
  EXPECT_FALSE(first().store->history().ref("refs/heads/hf/bert"));
  EXPECT_TRUE(first().commit(signed_by(key_)).committed);
}

}  // namespace
}  // namespace axon::workspace

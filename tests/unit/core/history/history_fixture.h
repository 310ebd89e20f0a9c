// A bare repository in a temporary folder, ways to fill it, and plain git to look at it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/subprocess.h"
#include "core/history/commit_text.h"
#include "core/history/git_pack_writer.h"
#include "core/history/repository.h"
#include "core/history/tree_builder.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::history {

using Files = std::map<std::string, std::string>;  // path → content

inline const Person kAda{"Ada Lovelace", "ada@example.org", 1'767'225'600, 60};

// The code of the Error that `call` throws; nullopt when it throws none.
template <class Call>
std::optional<ErrorCode> error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

inline std::vector<TreeEntry> add_files(GitPackWriter& writer, const Files& files) {
  std::vector<TreeEntry> entries;
  for (const auto& [path, content] : files)
    entries.push_back({path, EntryMode::file, writer.add(ObjectType::blob, as_bytes(content))});
  return entries;
}

inline GitId add_commit(GitPackWriter& writer, const Files& files, const std::vector<GitId>& parents,
                        const std::string& message, std::int64_t seconds = kAda.seconds) {
  Commit commit;
  commit.tree = write_trees(writer, add_files(writer, files));
  commit.parents = parents;
  commit.author = commit.committer = kAda;
  commit.committer.seconds = seconds;
  commit.message = message;
  return writer.add(ObjectType::commit, as_bytes(encode_commit(commit)));
}

// Thousands of fsyncs of a real disk take minutes and prove nothing: that they are made is checked by
// FaultyFileSystem's power cut.
struct InMemory {
  InMemory() {
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  }
};

class HistoryFixture : private InMemory, public testing::Test {
 protected:
  HistoryFixture() { Repository::create(fs::posix(), git_dir); }

  // A pack of its own for each commit.
  GitId commit(const Files& files, const std::vector<GitId>& parents = {},
               const std::string& message = "one\n", std::int64_t seconds = kAda.seconds) {
    GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
    const auto id = add_commit(writer, files, parents, message, seconds);
    writer.finish();
    return id;
  }
  void set_ref(const std::string& name, const GitId& target, const GitId& expected = {}) {
    const std::vector<RefUpdate> updates{{name, expected, target}};
    open().update_refs(updates, kAda, "test");
  }
  Repository& open() {
    if (!repository_) repository_ = std::make_unique<Repository>(fs::posix(), git_dir);
    return *repository_;
  }
  void reopen() { repository_.reset(); }

  ProcessResult run(const std::vector<std::string>& argv, const std::string& input = "") {
    ProcessOptions options;
    options.standard_input = input;
    options.working_directory = dir.path().string();
    options.environment = {{"HOME", dir.path().string()},
                           {"GIT_CONFIG_NOSYSTEM", "1"},
                           {"LC_ALL", "C"},
                           {"GIT_AUTHOR_NAME", "Git"},
                           {"GIT_AUTHOR_EMAIL", "git@example.org"},
                           {"GIT_COMMITTER_NAME", "Git"},
                           {"GIT_COMMITTER_EMAIL", "git@example.org"}};
    return run_process(argv, options, CancelToken{});
  }
  // Plain git in the repository; its output without the last newline. A failure is a failed test.
  std::string git(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), {"git", "-C", git_dir.string()});
    auto result = run(arguments, input);
    EXPECT_EQ(result.exit_code, 0) << arguments[3] << ": " << result.standard_error;
    if (result.standard_output.ends_with('\n')) result.standard_output.pop_back();
    return result.standard_output;
  }
  std::vector<fs::Path> packs() {
    std::vector<fs::Path> found;
    for (const auto& entry : fs::posix().list(pack_folder(git_dir)))
      if (entry.name.ends_with(".pack")) found.push_back(pack_folder(git_dir) / entry.name);
    return found;
  }

  test::TempDir dir;
  fs::Path git_dir = dir / "git";
  test::SeededRandom random;

 private:
  std::unique_ptr<Repository> repository_;
};

}  // namespace axon::history

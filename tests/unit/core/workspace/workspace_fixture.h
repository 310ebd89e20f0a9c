// WorkspaceFixture: a store and workspaces on it, with files to commit, in one temporary folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "core/base/error.h"
#include "core/workspace/checkout.h"
#include "core/workspace/commit.h"
#include "core/workspace/status.h"
#include "core/workspace/workspace.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::workspace {

using FileTexts = std::map<std::string, std::string>;

// Bytes that do not compress and are no text.
inline std::string noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

inline history::Person somebody() {
  return {"Ada", "ada@example.org", 1'800'000'000, 60};
}

// One user's store and one workspace, opened through any file system.
struct Session {
  Session(fs::FileSystem& fs, const Clock& clock, Random& random, const fs::Path& home, const fs::Path& place,
          std::size_t threads = 2)
      : environment{fs, clock, random}, root(place) {
    store::Store::create(environment, home);
    store::StoreOptions options;
    options.threads = threads;
    store = std::make_unique<store::Store>(environment, home, options);
    fs::make_directories(fs, root);
    if (!fs::exists(fs, store::WorkspaceLayout{root}.description())) {
      WorkspaceState state{home, {ModelName::parse("hf/bert"), std::nullopt}, {}, {}, {}, {}, {}};
      Workspace::create(environment, root, state);
    }
    workspace = std::make_unique<Workspace>(environment, root);
  }

  CommitResult commit(CommitOptions options = {}) {
    options.author = options.committer = somebody();
    return workspace::commit(*store, *workspace, options, no_progress(), cancel);
  }
  CommitResult commit_on_latest() {
    CommitOptions options;
    options.onto = CommitOnto::latest;
    return commit(options);
  }
  Status status() { return workspace::status(*store, *workspace, no_progress(), cancel); }
  CheckoutResult checkout(const GitId& id, Overwrite overwrite = Overwrite::no) {
    return workspace::checkout(*store, *workspace, id, {}, std::nullopt, overwrite, no_progress(), cancel);
  }

  store::Environment environment;
  fs::Path root;
  CancelToken cancel;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Workspace> workspace;
};

inline void write_file(const fs::Path& root, const std::string& path, std::string_view text) {
  auto& fs = fs::posix();
  fs::make_directories(fs, (root / path).parent_path());
  if (fs::exists(fs, root / path)) fs.remove(root / path);
  const auto file =
      fs.open(root / path, {.access = fs::Access::create, .caching = {}, .links = {}, .mode = 0644});
  if (!text.empty()) file->write_at(0, as_bytes(text));
}

// All files of a folder but .axon.
inline FileTexts read_files(const fs::Path& root) {
  FileTexts files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const auto path = entry.path().lexically_relative(root).string();
    if (path.starts_with(".axon/") || !entry.is_regular_file()) continue;
    const auto bytes = fs::read_file(fs::posix(), entry.path(), std::uint64_t{1} << 30);
    files[path] = std::string(as_text(bytes));
  }
  return files;
}

// "added a", "changed b", "removed c"
inline std::vector<std::string> changes_of(const Status& status) {
  std::vector<std::string> lines;
  for (const auto& change : status.changes) {
    const char* kind = change.kind == ChangeKind::added     ? "added "
                       : change.kind == ChangeKind::changed ? "changed "
                                                            : "removed ";
    lines.push_back(kind + change.path);
  }
  return lines;
}

class WorkspaceFixture : public testing::Test {
 protected:
  Session& first() { return open(first_, "first"); }
  Session& second() { return open(second_, "second"); }
  void write(Session& session, const std::string& path, std::string_view text) {
    write_file(session.root, path, text);
  }
  void remove(Session& session, const std::string& path) { std::filesystem::remove(session.root / path); }
  FileTexts files(Session& session) { return read_files(session.root); }
  fs::Path home() const { return folder_ / "home"; }

  test::TempDir folder_;
  test::SeededRandom random_;

 private:
  Session& open(std::unique_ptr<Session>& session, const std::string& name) {
    if (!session) {
      session = std::make_unique<Session>(fs::posix(), system_clock(), random_, home(), folder_ / name);
    }
    return *session;
  }
  std::unique_ptr<Session> first_, second_;
};

inline ErrorCode code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::failed;
}

}  // namespace axon::workspace

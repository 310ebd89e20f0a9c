// Workspace: a directory with one model's files and a folder .axon in it that remembers the store, the line
// and the base commit (docs/formats/workspace.md). A copied workspace is independent of the first.
//
// Threads: one command at a time; commands that change anything hold `lock`. Errors: Error(not_a_workspace).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/model_spec.h"
#include "core/store/resolve.h"
#include "core/store/store.h"

namespace axon::workspace {

// A commit on its way: what the line, and with it the tag, was about to move to.
struct Publishing {
  GitId commit;
  std::optional<VersionName> tag = {};
  bool operator==(const Publishing&) const = default;
};

// workspace.json
struct WorkspaceState {
  fs::Path store;                     // absolute
  Line line;                          // that a commit moves
  std::optional<GitId> base;          // the version in the directory; absent before the first commit
  std::optional<std::string> remote;  // that a push without a name goes to
  std::optional<GitId> lineage;       // of `init --from`: recorded as Axon-Base by the first commit
  std::optional<std::string> lineage_spec;
  // Of commands that were cut short (recovery.h):
  std::optional<Publishing> publishing;  // what a commit was about to publish, or had
  std::optional<GitId> restoring = {};   // the version whose files a checkout was putting in their places
};

class Workspace {
 public:
  // Makes `root` (which exists) a workspace. Error(already_exists) when it, or a folder above, is one.
  static void create(const store::Environment& environment, const fs::Path& root,
                     const WorkspaceState& state);
  // The workspace that holds `start`: it or the nearest folder above with .axon/workspace.json.
  static std::optional<fs::Path> find(fs::FileSystem& fs, const fs::Path& start);
  Workspace(const store::Environment& environment, const fs::Path& root);

  const WorkspaceState& state() const { return state_; }
  // Replaces workspace.json atomically; the commit point of checkout and switch.
  void save(const WorkspaceState& state);
  const store::WorkspaceLayout& layout() const { return layout_; }
  const store::Environment& environment() const { return environment_; }
  store::ResolveContext context() const { return {state_.line, state_.base}; }
  // Held by every command that changes the workspace or its files: `commit` and `checkout` take it
  // themselves, so their caller must not hold it. Reads workspace.json again, for another command may have
  // held it.
  fs::FileLock lock(const CancelToken& cancel, std::chrono::milliseconds timeout);

 private:
  store::Environment environment_;
  store::WorkspaceLayout layout_;
  WorkspaceState state_;
};

}  // namespace axon::workspace

// CommitRun: what the steps of one commit share. In their order: commit_look.h finds what there is to commit,
// commit_content.h stores it, commit_publish.h makes it a version of the line; commit.cc puts them together.
#pragma once

#include <optional>

#include "core/base/progress.h"
#include "core/workspace/commit.h"
#include "core/workspace/stat_cache.h"

namespace axon::workspace {

struct CommitRun {
  store::Store& store;
  Workspace& workspace;
  const CommitOptions& options;
  Progress& progress;
  const CancelToken& cancel;
  fs::FileSystem& fs;
  fs::Path root;
  StatCache cache;

  const Line& line() const { return workspace.state().line; }
  const std::optional<GitId>& base() const { return workspace.state().base; }
  // Where the line is right now; absent: it does not exist yet.
  std::optional<GitId> tip() const {
    const auto ref = store.history().ref(line().ref());
    return ref ? std::optional(ref->commit) : std::nullopt;
  }
  // The version outside of the line that this one was made from.
  std::optional<GitId> lineage() const {
    if (options.lineage) return options.lineage;
    return base() ? std::nullopt : workspace.state().lineage;
  }
  bool may_stop() const { return options.empty == EmptyCommit::refuse; }
};

}  // namespace axon::workspace

// recover: finishes what a command that was cut short had begun.
//
// A commit writes its id, and the tag that it is to get, into workspace.json before it publishes. Found there
// later: had it been published, the workspace takes it as its base, and what others changed meanwhile is
// brought in (advance.h); had it not, nothing has happened. Line and tag are two files, so a kill may leave
// one of them behind: the tag is then made, or the line moved if it still stands where the commit began. A
// name that somebody else took meanwhile stays theirs, with a warning.
//
// A checkout writes there which version it is about to put in place, once all its files are staged; found
// later, the files that are still as in the base become that version's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/workspace/stat_cache.h"
#include "core/workspace/workspace.h"

namespace axon::workspace {

struct Recovery {
  std::optional<VersionName> tag;  // of the commit that was cut short, and is finished now
  std::vector<std::string> warnings;
};

// The caller holds the workspace's lock and the store's content lock.
Recovery recover(store::Store& store, Workspace& workspace, StatCache& cache, Progress& progress,
                 const CancelToken& cancel);

// The same for commands that can go on without it: should it fail, because a version is damaged for example,
// the way to another one stays open, and the files count as changed. Returns warnings. Throws
// Error(interrupted) only.
std::vector<std::string> finish_earlier(store::Store& store, Workspace& workspace, Progress& progress,
                                        const CancelToken& cancel);

// The commit that the workspace is really at: its base, unless a commit was cut short behind its commit
// point. For commands that change nothing.
std::optional<GitId> recovered_base(store::Store& store, const WorkspaceState& state);
// What `recover` would have to finish, for the user.
std::vector<std::string> unfinished(store::Store& store, const WorkspaceState& state);

}  // namespace axon::workspace

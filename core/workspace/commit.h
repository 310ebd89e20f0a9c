// commit: the files of a workspace as a new version of its line. Never overwrites a change of the user.
//
// Parent = the workspace's base; the line moves by compare-and-swap from there. Errors: Error(moved) when the
// line is elsewhere (hints: `axon pull`, `axon switch -c NAME`, `--on-latest`), Error(failed) when a file
// changes or vanishes while it is read or a name cannot be in a version, Error(refused) by a gate. What was
// stored before an interruption or a failure of that kind stays in the store, and is not stored again.
//
// With CommitOnto::latest the parent is the line's tip, whatever it is: the changes since the base are
// applied to it by path. A path that was changed on both sides, differently, is Error(moved) that names it.
// After the commit point the files that others changed, and the user has not, are written into the workspace,
// so that it holds the new version; a failure there is a warning, and the next command finishes it
// (recovery.h).
//
// Takes the workspace's lock and the store's content lock: the caller holds neither.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/store/gate.h"
#include "core/workspace/workspace.h"

namespace axon::workspace {

enum class EmptyCommit { refuse, allow };
enum class CommitOnto {
  base,    // the line must be at the base
  latest,  // the changes since the base are applied to the line's tip, by path
};

struct CommitOptions {
  std::optional<std::string> message;  // absent: made from what changed
  std::vector<std::string> paths;      // relative to the workspace, files or folders; empty: everything
  history::Person author, committer;
  EmptyCommit empty = EmptyCommit::refuse;
  CommitOnto onto = CommitOnto::base;
  std::optional<VersionName> tag;
  std::optional<GitId> lineage;            // Axon-Base; also a delta base
  std::optional<std::string> signing_key;  // path of an SSH key
  std::span<store::Gate* const> gates;
};

struct CommitResult {
  bool committed = false;  // false: nothing changed
  GitId id;
  std::string message;  // without trailers
  std::size_t added = 0, changed = 0, removed = 0;
  std::size_t files = 0;           // in the version
  std::uint64_t bytes = 0;         // of the version
  std::uint64_t bytes_read = 0;    // of files that had to be read
  std::uint64_t bytes_new = 0;     // of chunks that the store had not
  std::uint64_t bytes_stored = 0;  // that they took, history included
  std::int64_t elapsed_ns = 0;
  std::vector<std::string> warnings;
};

CommitResult commit(store::Store& store, Workspace& workspace, const CommitOptions& options,
                    Progress& progress, const CancelToken& cancel);

}  // namespace axon::workspace

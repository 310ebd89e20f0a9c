// status: how the files of a workspace differ from its base, and its base from its line.
//
// Unchanged files are never opened: the stat cache knows them. A file whose stat changed is hashed, and
// forgiven when its content is the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/workspace/workspace.h"

namespace axon::workspace {

enum class ChangeKind { added, changed, removed };
struct FileChange {
  ChangeKind kind;
  std::string path;
  std::uint64_t size = 0;  // in the workspace; of a removed file: in the base
};

struct Status {
  Line line;
  std::optional<GitId> base, tip;          // tip: of the line
  std::vector<std::string> base_versions;  // names of tags at the base
  std::size_t ahead = 0, behind = 0;       // base against tip
  std::vector<FileChange> changes;         // sorted by path
  std::vector<std::string> warnings;       // special files and links that are left out, unreadable ones
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

Status status(store::Store& store, Workspace& workspace, Progress& progress, const CancelToken& cancel);

}  // namespace axon::workspace

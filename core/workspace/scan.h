// scan: what lies in a workspace, by one walk that opens no file.
//
// Regular files, and links that are relative and stay inside. Left out, with a warning: other links, special
// files (pipes, sockets, devices), workspaces inside this one. Left out silently: what the ignore rules name,
// and empty `.gitattributes` files, which say nothing.
#pragma once

#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/fs/file_system.h"
#include "core/workspace/ignore.h"

namespace axon::workspace {

struct ScannedFile {
  std::string path;    // relative to the root, '/'-separated
  fs::FileInfo info;   // regular or symlink
  std::string target;  // of a link
};

struct Scan {
  std::vector<ScannedFile> files;     // sorted by the bytes of their paths
  std::vector<std::string> warnings;  // what was left out and why, one line each
  // What a version cannot hold or could not be looked at: names that are refused, names that differ only in
  // case, folders that cannot be read. A status shows them, a commit fails.
  std::vector<std::string> problems;
};

// `store`: the store's folder, left out with a warning when it lies inside.
Scan scan(fs::FileSystem& fs, const fs::Path& root, const fs::Path& store, const IgnoreRules& rules,
          const CancelToken& cancel);

// True when a link at `path` (relative, its folders are no links) to `target` stays inside the workspace.
bool stays_inside(std::string_view path, std::string_view target);

}  // namespace axon::workspace

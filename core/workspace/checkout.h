// checkout: a version's files, verified and renamed into place; unchanged files are not touched.
//
// Each file: written to a temporary name, verified against its oid, renamed; then one syncfs, then the commit
// point (workspace.json). Uncommitted changes are never overwritten without Overwrite::yes: Error(failed)
// that lists them. As in git, a changed file stays, and blocks nothing, where base and target hold the same
// at its path. What stands in the way whatever was asked, such as a folder with other files where the version
// has a file, is Error(failed) too. Both are found before anything is written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/workspace/workspace.h"

namespace axon::workspace {

enum class Overwrite { no, yes };

struct CheckoutResult {
  std::vector<std::string> written, removed;  // paths
  std::vector<std::string> kept;              // changed by the user, and left so
  std::size_t unchanged = 0;
  std::uint64_t bytes_written = 0;
  std::int64_t elapsed_ns = 0;
  std::vector<std::string> warnings;
};

// Replaces the workspace's files by those of `commit` and moves the base there; with Overwrite::yes no change
// is kept. With `paths` only these are restored and the base stays. `line`, when given, becomes the
// workspace's line (switch).
CheckoutResult checkout(store::Store& store, Workspace& workspace, const GitId& commit,
                        const std::vector<std::string>& paths, const std::optional<Line>& line,
                        Overwrite overwrite, Progress& progress, const CancelToken& cancel);

// Materialises a version in `directory` (created; must be empty unless Overwrite::yes), without a workspace.
CheckoutResult export_version(store::Store& store, const GitId& commit, const fs::Path& directory,
                              const std::vector<std::string>& paths, Overwrite overwrite, Progress& progress,
                              const CancelToken& cancel);

// Throws Error(usage) for a path that leaves the workspace; returns it relative, normalised, '/'-separated.
// `directory` is where the user stands.
std::string workspace_path(const fs::Path& root, const fs::Path& directory, const std::string& path);

}  // namespace axon::workspace

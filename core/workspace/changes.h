// Changes: what a commit adds to a tree, path by path, and how they are applied to another tip.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/content/recipe.h"
#include "core/workspace/version_tree.h"

namespace axon::workspace {

// One path whose file is not as in the base.
struct FileEdit {
  std::string path;
  std::optional<history::TreeEntry> before, now;  // absent: not there; never both absent
  KnownContent content;                           // of `now`
  Bytes attributes;                               // the user's bytes, when `now` is a .gitattributes
  std::vector<content::RecipeTensor> tensors;     // of `now`
};

// `tip` with the edits, which were made to `base`. A path that is otherwise in `tip` than in `base`, and
// otherwise than the edit wants it, throws Error(moved) that names all such paths; so does a path that would
// be a file and a folder.
VersionTree apply_edits(const VersionTree& base, const VersionTree& tip, std::span<const FileEdit> edits);

bool same_files(const VersionTree& one, const VersionTree& other);

}  // namespace axon::workspace

// write_trees: git's nested tree objects from the flat list of a version's files.
#pragma once

#include <span>

#include "core/history/git_pack_writer.h"
#include "core/history/types.h"

namespace axon::history {

// `entries` sorted by path bytes; checked by check_paths(…, PathOrigin::user). Returns the root tree's id;
// without entries, the empty tree's. Unchanged trees are written again: they are small and gc's business.
GitId write_trees(GitPackWriter& writer, std::span<const TreeEntry> entries);

}  // namespace axon::history

// Writing a version's trees: .gitattributes composed, blobs and trees into the git pack.
#pragma once

#include <vector>

#include "core/store/transaction.h"
#include "core/workspace/version_tree.h"

namespace axon::workspace {

// Returns the root tree. `files`: all of `tree`, described; those that are .gitattributes get the id of the
// blob that is written for them. Error(usage) for paths that cannot be in one version.
GitId write_version(history::GitPackWriter& pack, const VersionTree& tree,
                    std::vector<store::VersionFile>& files);

}  // namespace axon::workspace

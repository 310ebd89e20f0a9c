// fsck: everything that the refs of a store reach, looked at again.
#pragma once

#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/content/maintenance.h"
#include "core/store/store.h"

namespace axon::store {

struct FsckReport {
  std::size_t refs = 0, commits = 0, files = 0;  // files: distinct large ones
  std::vector<content::PackDamage> damage;       // sorted; empty: the store is sound
};

// Refs, commits, trees and the trailer Axon-Files of every version; packs, recipes and the presence of every
// chunk. CheckDepth::full also reads every git object and every frame and hashes every file. Damage is
// reported, not thrown.
FsckReport fsck(Store& store, content::CheckDepth depth, Progress& progress, const CancelToken& cancel);

}  // namespace axon::store

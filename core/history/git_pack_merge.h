// merge_small_packs: keeps the packs of a repository few, at a cost that stays in proportion to what is
// written.
//
// Packs sorted by size form a progression in which each is at least twice the sum of all smaller ones; those
// that break it are copied, entries as they are (checked by CRC-32), into one new pack, once there are
// enough of them to be worth their fsyncs. So n commits leave about log2(n) + 8 packs. Packs with deltas or a
// .keep file stay as they are.
//
// The new pack is durable before an old one goes; a crash at any point leaves every object readable. The
// caller holds gc.lock exclusively and publish.lock, and calls Repository::refresh afterwards.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/fs/file_system.h"

namespace axon::history {

struct PackMerge {
  std::size_t packs_before = 0, packs_after = 0;
  std::size_t objects_copied = 0;
};

enum class MergeEffort {
  few_fsyncs,  // for commits: waits until eight packs can go
  thorough,    // for gc
};

PackMerge merge_small_packs(fs::FileSystem& fs, const fs::Path& git_dir, Random& random,
                            const CancelToken& cancel, MergeEffort effort = MergeEffort::few_fsyncs);

// Clears what crashes leave in the folder of packs, for gc, under the same locks: temporary files and idx
// without pack go; a whole pack without idx gets one. Returns the bytes freed.
std::uint64_t sweep_pack_folder(fs::FileSystem& fs, const fs::Path& git_dir);

}  // namespace axon::history

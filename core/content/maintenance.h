// Maintenance of packs: collecting what nothing refers to, merging small packs, and checking everything.
//
// collect and merge delete packs: the caller holds gc.lock exclusively. A crash at any point leaves every
// live frame in at least one indexed or indexable pack: the new pack is published before the old ones are
// removed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/content/content_store.h"

namespace axon::content {

struct CollectPlan {
  std::uint64_t live_frames = 0, dead_frames = 0;
  std::uint64_t dead_bytes = 0;   // in all packs
  std::uint64_t reclaimable = 0;  // bytes that go away when the chosen packs are rewritten or removed
  std::vector<PackId> remove;     // nothing live in them
  std::vector<PackId> rewrite;    // 30 % dead or more
};

// The live frames of files: their recipes, the chunks of these, and the bases of those that are deltas. A
// file without a readable recipe throws Error(integrity): nothing is collected on incomplete knowledge.
std::unordered_set<FrameId> mark_live(ContentStore& store, std::span<const Oid> files,
                                      const CancelToken& cancel);
CollectPlan plan_collection(ContentStore& store, const std::unordered_set<FrameId>& live);
void collect(ContentStore& store, const CollectPlan& plan, const std::unordered_set<FrameId>& live,
             Progress& progress, const CancelToken& cancel);

// Merges small packs geometrically, so that their number grows with the logarithm of the frames; returns the
// packs merged away (0: nothing to do).
std::size_t merge_small_packs(ContentStore& store, const CancelToken& cancel);

struct PackDamage {
  std::string subject;  // the pack, frame or file
  std::string problem;
};
enum class CheckDepth {
  structure,  // footers, the index against them, recipes of the given files and the presence of their chunks
  full,       // and every frame decoded and hashed, every file hashed as a whole
};
std::vector<PackDamage> check(ContentStore& store, std::span<const Oid> files, CheckDepth depth,
                              std::size_t threads, Progress& progress, const CancelToken& cancel);

}  // namespace axon::content

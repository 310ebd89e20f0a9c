#include "core/content/maintenance.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/content/content_writer.h"

namespace axon::content {
namespace {

// Less than this is dead: rewriting the pack costs more than it frees.
bool worth_rewriting(std::uint64_t dead, std::uint64_t size) {
  return dead * 10 >= size * 3;
}

// A frame is needed when its object is live and no better copy lies elsewhere: Index::find prefers copies
// that stand alone, so the last one of these is never dropped.
bool needed(ContentStore& store, const PackId& pack, const FrameEntry& entry,
            const std::unordered_set<FrameId>& live) {
  if (!live.contains(entry.id)) return false;
  const auto best = store.index().find(entry.id);
  return !best || (best->pack == pack && best->entry.offset == entry.offset);
}

std::vector<FrameEntry> needed_frames(ContentStore& store, const PackId& pack,
                                      const std::unordered_set<FrameId>& live) {
  auto frames = store.index().frames_of(pack);
  std::erase_if(frames, [&](const FrameEntry& entry) { return !needed(store, pack, entry, live); });
  return frames;
}

void copy_frames(ContentStore& store, ContentWriter& writer, const PackId& pack,
                 const std::vector<FrameEntry>& frames, const CancelToken& cancel) {
  Bytes bytes;
  for (const auto& entry : frames) {
    cancel.throw_if_cancelled();
    store.read_stored({pack, entry}, bytes);
    writer.add_copy(entry, bytes);
  }
}

// The index forgets them first: a crash in between leaves files that the next run indexes again, never an
// index that promises what is gone.
void remove_packs(ContentStore& store, std::span<const PackId> packs) {
  auto& fs = store.file_system();
  store.index().remove_packs(packs);
  for (const auto& id : packs) {
    store.forget_pack(id);
    const auto path = store.pack_path(id);
    fs.remove(path);
    fs.sync_directory(path.parent_path());
  }
}

}  // namespace

std::unordered_set<FrameId> mark_live(ContentStore& store, std::span<const Oid> files,
                                      const CancelToken& cancel) {
  std::unordered_set<FrameId> live;
  for (const auto& oid : files) {
    cancel.throw_if_cancelled();
    const auto found = store.recipe(oid);
    if (!found) {
      throw Error(ErrorCode::integrity, "cannot tell what file '" + oid.short_hex() + "' needs")
          .because("the store has no recipe for it")
          .hint("run `axon fsck`");
    }
    // Every recipe of the file stays: if one turns out to lie, another may be true.
    for (const auto& recipe : store.index().recipes(oid)) live.insert(recipe.id.as<FrameId>());
    for (const auto& chunk : found->recipe.chunks) {
      if (!live.insert(chunk.id.as<FrameId>()).second) continue;
      const auto location = store.index().find(chunk.id.as<FrameId>());
      if (location && !location->entry.stands_alone()) live.insert(location->entry.aux.as<FrameId>());
    }
  }
  return live;
}

CollectPlan plan_collection(ContentStore& store, const std::unordered_set<FrameId>& live) {
  CollectPlan plan;
  for (const auto& pack : store.index().packs()) {
    std::uint64_t dead = 0, kept = 0;
    for (const auto& entry : store.index().frames_of(pack.id)) {
      const bool keep = needed(store, pack.id, entry, live);
      kept += keep;
      plan.live_frames += keep;
      plan.dead_frames += !keep;
      if (!keep) dead += entry.size();
    }
    plan.dead_bytes += dead;
    if (kept == 0) {
      plan.remove.push_back(pack.id);
      plan.reclaimable += pack.size;
    } else if (worth_rewriting(dead, pack.size)) {
      plan.rewrite.push_back(pack.id);
      plan.reclaimable += dead;
    }
  }
  return plan;
}

void collect(ContentStore& store, const CollectPlan& plan, const std::unordered_set<FrameId>& live,
             Progress& progress, const CancelToken& cancel) {
  progress.begin("collecting", plan.rewrite.size() + plan.remove.size());
  ContentWriter writer(store);
  for (const auto& pack : plan.rewrite) {
    copy_frames(store, writer, pack, needed_frames(store, pack, live), cancel);
    progress.advance(1);
  }
  writer.finish();
  writer.publish();
  remove_packs(store, plan.rewrite);
  remove_packs(store, plan.remove);
  progress.end();
}

std::size_t merge_small_packs(ContentStore& store, const CancelToken& cancel) {
  constexpr std::size_t kTolerated = 8;
  auto packs = store.index().packs();
  std::erase_if(packs, [](const IndexedPack& pack) { return pack.size >= kPackTargetSize / 2; });
  if (packs.size() < kTolerated) return 0;
  std::sort(packs.begin(), packs.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
  // Geometric: a pack stays only when it is at least twice as large as all smaller ones together.
  std::uint64_t sum = packs[0].size;
  std::size_t merged = 1;
  for (std::size_t i = 1; i < packs.size() && packs[i].size < 2 * sum; ++i) {
    sum += packs[i].size;
    merged = i + 1;
  }
  if (merged < 2) return 0;
  std::vector<PackId> old;
  ContentWriter writer(store);
  for (std::size_t i = 0; i < merged; ++i) {
    copy_frames(store, writer, packs[i].id, store.index().frames_of(packs[i].id), cancel);
    old.push_back(packs[i].id);
  }
  writer.finish();
  writer.publish();
  remove_packs(store, old);
  return old.size();
}

}  // namespace axon::content

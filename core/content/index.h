// Index: where each frame lies, and which recipes make a file. A cache in SQLite: it can be lost, stale or
// foreign at any time and is rebuilt from the packs (docs/formats/index.md).
//
// Threads: all members are thread-safe (one connection, one mutex). Processes: any number; one writer at a
// time by SQLite's own lock with a busy timeout. Errors: Error(integrity) when the database is damaged (the
// caller rebuilds).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/fs/file_system.h"
#include "core/content/pack_format.h"

namespace axon::content {

struct FrameLocation {
  PackId pack;
  FrameEntry entry;
};

struct RecipeLocation {
  RecipeId id;
  bool verified = false;  // the file made from it had the oid once
};

struct IndexedPack {
  PackId id;
  std::uint64_t size = 0;  // bytes of the file
  std::uint64_t frames = 0;
};

enum class IndexMode {
  read_write,
  read_only,  // the database is opened immutable: for stores that this user cannot write
};

class Index {
 public:
  // Opens or creates; a database that is damaged, of another version or not ours throws Error(integrity).
  Index(const fs::Path& path, IndexMode mode);
  ~Index();

  // The frame of `id`; of several the one that stands alone.
  std::optional<FrameLocation> find(const FrameId& id);
  // In the order asked for.
  std::vector<std::optional<FrameLocation>> find_many(std::span<const FrameId> ids);
  // All frames of `id`, those that stand alone first.
  std::vector<FrameLocation> find_all(const FrameId& id);
  // The recipes of a file, verified ones first.
  std::vector<RecipeLocation> recipes(const Oid& oid);
  void mark_verified(const Oid& oid, const RecipeId& recipe);

  std::vector<IndexedPack> packs();
  // Every frame of one pack, by offset.
  std::vector<FrameEntry> frames_of(const PackId& pack);
  // Adds packs with all their frames; known ones are skipped. One transaction.
  void add_packs(std::span<const PackFooter> footers);
  void remove_packs(std::span<const PackId> packs);
  // A sum over all frames: count, raw and stored bytes.
  struct Totals {
    std::uint64_t frames = 0, raw = 0, stored = 0;
  };
  Totals totals();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Writes a new index of exactly these packs beside `path` and renames it into place (footers → sort → bulk
// insert).
void rebuild_index(fs::FileSystem& fs, const fs::Path& path, std::span<const PackFooter> footers);

}  // namespace axon::content

// Index: where each frame lies, and which recipes make a file. A cache in SQLite: it can be lost, stale or
// foreign at any time and is rebuilt from the packs (docs/formats/index.md).
//
// Threads: all members are thread-safe (one connection, one mutex). Processes: any number; one writer at a
// time by SQLite's own lock with a busy timeout of 60 s, then Error(locked). Errors: Error(integrity) when
// the database is damaged or not ours (the caller rebuilds).
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
  // For stores that this user cannot write: the database is opened immutable, unless it has a log that can be
  // read. An absent one is Error(not_found).
  read_only,
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
  // The same for many, in one transaction.
  struct Verified {
    Oid oid;
    RecipeId recipe;
  };
  void mark_verified(std::span<const Verified> recipes);

  std::vector<IndexedPack> packs();
  // Every frame of one pack, by offset.
  std::vector<FrameEntry> frames_of(const PackId& pack);
  // Adds packs with all their frames; known ones are skipped. One transaction.
  void add_packs(std::span<const PackFooter> footers);
  void remove_packs(std::span<const PackId> packs);  // unknown ones are skipped
  // A sum over all frames: count, raw and stored bytes.
  struct Totals {
    std::uint64_t frames = 0, raw = 0, stored = 0;
  };
  Totals totals();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Makes a new index of exactly the packs that are added, and puts it in place of whatever is at `path`:
// nothing, a damaged index, a sound one, something else. Built beside it, then copied over in one
// transaction; other processes may have the old one open and see either. Without `finish` nothing happens.
class IndexRebuild {
 public:
  IndexRebuild(fs::FileSystem& fs, const fs::Path& path);
  ~IndexRebuild();
  IndexRebuild(const IndexRebuild&) = delete;
  IndexRebuild& operator=(const IndexRebuild&) = delete;
  // Takes 24 bytes of memory per frame until finish.
  void add(const PackFooter& footer);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same in one call. Memory: all footers; a store of millions of frames had better use IndexRebuild.
void rebuild_index(fs::FileSystem& fs, const fs::Path& path, std::span<const PackFooter> footers);

}  // namespace axon::content

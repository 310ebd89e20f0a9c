// ContentStore: packs and their index, read as one store of chunks and recipes.
//
// Reading follows the miss rule: an id that the index does not know makes it look for packs that are not
// indexed yet before it reports damage; a damaged or foreign index is rebuilt from the packs. Whatever is
// handed out was checked: frames by CRC, and chunks, where asked, by SHA-256. Threads: all members are
// thread-safe. Processes: the caller holds the store's gc.lock (shared) while it reads or writes, so that no
// pack vanishes. Errors: Error(integrity) that names the pack or the id, hint `axon fsck`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/clock.h"
#include "core/base/fs/file_system.h"
#include "core/content/codec.h"
#include "core/content/index.h"
#include "core/content/pack_reader.h"
#include "core/content/recipe.h"

namespace axon::content {

struct ContentPaths {
  fs::Path packs;      // folder of <xx>/<id>.pack
  fs::Path index;      // index.db
  fs::Path temporary;  // folder on the same file system
};

enum class StoreAccess { read_write, read_only };

class ContentStore {
 public:
  ContentStore(fs::FileSystem& fs, ContentPaths paths, StoreAccess access, Random& random);
  ~ContentStore();

  // Where a frame lies, preferring one that stands alone; nullopt after the miss rule found nothing.
  std::optional<FrameLocation> find(const FrameId& id);
  std::vector<std::optional<FrameLocation>> find_many(std::span<const FrameId> ids);
  bool has(const FrameId& id) { return find(id).has_value(); }

  // The recipe of a file: one that was verified, else the first that can be read; nullopt when the file is
  // unknown. Recipes in `except` are skipped: those that turned out to lie.
  struct FoundRecipe {
    RecipeId id;
    bool verified = false;
    Recipe recipe;
  };
  std::optional<FoundRecipe> recipe(const Oid& oid, std::span<const RecipeId> except = {});
  // Remembers recipes whose files had the oids they promise; nothing happens in a store that is read-only.
  void mark_verified(std::span<const Index::Verified> recipes);

  // Per-thread memory for reading; reuse it.
  struct Scratch {
    Decoder decoder;
    Bytes frame, base_frame, base;
  };
  // Decodes a chunk into `into` (exactly its raw length). Deltas are resolved. Its hash is not checked here.
  void read_frame(const FrameLocation& location, Scratch& scratch, MutableByteSpan into);
  // A whole object, hash checked.
  Bytes read_object(const FrameId& id);

  // The frame's bytes as stored (header, base, payload), CRC checked: what travels between packs and remotes.
  void read_stored(const FrameLocation& location, Bytes& frame);

  Index& index();
  // Packs are opened once and shared; the reference lives as long as the store or until forget_pack.
  std::shared_ptr<PackReader> pack(const PackId& id);
  void forget_pack(const PackId& id);
  fs::Path pack_path(const PackId& id) const;
  const ContentPaths& paths() const;
  fs::FileSystem& file_system();
  Random& random();

  // Packs in the folder, whether indexed or not.
  std::vector<PackId> packs_in_folder();
  // Indexes packs that the folder has and the index has not, forgets those that are gone. True if anything
  // changed.
  bool refresh_index();
  // Throws the index away and builds it again from the packs; unreadable packs are returned, not indexed.
  std::vector<PackId> rebuild();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::content

// ObjectSource: every object of a repository by its name, wherever it lies: packs, and loose objects that
// plain git made.
//
// The packs are opened at the first question. An object that is not found makes it look at the folder again,
// once per question, so what other processes add is seen. Threads: all members are thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fs/file_system.h"
#include "core/history/pack_file.h"
#include "core/history/types.h"

namespace axon::history {

class ObjectSource {
 public:
  ObjectSource(fs::FileSystem& fs, fs::Path git_dir);

  // As of the last look at the folder; does not look again.
  bool contains(const GitId& id);
  std::optional<ObjectInfo> info(const GitId& id);
  // Verified; nullopt when it is nowhere. Errors as PackFile::read.
  std::optional<RawObject> read(const GitId& id, std::uint64_t limit);
  // Names that start with these hex digits, sorted, each once.
  std::vector<GitId> find_prefix(const std::string& hex);
  void refresh();
  // Shared with reads that are under way when `refresh` drops a pack.
  using Packs = std::vector<std::shared_ptr<const PackFile>>;
  // All packs of the folder, those without idx too, after a look at it.
  std::shared_ptr<const Packs> all_packs();

 private:
  struct Found {
    std::shared_ptr<const PackFile> pack;
    std::uint32_t at;
  };
  std::shared_ptr<const Packs> packs();
  static std::optional<Found> find_in(const Packs& packs, const GitId& id);
  std::optional<Found> find(const GitId& id);
  // Also takes in packs without idx, which may be on their way in or have lost it.
  void look_again();
  std::shared_ptr<const Packs> load(bool with_unindexed);
  std::shared_ptr<const Packs> try_load(bool with_unindexed);
  std::shared_ptr<const PackFile> known_pack(const fs::Path& path) const;
  fs::Path loose_path(const GitId& id) const;
  bool has_loose(const GitId& id);
  std::optional<RawObject> read_loose(const GitId& id, std::uint64_t limit);

  fs::FileSystem& fs_;
  fs::Path git_dir_;
  std::mutex mutex_;                    // of the next; held while the folder is read
  std::shared_ptr<const Packs> packs_;  // null before the first question
  std::atomic<bool> any_loose_{false};
};

}  // namespace axon::history

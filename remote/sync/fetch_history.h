// The history half of a fetch: git packs from a remote into the store's repository.
#pragma once

#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/store/store.h"
#include "remote/sync/remote.h"

namespace axon::sync {

// Which git packs of a remote have been taken in: one name per line in "<remote id>.history". Only a
// help: a fetch that finds an object missing asks for all packs again.
class HistoryMemory {
 public:
  HistoryMemory(fs::FileSystem& fs, const fs::Path& folder, const std::string& remote_id);
  bool has(const Digest& pack) const { return packs_.contains(pack); }
  void add(std::span<const Digest> packs);

 private:
  fs::FileSystem& fs_;
  fs::Path path_;
  std::unordered_set<Digest> packs_;
};

struct HistoryReceived {
  std::vector<GitId> objects;  // that `wants` reach and no local ref did
  std::vector<Oid> files;      // that they point at, each once
  std::size_t commits = 0;
  std::uint64_t bytes = 0;  // as sent
};

// Afterwards every object that `wants` reach is here, each checked by its name, and the trees of `wants`
// themselves have no name that could do harm.
HistoryReceived fetch_history(store::Store& store, Remote& remote, std::span<const GitId> wants,
                              const CancelToken& cancel);

}  // namespace axon::sync

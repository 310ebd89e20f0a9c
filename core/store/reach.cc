#include "core/store/reach.h"

#include <algorithm>
#include <unordered_set>

#include "core/history/pointer.h"

namespace axon::store {

std::vector<GitId> all_tips(Store& store) {
  std::unordered_set<GitId> tips;
  auto& history = store.history();
  for (const auto& ref : history.refs("refs/")) {
    tips.insert(ref.target);
    for (const auto& entry : history.reflog(ref.name)) {
      for (const auto& id : {entry.before, entry.after}) {
        if (!id.is_zero() && history.contains(id)) tips.insert(id);
      }
    }
  }
  return {tips.begin(), tips.end()};
}

const BlobContent& BlobReader::read(const history::TreeEntry& entry) {
  const auto [place, fresh] = known_.try_emplace(entry.id);
  if (!fresh) return place->second;
  // Without a limit of its own: whatever is in the history is part of it.
  const Bytes blob = store_.history().read_raw(entry.id).content;
  place->second.size = blob.size();
  if (entry.mode == history::EntryMode::symlink) return place->second;
  if (const auto pointer = history::parse_pointer(blob)) place->second = {true, pointer->size, pointer->oid};
  return place->second;
}

std::vector<Oid> reached_files(Store& store, std::span<const GitId> commits, const CancelToken& cancel) {
  BlobReader blobs(store);
  std::unordered_set<Oid> oids;
  std::unordered_set<GitId> trees;
  for (const auto& id : commits) {
    cancel.throw_if_cancelled();
    const auto tree = store.history().commit(id).tree;
    if (!trees.insert(tree).second) continue;
    for (const auto& entry : store.history().entries(tree)) {
      const auto& content = blobs.read(entry);
      if (content.pointer) oids.insert(content.oid);
    }
  }
  std::vector<Oid> sorted(oids.begin(), oids.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace axon::store

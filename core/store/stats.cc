#include "core/store/stats.h"

#include <map>
#include <unordered_set>

#include "core/history/git_pack_writer.h"
#include "core/store/reach.h"
#include "core/store/resolve.h"

namespace axon::store {
namespace {

// Adds up the content of commits, each distinct piece once.
class Counter {
 public:
  Counter(Store& store, BlobReader& blobs, const CancelToken& cancel)
      : store_(store), blobs_(blobs), cancel_(cancel) {}

  Usage count(const std::vector<GitId>& commits) {
    usage_.versions = commits.size();
    for (const auto& id : commits) {
      cancel_.throw_if_cancelled();
      for (const auto& entry : store_.history().entries(id)) count_entry(entry);
    }
    return usage_;
  }

 private:
  void count_entry(const history::TreeEntry& entry) {
    const auto& content = blobs_.read(entry);
    usage_.logical += content.size;
    if (!seen_blobs_.insert(entry.id).second) return;
    if (!content.pointer) {
      usage_.unique += content.size;
    } else if (seen_files_.insert(content.oid).second) {
      count_file(content.oid);
    }
  }

  void count_file(const Oid& oid) {
    const auto found = store_.content().recipe(oid);
    if (!found) return;  // fsck's business
    count_frame(found->id.as<FrameId>());
    for (const auto& chunk : found->recipe.chunks) {
      if (count_frame(chunk.id.as<FrameId>())) usage_.unique += chunk.length;
    }
  }

  // True when the frame was not counted before.
  bool count_frame(const FrameId& id) {
    if (!seen_frames_.insert(id).second) return false;
    const auto location = store_.content().index().find(id);
    if (!location) return true;
    if (!seen_bases_.contains(id)) usage_.stored += location->entry.size();
    // The base's bytes belong to whoever needs it, but they are no content of this model unless a file has
    // them.
    if (!location->entry.stands_alone()) add_base(location->entry.aux.as<FrameId>());
    return true;
  }

  void add_base(const FrameId& id) {
    if (seen_frames_.contains(id) || !seen_bases_.insert(id).second) return;
    if (const auto location = store_.content().index().find(id)) usage_.stored += location->entry.size();
  }

  Store& store_;
  BlobReader& blobs_;
  const CancelToken& cancel_;
  Usage usage_;
  std::unordered_set<GitId> seen_blobs_;
  std::unordered_set<Oid> seen_files_;
  std::unordered_set<FrameId> seen_frames_, seen_bases_;
};

std::uint64_t folder_bytes(Store& store, const fs::Path& folder) {
  auto& fs = store.environment().fs;
  std::uint64_t bytes = 0;
  for (const auto& entry : fs.list(folder)) {
    if (const auto info = fs.stat(folder / entry.name)) bytes += info->size;
  }
  return bytes;
}

std::vector<GitId> tips_of(Store& store, const ModelInfo& model) {
  std::vector<GitId> tips;
  if (model.tip) tips.push_back(*model.tip);
  for (const auto& version : model.versions) tips.push_back(version.commit);
  return store.history().walk(tips, {});
}

}  // namespace

StoreStats stats(Store& store, const CancelToken& cancel) {
  const auto lock = store.lock_content(cancel);
  StoreStats result;
  BlobReader blobs(store);
  std::vector<GitId> all;
  for (const auto& model : list_models(store)) {
    const auto commits = tips_of(store, model);
    all.insert(all.end(), commits.begin(), commits.end());
    result.models.push_back({model.name, Counter(store, blobs, cancel).count(commits)});
  }
  result.total = Counter(store, blobs, cancel).count(store.history().walk(all, {}));
  for (const auto& pack : store.content().index().packs()) result.packs += pack.size;
  result.history = folder_bytes(store, history::pack_folder(store.layout().git()));
  if (const auto index = store.environment().fs.stat(store.layout().index())) result.index = index->size;
  return result;
}

}  // namespace axon::store

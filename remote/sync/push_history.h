// What history a push of one model has to send: from refs to commits, git objects and files.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/model_spec.h"
#include "core/store/store.h"
#include "remote/sync/log_entry.h"

namespace axon::sync {

// A git pack in the store's tmp/, removed with the object.
class HistoryPack {
 public:
  HistoryPack(fs::FileSystem& fs, fs::Path folder) : fs_(fs), folder_(std::move(folder)) {}
  ~HistoryPack();
  HistoryPack(const HistoryPack&) = delete;
  HistoryPack& operator=(const HistoryPack&) = delete;

  ListedPack pack;
  fs::Path path;

 private:
  fs::FileSystem& fs_;
  fs::Path folder_;
};

struct HistoryPlan {
  std::vector<GitId> near;     // tips of this model on the remote that the new ones build on
  std::vector<GitId> kin;      // tips of other models there that new versions were made from (Axon-Base)
  std::vector<GitId> objects;  // that the tips reach and `near` do not
  std::unique_ptr<HistoryPack> pack;  // of these objects; nullptr when there are none
  std::vector<Oid> files;             // that new objects point at, each once
  std::size_t commits = 0;            // among the objects
};

HistoryPlan plan_history(store::Store& store, const ModelName& model,
                         const std::map<std::string, GitId>& remote_refs, std::span<const GitId> tips,
                         const CancelToken& cancel);

// The same objects under another name, made so by a random blob beside them: for when the pack's own name was
// buried on the remote.
std::unique_ptr<HistoryPack> rename_history_pack(store::Store& store, std::span<const GitId> objects,
                                                 const CancelToken& cancel);

}  // namespace axon::sync

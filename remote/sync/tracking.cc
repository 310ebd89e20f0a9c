#include "remote/sync/tracking.h"

#include "remote/sync/ref_names.h"

namespace axon::sync {

std::vector<RefChange> update_tracking_refs(store::Store& store, const std::string& remote_name,
                                            const std::map<std::string, GitId>& remote_refs,
                                            const history::Person& who, const CancelToken& cancel) {
  auto& history = store.history();
  const auto lock = store.lock_publish(cancel);
  std::vector<RefChange> changes;
  std::vector<history::RefUpdate> updates;
  for (const auto& [ref, tip] : remote_refs) {
    const auto tracking = tracking_ref(remote_name, ref);
    if (!tracking) continue;
    const auto now = history.ref(*tracking);
    if (now && now->target == tip) continue;
    updates.push_back({*tracking, now ? now->target : GitId{}, tip});
    changes.push_back({*tracking, now ? std::optional(now->target) : std::nullopt, tip});
  }
  if (!updates.empty()) history.update_refs(updates, who, "seen on " + remote_name);
  return changes;
}

}  // namespace axon::sync

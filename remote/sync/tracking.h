// Tracking refs: what a remote was last seen to have, as refs of the local store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/store/store.h"
#include "remote/sync/log_entry.h"

namespace axon::sync {

// Moves the tracking refs of these lines of the remote to where they lead there; refs that are not tracked
// are passed over. Takes publish.lock. Returns what changed, by local ref.
std::vector<RefChange> update_tracking_refs(store::Store& store, const std::string& remote_name,
                                            const std::map<std::string, GitId>& remote_refs,
                                            const history::Person& who, const CancelToken& cancel);

}  // namespace axon::sync

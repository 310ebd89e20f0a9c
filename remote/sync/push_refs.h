// Which refs a push changes on the remote, and whether it may.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/store/store.h"
#include "remote/sync/log_entry.h"

namespace axon::sync {

// The changes that bring `refs` of the remote to where they are here; those that are there already are left
// out. Throws Error(moved) when a line would lose commits, or a version would become another one;
// Error(not_found) for a ref that is not here; Error(already_exists) for a new model whose name clashes with
// one on the remote. `location` names the remote in messages.
std::vector<RefChange> changes_to_push(store::Store& store, const std::map<std::string, GitId>& remote_refs,
                                       std::span<const std::string> refs, const std::string& location);

}  // namespace axon::sync

// open_remote_at: from the address of a remote to a Remote, with what this user remembers of it.
#pragma once

#include <memory>
#include <string>

#include "core/store/store.h"
#include "remote/sync/remote.h"

namespace axon::sync {

enum class MissingRemote {
  refuse,  // an empty place is Error(not_found)
  create,  // is made a remote
};

// `address`: as storage::open_storage takes it. The store outlives the remote. Throws what find_remote
// throws.
std::unique_ptr<Remote> open_remote_at(store::Store& store, const std::string& address, MissingRemote missing,
                                       const CancelToken& cancel);

}  // namespace axon::sync

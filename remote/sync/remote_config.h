// axon.json: what a place is. Written once, when a remote is made, and never changed.
//
//   {"format":1,"kind":"remote","remote_id":"<32 hex digits>"}      canonical JSON and a newline
#pragma once

#include <optional>

#include "core/base/clock.h"
#include "remote/storage/storage.h"
#include "remote/sync/log_entry.h"

namespace axon::sync {

struct RemoteConfig {
  RemoteId id;
};

// The remote at this place; nullopt when the place is empty. Throws Error(already_exists) when it holds
// something else (hint: `axon publish`), or a local store; Error(integrity) when axon.json cannot be read;
// Error(unsupported) when it is of a later format.
std::optional<RemoteConfig> find_remote(storage::Storage& storage);

// The same, but an empty place is Error(not_found).
RemoteConfig open_remote(storage::Storage& storage);

// Makes a remote at an empty place; opens the one that is there. Of several who try at once, one makes it.
// Throws Error(unsupported) for a storage without writes if absent.
RemoteConfig create_remote(storage::Storage& storage, Random& random);

}  // namespace axon::sync

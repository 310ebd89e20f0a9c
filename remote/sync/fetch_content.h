// The content half of a fetch: recipes and chunks of files, from a remote into the store, as far as they are
// not there yet.
#pragma once

#include <span>
#include <vector>

#include "core/base/progress.h"
#include "core/store/store.h"
#include "remote/sync/remote.h"

namespace axon::sync {

struct ContentReceived {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;  // as sent
};

// `wants`: the tips of the remote whose packs hold the files. Frames are published as they come, batch after
// batch, so that a fetch that is cut short keeps what it has. The caller holds the store's content lock.
ContentReceived fetch_content(store::Store& store, Remote& remote, std::span<const GitId> wants,
                              std::span<const Oid> files, Progress& progress, const CancelToken& cancel);

}  // namespace axon::sync

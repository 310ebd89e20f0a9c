#include "remote/sync/open_remote.h"

#include "remote/storage/open_storage.h"
#include "remote/sync/remote_config.h"
#include "remote/sync/store_remote.h"

namespace axon::sync {

std::unique_ptr<Remote> open_remote_at(store::Store& store, const std::string& address, MissingRemote missing,
                                       const CancelToken& cancel) {
  const auto& environment = store.environment();
  auto storage = storage::open_storage(address, {environment.fs, environment.clock});
  const auto config =
      missing == MissingRemote::create ? create_remote(*storage, environment.random) : open_remote(*storage);
  return std::make_unique<StoreRemote>(RemoteEnvironment{environment.fs, environment.clock, cancel},
                                       std::move(storage), config.id,
                                       RemoteMemory(environment.fs, store.layout().remote_states()));
}

}  // namespace axon::sync

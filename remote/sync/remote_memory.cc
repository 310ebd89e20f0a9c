#include "remote/sync/remote_memory.h"

#include "core/base/error.h"
#include "remote/sync/lazy_file.h"

namespace axon::sync {

RemoteState RemoteMemory::load(const RemoteId& id) {
  const auto path = path_of(id);
  if (!fs::exists(fs_, path)) return RemoteState(id);
  try {
    auto state =
        RemoteState::decode(as_text(fs::read_file(fs_, path, kMaxSnapshotSize)), "'" + path.string() + "'");
    return state.remote_id() == id ? state : RemoteState(id);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity && error.code() != ErrorCode::not_found) throw;
    return RemoteState(id);
  }
}

void RemoteMemory::save(const RemoteState& state) {
  const auto bytes = state.encode();
  if (bytes.size() > kMaxSnapshotSize) return;
  const auto path = path_of(state.remote_id());
  // A no-op push or fetch writes nothing.
  if (const auto info = fs_.stat(path); info && info->size == bytes.size()) {
    if (as_text(fs::read_file(fs_, path, kMaxSnapshotSize)) == bytes) return;
  }
  replace_lazily(fs_, path, as_bytes(bytes));
}

void RemoteMemory::forget(const RemoteId& id) {
  if (fs::exists(fs_, path_of(id))) fs_.remove(path_of(id));
}

}  // namespace axon::sync

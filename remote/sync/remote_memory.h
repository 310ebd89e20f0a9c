// RemoteMemory: what this user has last seen of each remote, so that the next look reads only what is new,
// and a log that went back or elsewhere is noticed. One file per remote, "<remote_id>.json", in the form of a
// snapshot. After a power cut it may be older, or gone.
#pragma once

#include "core/base/fs/file_system.h"
#include "remote/sync/remote_state.h"

namespace axon::sync {

class RemoteMemory {
 public:
  // `folder` is made when first needed.
  RemoteMemory(fs::FileSystem& fs, fs::Path folder) : fs_(fs), folder_(std::move(folder)) {}

  // A new state for a remote that was never seen, or whose file is damaged.
  RemoteState load(const RemoteId& id);
  void save(const RemoteState& state);
  void forget(const RemoteId& id);

 private:
  fs::Path path_of(const RemoteId& id) const { return folder_ / (id.hex() + ".json"); }

  fs::FileSystem& fs_;
  fs::Path folder_;
};

}  // namespace axon::sync

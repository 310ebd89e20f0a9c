// ContentReceiver: takes frames that come from elsewhere into the store, each decoded and hashed before it is
// added, over all cores, in bounded memory.
//
// The base of a delta must be in the store, published: send what stands alone first. Errors: Error(integrity)
// that names the frame whose bytes are not what its name says.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "core/base/progress.h"
#include "core/content/content_writer.h"
#include "core/content/recipe.h"
#include "core/store/store.h"
#include "remote/sync/remote.h"

namespace axon::sync {

class ContentReceiver {
 public:
  ContentReceiver(store::Store& store, content::ContentWriter& writer, Progress& progress,
                  const CancelToken& cancel);
  ~ContentReceiver();

  // Calls `feed`, which hands frames to the sink one after another; returns when all are checked and added.
  void run(const std::function<void(FrameSink&)>& feed);

  std::uint64_t frames() const;
  std::uint64_t bytes() const;  // of frames, as sent
  // The recipes among them.
  const std::unordered_multimap<Oid, content::Recipe>& recipes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::sync

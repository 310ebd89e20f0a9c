// fetch: a model's lines and versions from a remote into the local store; clone: and a local line for them.
//
// Every object is checked on the way in: git objects by their names, recipes and chunks by theirs. Content is
// complete before a ref leads to it. A fetch that was cut short goes on where it stopped: frames that arrived
// are kept.
// Errors: Error(not_found) with "did you mean" when the remote has no such model; Error(integrity) that names
// what is damaged or missing there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/store/store.h"
#include "remote/sync/remote.h"

namespace axon::sync {

struct FetchOptions {
  ModelName model;
  std::string remote_name;  // whose tracking refs are written
  history::Person who;      // in the reflog
};

struct FetchResult {
  std::vector<RefChange> updates;  // of local refs: tracking refs and tags
  std::size_t commits = 0;         // new
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_received = 0;  // frames and git packs, as sent
  std::int64_t elapsed_ns = 0;
  std::vector<std::string> warnings;
};

FetchResult fetch(store::Store& store, Remote& remote, const FetchOptions& options, Progress& progress,
                  const CancelToken& cancel);

struct CloneResult {
  FetchResult fetched;
  Line line;  // the main line, or the remote's only one
  GitId tip;  // of the local line
};

// A local line that is behind is moved forward, one that is ahead stays; one that has gone another way is
// Error(moved).
CloneResult clone(store::Store& store, Remote& remote, const FetchOptions& options, Progress& progress,
                  const CancelToken& cancel);

}  // namespace axon::sync

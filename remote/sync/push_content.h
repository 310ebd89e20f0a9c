// What content a push has to send: from files to the frames that the remote has not.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "core/content/content_store.h"
#include "core/store/store.h"
#include "remote/sync/remote.h"

namespace axon::sync {

struct ContentPlan {
  std::vector<content::FrameLocation> copy;      // sent as they are stored, by pack and offset
  std::vector<content::FrameLocation> reencode;  // deltas whose base the remote lacks: sent standing alone
  std::set<PackId> relied;                       // packs of the remote that hold the rest
  std::uint64_t frames = 0;                      // of the files, those on the remote included
  std::uint64_t bytes = 0;                       // of `copy` and `reencode`, as stored here
  std::uint64_t bytes_present = 0;               // of what is on the remote already, as stored here
};

// A delta is sent as it is only if its base stands alone on the remote, or is sent along standing alone.
// Throws Error(integrity) when a file's content is not all here.
ContentPlan plan_content(store::Store& store, Remote& remote, std::span<const Oid> files,
                         const Whereabouts& where, const CancelToken& cancel);

// Cuts `frames` into packs of about content::kPackTargetSize.
std::vector<std::vector<content::FrameLocation>> split_into_packs(
    std::span<const content::FrameLocation> frames);

// Writes deltas as frames that stand alone into a new pack at `path`.
content::PackFooter write_standing_alone(store::Store& store, std::span<const content::FrameLocation> frames,
                                         const fs::Path& path, const CancelToken& cancel);

}  // namespace axon::sync

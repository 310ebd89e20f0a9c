// push: lines and versions of the local store to a remote, in one entry of its log.
//
// What is sent: the commits that the remote has not, as one git pack per model; and exactly those frames of
// their files that it has not, copied as they are stored. A push that was cut short is continued by the next
// one: packs that arrived are remembered (push_journal.h) and not sent again.
// Errors: Error(moved) when a ref is elsewhere on the remote and this would lose it, Error(refused) by a
// gate, Error(unknown_outcome) when the last answer did not come: the same push again finds out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/store/gate.h"
#include "core/store/store.h"
#include "remote/sync/remote.h"

namespace axon::sync {

struct PushOptions {
  std::vector<std::string> refs;           // local refs to push: refs/heads/…, refs/tags/…
  std::optional<std::string> remote_name;  // whose tracking refs follow
  std::string actor;                       // as the entry records it
  history::Person who;                     // in the reflog
  std::span<store::Gate* const> gates;     // asked about each new tip
  std::function<std::string(const std::string& text)> sign;  // empty: not signed
};

struct PushResult {
  std::vector<RefChange> updates;  // empty: all was there already
  std::size_t commits = 0;         // sent
  std::uint64_t frames = 0;        // that the new versions are made of
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_sent = 0;     // of content and history packs, as sent now
  std::uint64_t bytes_present = 0;  // of frames that were there already, as stored here
  std::int64_t elapsed_ns = 0;
  std::vector<std::string> warnings;
};

PushResult push(store::Store& store, Remote& remote, const PushOptions& options, Progress& progress,
                const CancelToken& cancel);

// The refs that a push of `spec` means. NS/NAME: the main line and all tags that it reaches; NS/NAME@BRANCH:
// that line and the tags that it reaches; NS/NAME@TAG: that tag. Throws Error(not_found) with "did you mean",
// Error(usage) for anything else (a commit, ~N).
std::vector<std::string> refs_to_push(store::Store& store, const ModelSpec& spec,
                                      const std::optional<Line>& here);

}  // namespace axon::sync

// PushLog: the numbered, hash-chained entries of a remote, read and appended to. Appending entry N+1 is the
// push: of all who try, one succeeds.
//
// Reading lists what comes after the last known entry and then asks for the next by name, because listings
// may lag. It starts from what this user has seen before, else from the newest snapshot that is whole, else
// from the first entry; a log that is shorter than before, or that leads elsewhere, is Error(integrity).
// Threads: one at a time. Any number of processes.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "remote/storage/storage.h"
#include "remote/sync/remote_state.h"

namespace axon::sync {

enum class AppendOutcome {
  committed,  // the entry is in the log, now or from an earlier attempt (told by its op_id)
  lost,       // another entry has taken its number: refresh, and try again
  unknown,    // no answer, and none when read back: it may be there or may yet come
};

class PushLog {
 public:
  // `storage` outlives the log. `known`: what was seen last, or a new RemoteState.
  PushLog(storage::Storage& storage, RemoteState known);

  const RemoteState& state() const { return state_; }

  // Called for each entry that is read, in order, after it was found to follow.
  using Visitor = std::function<void(const LogEntry& entry, const Digest& hash)>;
  // Reads what is new.
  const RemoteState& refresh(const Visitor& visit = {});
  // Reads every entry from the first on, snapshots or not: what the whole log says.
  RemoteState replay(const Visitor& visit = {});

  // `entry` has seq, prev, remote_id and epoch as `next_entry` sets them. Throws Error(integrity) when it
  // would not follow, and what the storage throws when nothing was written.
  AppendOutcome append(const LogEntry& entry);
  LogEntry next_entry() const;

  // Writes a snapshot of the present state if one is due. Failing is no failure: it only saves readers time.
  void write_snapshot_if_due() noexcept;

 private:
  struct Fetched {
    std::string bytes;
    LogEntry entry;
    Digest hash;
  };
  std::optional<Fetched> fetch(std::uint64_t seq);
  void check_known_head();
  void start_from_snapshot();
  std::optional<RemoteState> read_snapshot(std::uint64_t seq);
  void read_from_state(const Visitor& visit);
  std::uint64_t newest_listed();
  std::optional<AppendOutcome> read_back(const LogEntry& entry);

  storage::Storage& storage_;
  RemoteState state_;
};

}  // namespace axon::sync

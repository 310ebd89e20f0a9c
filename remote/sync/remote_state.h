// RemoteState: what the entries of a push log amount to: refs, packs, and which packs each tip needs.
//
// A value. It changes only by `apply`, which refuses an entry that does not follow, so that a state in hand
// is one that a valid log leads to. A snapshot is its canonical JSON (docs/formats/push-log.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "remote/sync/log_entry.h"

namespace axon::sync {

constexpr std::uint64_t kMaxSnapshotSize = std::uint64_t{64} << 20;

struct KnownPack {
  ListedPack pack;
  bool dead = false;  // tombstoned: not to be relied on
  bool operator==(const KnownPack&) const = default;
};

class RemoteState {
 public:
  // Before the first entry.
  explicit RemoteState(const RemoteId& id) : remote_id_(id) {}

  const RemoteId& remote_id() const { return remote_id_; }
  std::uint64_t seq() const { return seq_; }    // of the last entry; 0: none yet
  const Digest& head() const { return head_; }  // its hash; zeros: none yet
  std::uint64_t epoch() const { return epoch_; }
  const std::map<std::string, GitId>& refs() const { return refs_; }
  std::optional<GitId> ref(const std::string& name) const;
  const std::vector<KnownPack>& packs() const { return packs_; }  // in the order in which they were listed
  const Needs& needs() const { return needs_; }                   // of the tips that refs lead to now
  // Where a pack stands in `packs`; nullopt when it was never listed.
  std::optional<std::uint32_t> find_pack(PackKind kind, const Digest& id) const;
  // True for a name that was tombstoned, whether it had been listed or not. Such names never come back.
  bool is_dead(PackKind kind, const Digest& id) const;
  // True when a snapshot of this state is due: the entries since the last one outweigh it.
  bool snapshot_due() const { return seq_ != 0 && since_ == 0; }

  // The next entry, whose encoded form has `size` bytes and this hash. Throws Error(integrity), the state
  // unchanged, when it does not follow or breaks a rule of the log.
  void apply(const LogEntry& entry, const Digest& hash, std::uint64_t size);

  std::string encode() const;
  // Throws Error(integrity) for anything that `encode` would not have written.
  static RemoteState decode(std::string_view bytes, std::string_view name);

  bool operator==(const RemoteState& other) const;

 private:
  void check_chain(const LogEntry& entry) const;
  void check_updates(const LogEntry& entry) const;
  void check_packs(const LogEntry& entry) const;
  void check_tombstones(const LogEntry& entry) const;
  void check_needs(const LogEntry& entry) const;
  void check_need(const LogEntry& entry, const GitId& tip, const std::vector<std::uint32_t>& packs) const;
  std::int64_t refs_after(const LogEntry& entry, const GitId& tip) const;
  void take_pack(const KnownPack& known);
  void take_tombstones(const LogEntry& entry);
  void take_ref(const std::string& ref, const std::optional<GitId>& tip);
  void take_needs(const GitId& tip, const std::vector<std::uint32_t>& packs);
  void drop_needs(const GitId& tip);
  static std::string problem_of(const RemoteState& state);

  RemoteId remote_id_;
  std::uint64_t seq_ = 0;
  Digest head_;
  std::uint64_t epoch_ = 0;
  std::uint64_t since_ = 0;  // bytes of entries since a snapshot was last due
  std::map<std::string, GitId> refs_;
  std::vector<KnownPack> packs_;
  Needs needs_;
  Tombstones unlisted_;  // tombstoned names that no entry had listed

  // Made from the above:
  std::unordered_map<Digest, std::uint32_t> content_, history_;  // from ids to positions in packs_
  std::unordered_map<GitId, std::int64_t> tips_;                 // how many refs lead to each
  std::uint64_t weight_ = 0;  // about the size of a snapshot; every replay of a log agrees on it
};

}  // namespace axon::sync

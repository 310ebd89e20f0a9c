// LogEntry: one entry of a remote's push log. Entry N+1 is the only way in which a remote's refs change.
// Grammar and meaning of each field: docs/formats/push-log.md.
//
// One entry, one byte string: RFC 8785 JSON of exactly these fields. The reader refuses everything that the
// writer would not write: Error(integrity).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "remote/sync/remote_layout.h"

namespace axon::sync {

using RemoteId = Id<struct RemoteTag, 16>;  // random, given to a remote when it is made
using OpId = Id<struct OpTag, 16>;          // random, one for each push, the same in all its attempts

constexpr std::uint64_t kMaxEntrySize = std::uint64_t{16} << 20;
constexpr std::size_t kMaxActorSize = 1024;
constexpr std::size_t kMaxSignatureSize = 64 * 1024;

struct RefChange {
  std::string ref;                     // of a line or a version: "refs/heads/…", "refs/tags/…"
  std::optional<GitId> before, after;  // absent: the ref does not exist; never both absent, never equal
  bool operator==(const RefChange&) const = default;
};

struct ListedPack {
  PackKind kind = PackKind::content;
  Digest id;                 // content: of the footer (PackId); history: of all bytes of the pack
  std::uint64_t size = 0;    // bytes
  std::uint32_t footer = 0;  // content: bytes of footer and trailer at the pack's end; history: 0
  bool operator==(const ListedPack&) const = default;
  storage::Key key() const { return pack_key(kind, id); }
};

// Exact names that may be deleted once readers have had time to finish.
struct Tombstones {
  std::vector<Digest> content, history;  // sorted, no name twice
  bool empty() const { return content.empty() && history.empty(); }
  bool operator==(const Tombstones&) const = default;
};

// By tip (what a ref leads to, which may be an annotated tag): the packs that hold all of its history and
// content, as indexes into the sequence of all packs that the log has listed so far, this entry's included.
using Needs = std::map<GitId, std::vector<std::uint32_t>>;

struct LogEntry {
  std::uint64_t seq = 1;  // from 1
  Digest prev;            // SHA-256 of the bytes of entry seq − 1; zeros for the first
  RemoteId remote_id;
  std::string time;                // "2026-11-20T20:19:03Z", by the writer's clock
  std::string actor;               // who and from where, for people: "Ada <ada@example.org> on laptop"
  OpId op_id;                      //
  std::vector<RefChange> updates;  // sorted by ref, no ref twice
  std::vector<ListedPack> packs;   // new ones, in the order in which they are counted; no pack twice
  Needs needs;                     // each new tip has one; indexes sorted, no index twice
  Tombstones tombstones;
  std::uint64_t epoch = 0;               // grows by one with each entry that has tombstones
  std::optional<std::string> signature;  // SSHSIG armour over signed_text()
  bool operator==(const LogEntry&) const = default;
};

// Throws Error(failed) when the entry breaks a rule above or a cap.
std::string encode_entry(const LogEntry& entry);
// `name`: of the entry in messages.
LogEntry decode_entry(std::string_view bytes, std::string_view name);
// What a signature covers: the entry without its signature.
std::string signed_text(const LogEntry& entry);
// SHA-256 of an entry's bytes: what the next entry's `prev` holds.
Digest entry_hash(std::string_view bytes);

// True for the ref of a line or a version.
bool valid_remote_ref(std::string_view ref);

}  // namespace axon::sync

// Entries for tests: valid ones, with ids that are easy to tell apart.
#pragma once

#include <string>

#include "remote/sync/log_entry.h"
#include "remote/sync/remote_state.h"

namespace axon::sync {

// An id whose bytes all have this value.
template <class IdType>
IdType id_of(int value) {
  IdType id;
  id.bytes.fill(static_cast<std::byte>(value));
  return id;
}
inline GitId commit_id(int value) {
  return id_of<GitId>(value);
}
inline Digest pack_id(int value) {
  return id_of<Digest>(value);
}
inline RemoteId remote_id() {
  return id_of<RemoteId>(0x77);
}

inline ListedPack content_pack(int value) {
  return {PackKind::content, pack_id(value), 1000, 100};
}
inline ListedPack history_pack(int value) {
  return {PackKind::history, pack_id(value), 500, 0};
}

// The entry after `state` that does nothing yet.
inline LogEntry empty_entry(const RemoteState& state, int op = 1) {
  LogEntry entry;
  entry.seq = state.seq() + 1;
  entry.prev = state.head();
  entry.remote_id = state.remote_id();
  entry.epoch = state.epoch();
  entry.time = "2026-11-20T20:19:03Z";
  entry.actor = "Ada <ada@example.org> on laptop";
  entry.op_id = id_of<OpId>(op);
  return entry;
}

// Moves `ref` from where it is to `tip`, with one new content pack and one new history pack, which the tip
// needs beside all that `ref` needed before.
inline LogEntry push_entry(const RemoteState& state, const std::string& ref, int tip) {
  auto entry = empty_entry(state, tip);
  const auto before = state.ref(ref);
  const auto first = static_cast<std::uint32_t>(state.packs().size());
  entry.updates = {{ref, before, commit_id(tip)}};
  entry.packs = {content_pack(tip), history_pack(tip)};
  auto& needs = entry.needs[commit_id(tip)];
  if (before) needs = state.needs().at(*before);
  needs.insert(needs.end(), {first, first + 1});
  return entry;
}

// Applies what an entry's bytes would.
inline void apply(RemoteState& state, const LogEntry& entry) {
  const auto bytes = encode_entry(entry);
  state.apply(entry, entry_hash(bytes), bytes.size());
}

// An entry in which every field has something.
inline LogEntry full_entry() {
  LogEntry entry;
  entry.seq = 7;
  entry.prev = pack_id(0x11);
  entry.remote_id = remote_id();
  entry.time = "2026-11-20T20:19:03Z";
  entry.actor = "Ada Lovelace <ada@example.org> on laptop";
  entry.op_id = id_of<OpId>(0x42);
  entry.updates = {{"refs/heads/hf/bert", commit_id(0x21), commit_id(0x22)},
                   {"refs/heads/hf/bert@old", commit_id(0x20), std::nullopt},
                   {"refs/tags/hf/bert@v2", std::nullopt, commit_id(0x23)}};
  entry.packs = {content_pack(0x31), history_pack(0x32)};
  entry.needs = {{commit_id(0x22), {0, 2, 3}}, {commit_id(0x23), {0, 2, 3}}};
  entry.tombstones = {{pack_id(0x51), pack_id(0x52)}, {pack_id(0x61)}};
  entry.epoch = 3;
  entry.signature = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----";
  return entry;
}

}  // namespace axon::sync

// The keys of all objects in a remote; no other file spells them. What they hold: docs/formats/remote.md and
// push-log.md.
//
//   axon.json                 what this place is
//   log/<20 digits>.json      entries of the push log
//   snap/<20 digits>.json     snapshots: what the entries up to one of them amount to
//   packs/<xx>/<id>.pack      content
//   history/<id>.pack         git objects
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/ids.h"
#include "remote/storage/key.h"

namespace axon::sync {

enum class PackKind { content, history };

constexpr std::string_view kLogPrefix = "log/";
constexpr std::string_view kSnapshotPrefix = "snap/";
constexpr std::string_view kContentPrefix = "packs/";
constexpr std::string_view kHistoryPrefix = "history/";

storage::Key config_key();
storage::Key log_key(std::uint64_t seq);
storage::Key snapshot_key(std::uint64_t seq);
storage::Key pack_key(PackKind kind, const Digest& id);

// The number in a key made by log_key or snapshot_key; nullopt for any other.
std::optional<std::uint64_t> log_seq(const storage::Key& key);
std::optional<std::uint64_t> snapshot_seq(const storage::Key& key);

}  // namespace axon::sync

// The framing of git packs: header, and the head of each entry.
//
//   pack  = "PACK" u32 version=2 u32 count entry* SHA-1
//   entry = head stream;  head = 1 byte (more:1 kind:3 size:4), then 7 bits of size each while "more" is set;
//           kind 6 (delta against an earlier offset) adds the distance, kind 7 (delta against a name) the
//           name
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.h"
#include "core/history/types.h"

namespace axon::history {

inline constexpr std::size_t kPackHeader = 12;
inline constexpr std::size_t kPackTrailer = GitId::kSize;
inline constexpr std::size_t kMaxEntryHead = 32;

struct EntryHead {
  enum class Kind { object, offset_delta, name_delta };
  Kind kind = Kind::object;
  ObjectType type = ObjectType::blob;  // of an object
  std::uint64_t size = 0;              // of the inflated stream
  std::size_t length = 0;              // of the head itself
  std::uint64_t distance = 0;          // of offset_delta: how far back its base starts, at least 1
  GitId base;                          // of name_delta
};
// From the first kMaxEntryHead bytes of an entry, or fewer where the pack ends; nullopt when malformed.
std::optional<EntryHead> parse_entry_head(ByteSpan bytes);
Bytes encode_entry_head(ObjectType type, std::uint64_t size);

Bytes encode_pack_header(std::uint32_t count);
// The count; nullopt for anything but a pack of version 2 or 3 (which do not differ).
std::optional<std::uint32_t> parse_pack_header(ByteSpan bytes);

// What a delta makes of its base; Error(integrity) when it is malformed, does not fit the base, or makes more
// than `limit` bytes.
Bytes apply_delta(ByteSpan base, ByteSpan delta, std::uint64_t limit);

}  // namespace axon::history

// Packs: immutable files of frames. Grammar, byte by byte: docs/formats/pack.md. All numbers little-endian.
//
//   pack    = header frame* footer
//   header  = "AXONPACK" version:u16=1 reserved:6×0 nonce:16                        (32 bytes)
//   frame   = id:32 kind:u8 encoding:u8 reserved:2×0 raw:u32 stored:u32 crc:u32 [base:32] payload
//             (48 bytes before base; base only when encoding = delta; stored = length of base and payload;
//              crc = CRC-32C over everything in the frame but crc itself)
//   footer  = "AXONFOOT" version:u16=1 reserved:2×0 count:u32 nonce:16 entry* sorted by (id, offset)
//             trailer = footer_size:u64 (entries included, trailer excluded) sha256:32 "AXONPEND"
//   entry   = id:32 offset:u64 raw:u32 stored:u32 crc:u32 kind:u8 encoding:u8 reserved:2×0 aux:32
//             aux = the base's id (delta), the oid (recipe), else zeros
// A pack's name is the SHA-256 of its footer (trailer excluded), which holds the nonce: names never recur.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/ids.h"
#include "core/content/codec.h"

namespace axon::content {

enum class FrameKind : std::uint8_t { chunk = 1, recipe = 2 };

constexpr std::uint64_t kPackTargetSize = std::uint64_t{128} << 20;
constexpr std::uint64_t kPackHeaderSize = 32;
constexpr std::uint64_t kFrameHeaderSize = 48;
constexpr std::uint64_t kFooterHeaderSize = 32;
constexpr std::uint64_t kFooterEntrySize = 88;
constexpr std::uint64_t kPackTrailerSize = 48;

// Caps, held by writer and reader alike. A pack of kPackTargetSize cannot have more frames than that, because
// the footer's entries count towards PackWriter::size.
constexpr std::uint32_t kMaxPackFrames = std::uint32_t{1} << 20;
// No encoding may make a payload longer than this over its raw length.
constexpr std::uint32_t kMaxEncodingOverhead = 4096;

// One frame, as the footer and the index know it.
struct FrameEntry {
  FrameId id;
  FrameKind kind = FrameKind::chunk;
  Encoding encoding = Encoding::stored;
  std::uint64_t offset = 0;  // of the frame's header in the pack
  std::uint32_t raw = 0;     // length decoded
  std::uint32_t stored = 0;  // length after the header
  std::uint32_t crc = 0;
  Digest aux;  // base (delta), oid (recipe), zeros

  bool stands_alone() const { return encoding != Encoding::delta; }
  std::uint64_t size() const { return kFrameHeaderSize + stored; }  // bytes in the pack
  bool operator==(const FrameEntry&) const = default;
};

struct PackFooter {
  PackId id;
  std::uint64_t pack_size = 0;    // the whole file
  std::uint32_t footer_size = 0;  // footer and trailer
  std::vector<FrameEntry> entries;
};

}  // namespace axon::content

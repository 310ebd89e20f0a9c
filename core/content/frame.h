// The bytes of one frame, and what makes a frame's entry valid. Grammar: pack_format.h.
#pragma once

#include "core/content/pack_format.h"

namespace axon::content {

// What breaks the rules in `entry` (its offset aside), or nullptr.
const char* problem_of(const FrameEntry& entry);

// What precedes the payload: a delta's base, else nothing.
constexpr std::uint32_t base_size(Encoding encoding) {
  return encoding == Encoding::delta ? Digest::kSize : 0;
}

// Writes kFrameHeaderSize bytes; the CRC is the entry's.
void encode_frame_header(const FrameEntry& entry, std::byte* to);

// The CRC of a frame in pieces: its header (the CRC field is left out) and what follows it.
std::uint32_t frame_crc(ByteSpan header, ByteSpan base, ByteSpan payload);

}  // namespace axon::content

// The bytes at both ends of a pack: its header, its footer and the trailer. Grammar: pack_format.h.
#pragma once

#include <functional>
#include <span>

#include "core/content/pack_format.h"

namespace axon::content {

using PackNonce = Id<struct PackNonceTag, 16>;

Bytes encode_pack_header(const PackNonce& nonce);
// Throws Error(integrity) unless `bytes` (kPackHeaderSize of them) is the header of a pack with this nonce.
void check_pack_header(ByteSpan bytes, const PackNonce& nonce);

// Hands out the footer and the trailer in pieces; returns the pack's id. `entries` are sorted by (id,
// offset).
PackId encode_footer(const PackNonce& nonce, std::span<const FrameEntry> entries,
                     const std::function<void(ByteSpan)>& sink);
constexpr std::uint64_t footer_size(std::uint64_t frames) {
  return kFooterHeaderSize + frames * kFooterEntrySize + kPackTrailerSize;
}

// The length of footer and trailer that the trailer (kPackTrailerSize bytes) of a pack of `pack_size` bytes
// claims, checked against the caps and the pack's size.
std::uint32_t footer_size_of(ByteSpan trailer, std::uint64_t pack_size);

struct ParsedFooter {
  PackFooter footer;
  PackNonce nonce;
};
// `bytes`: footer and trailer. Checks everything but the pack's header.
ParsedFooter parse_whole_footer(ByteSpan bytes, std::uint64_t pack_size, const PackId& expected);

}  // namespace axon::content

#include "core/content/frame.h"

#include "core/content/crc32c.h"
#include "core/content/recipe.h"

namespace axon::content {
namespace {

constexpr std::size_t kCrcAt = 44;
static_assert(kCrcAt + sizeof(std::uint32_t) == kFrameHeaderSize);

std::uint32_t most_raw(FrameKind kind) {
  return kind == FrameKind::chunk ? kMaxChunkSize : kMaxRawLength;
}

const char* problem_of_lengths(const FrameEntry& entry) {
  if (entry.raw == 0) return "a frame is empty";
  if (entry.raw > most_raw(entry.kind)) return "a frame is longer than its kind may be";
  const auto base = base_size(entry.encoding);
  if (entry.stored <= base) return "a frame has no payload";
  const auto payload = entry.stored - base;
  if (entry.encoding == Encoding::stored && payload != entry.raw) {
    return "the lengths of a stored frame differ";
  }
  if (payload > entry.raw + kMaxEncodingOverhead) return "a frame's payload is too long";
  return nullptr;
}

}  // namespace

const char* problem_of(const FrameEntry& entry) {
  if (entry.kind != FrameKind::chunk && entry.kind != FrameKind::recipe) return "a frame's kind is unknown";
  if (static_cast<std::uint8_t>(entry.encoding) > static_cast<std::uint8_t>(Encoding::delta)) {
    return "a frame's encoding is unknown";
  }
  if (entry.kind == FrameKind::recipe && !entry.stands_alone()) return "a recipe does not stand alone";
  if (const char* problem = problem_of_lengths(entry)) return problem;
  if (entry.kind == FrameKind::chunk && entry.stands_alone() != entry.aux.is_zero()) {
    return "a chunk has a base that its encoding does not use, or lacks the one it needs";
  }
  if (!entry.stands_alone() && entry.aux.bytes == entry.id.bytes) return "a frame is its own base";
  return nullptr;
}

void encode_frame_header(const FrameEntry& entry, std::byte* to) {
  std::memcpy(to, entry.id.bytes.data(), FrameId::kSize);
  to[32] = static_cast<std::byte>(entry.kind);
  to[33] = static_cast<std::byte>(entry.encoding);
  to[34] = to[35] = std::byte{0};
  store_le(to + 36, entry.raw);
  store_le(to + 40, entry.stored);
  store_le(to + kCrcAt, entry.crc);
}

std::uint32_t frame_crc(ByteSpan header, ByteSpan base, ByteSpan payload) {
  return crc32c(payload, crc32c(base, crc32c(header.first(kCrcAt))));
}

}  // namespace axon::content

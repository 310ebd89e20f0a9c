// Any bytes as a frame, held against any entry: an error, or a payload that lies inside the frame.
#include <cstdlib>

#include "core/base/error.h"
#include "core/content/frame.h"
#include "core/content/pack_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace axon;
  using namespace axon::content;
  // The first byte says whether the checksum is made right; then the base or oid (32 bytes), then the frame,
  // whose header is also the entry.
  constexpr std::size_t kBefore = 1 + Digest::kSize;
  if (size < kBefore + kFrameHeaderSize) return 0;
  const ByteSpan input(reinterpret_cast<const std::byte*>(data), size);
  Bytes frame(input.begin() + kBefore, input.end());
  FrameEntry entry;
  entry.aux = Digest::from(input.subspan(1, Digest::kSize));
  entry.id = FrameId::from(ByteSpan(frame).first(FrameId::kSize));
  entry.kind = static_cast<FrameKind>(frame[32]);
  entry.encoding = static_cast<Encoding>(frame[33]);
  entry.raw = load_le<std::uint32_t>(frame.data() + 36);
  entry.stored = load_le<std::uint32_t>(frame.data() + 40);
  if ((data[0] & 1) != 0) {
    store_le(frame.data() + 44, frame_crc(ByteSpan(frame).first(kFrameHeaderSize), {},
                                          ByteSpan(frame).subspan(kFrameHeaderSize)));
  }
  entry.crc = load_le<std::uint32_t>(frame.data() + 44);
  try {
    const auto payload = PackReader::check_frame(entry, frame);
    const auto before = kFrameHeaderSize + base_size(entry.encoding);
    if (payload.data() != frame.data() + before || payload.size() != frame.size() - before) std::abort();
    if (problem_of(entry) != nullptr) std::abort();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) std::abort();
  }
  return 0;
}

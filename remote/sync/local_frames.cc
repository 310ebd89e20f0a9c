#include "remote/sync/local_frames.h"

#include <algorithm>
#include <tuple>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/pack_reader.h"

namespace axon::sync {

namespace {

constexpr std::uint64_t kExtent = std::uint64_t{4} << 20;
constexpr std::uint64_t kGapWorthReading = 128 * 1024;
constexpr std::uint64_t kBlock = AlignedBuffer::kAlignment;

std::uint64_t end_of(const content::FrameLocation& frame) {
  return frame.entry.offset + frame.entry.size();
}

}  // namespace

void sort_by_place(std::vector<content::FrameLocation>& frames) {
  std::ranges::sort(frames, [](const auto& a, const auto& b) {
    return std::tie(a.pack, a.entry.offset) < std::tie(b.pack, b.entry.offset);
  });
}

void LocalFrames::load(std::size_t number) {
  first_ = last_ = number;
  const auto& start = frames_[number];
  auto end = end_of(start);
  for (++last_; last_ < frames_.size(); ++last_) {
    const auto& next = frames_[last_];
    if (next.pack != start.pack || next.entry.offset < end || next.entry.offset - end > kGapWorthReading)
      break;
    if (end_of(next) - start.entry.offset > kExtent) break;
    end = end_of(next);
  }
  const auto pack = store_.pack(start.pack);
  begin_ = start.entry.offset / kBlock * kBlock;
  // Whole blocks, where the pack has them, go straight into the buffer.
  const auto whole = std::min((end + kBlock - 1) / kBlock * kBlock, pack->size());
  const auto size = static_cast<std::size_t>(std::max(whole, end) - begin_);
  if (buffer_.capacity() < size) buffer_ = AlignedBuffer(std::max<std::size_t>(size, kExtent + 2 * kBlock));
  try {
    pack->read_range(begin_, buffer_.span().first(size));
  } catch (...) {
    first_ = last_ = 0;
    throw;
  }
}

ByteSpan LocalFrames::frame(std::size_t number) {
  if (number < first_ || number >= last_) load(number);
  const auto& entry = frames_[number].entry;
  const ByteSpan bytes{buffer_.data() + (entry.offset - begin_), entry.size()};
  content::PackReader::check_frame(entry, bytes);
  return bytes;
}

ByteSpan LocalFrames::object(std::size_t number) {
  const auto& entry = frames_[number].entry;
  const auto payload = frame(number).subspan(content::kFrameHeaderSize);
  object_.resize(entry.raw);
  decoder_.decode(entry.encoding, payload, {}, object_);
  if (content::sha256(object_).as<FrameId>() != entry.id) {
    throw Error(ErrorCode::integrity, "object '" + entry.id.short_hex() + "' is not what its name says")
        .hint("run `axon fsck --full`");
  }
  return object_;
}

}  // namespace axon::sync

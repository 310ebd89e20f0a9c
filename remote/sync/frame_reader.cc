#include "remote/sync/frame_reader.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/content/pack_reader.h"

namespace axon::sync {

namespace {

// Asking for another range costs about as much as reading this much: a round trip at a good rate.
constexpr std::uint64_t kGapWorthReading = 512 * 1024;
constexpr int kAttempts = 2;  // for one damaged frame

// Cuts a stream of bytes into the wanted frames and passes over what lies between them.
class FrameCutter final : public ByteSink {
 public:
  FrameCutter(const FrameReader::Extent& extent, FrameSink& sink)
      : frames_(extent.frames), at_(extent.begin), sink_(sink) {}

  void write(ByteSpan bytes) override {
    while (!bytes.empty() && next_ < frames_.size()) {
      const auto& entry = frames_[next_];
      const auto from = entry.offset + carried_.size();  // of the frame, still to come
      const auto skip = std::min<std::uint64_t>(bytes.size(), from - at_);
      bytes = bytes.subspan(skip);
      at_ += skip;
      const auto part = bytes.first(std::min<std::uint64_t>(bytes.size(), entry.size() - carried_.size()));
      take(entry, part);
      bytes = bytes.subspan(part.size());
      at_ += part.size();
    }
    at_ += bytes.size();
  }

  // Frames that arrived damaged.
  const std::vector<content::FrameEntry>& damaged() const { return damaged_; }
  bool complete() const { return next_ == frames_.size(); }

 private:
  void take(const content::FrameEntry& entry, ByteSpan part) {
    if (part.size() == entry.size()) return hand_on(entry, part);  // whole in this block: no copy
    append(carried_, part);
    if (carried_.size() < entry.size()) return;
    hand_on(entry, carried_);
    carried_.clear();
  }

  void hand_on(const content::FrameEntry& entry, ByteSpan frame) {
    ++next_;
    try {
      content::PackReader::check_frame(entry, frame);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::integrity) throw;
      damaged_.push_back(entry);
      return;
    }
    sink_.frame(entry, frame);
  }

  const std::vector<content::FrameEntry>& frames_;
  std::uint64_t at_;  // offset in the pack of the next byte that arrives
  std::size_t next_ = 0;
  Bytes carried_;  // the start of frames_[next_]
  FrameSink& sink_;
  std::vector<content::FrameEntry> damaged_;
};

}  // namespace

std::vector<FrameReader::Extent> FrameReader::plan(std::vector<content::FrameEntry> wanted) {
  std::ranges::sort(wanted, {}, &content::FrameEntry::offset);
  std::vector<Extent> extents;
  for (const auto& entry : wanted) {
    const auto end = entry.offset + entry.size();
    if (extents.empty() || entry.offset - extents.back().end > kGapWorthReading)
      extents.push_back({entry.offset, end, {}});
    extents.back().end = end;
    extents.back().frames.push_back(entry);
  }
  return extents;
}

void FrameReader::read(const ListedPack& pack, std::vector<content::FrameEntry> wanted) {
  for (const auto& extent : plan(std::move(wanted))) read_extent(pack, extent);
}

void FrameReader::read_extent(const ListedPack& pack, const Extent& extent) {
  FrameCutter cutter(extent, sink_);
  const storage::ByteRange range{.offset = extent.begin, .length = extent.end - extent.begin};
  if (!storage_.read(pack.key(), range, cutter)) {
    throw Error(ErrorCode::integrity, "the remote at '" + storage_.location() + "' is damaged")
        .because("its pack '" + pack.key().text() + "' is gone");
  }
  if (!cutter.complete()) {
    throw Error(ErrorCode::network, "the remote at '" + storage_.location() + "' sent too little")
        .because("a part of '" + pack.key().text() + "' is missing");
  }
  for (const auto& entry : cutter.damaged()) read_again(pack, entry);
}

void FrameReader::read_again(const ListedPack& pack, const content::FrameEntry& entry) {
  Bytes frame(entry.size());
  for (int attempt = 1;; ++attempt) {
    storage::read_range(storage_, pack.key(), entry.offset, frame);
    try {
      content::PackReader::check_frame(entry, frame);
      break;
    } catch (Error& error) {
      if (attempt < kAttempts) continue;
      error.within("cannot read a frame of '" + pack.key().text() + "' at '" + storage_.location() + "'");
      throw;
    }
  }
  sink_.frame(entry, frame);
}

}  // namespace axon::sync

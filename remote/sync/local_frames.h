// LocalFrames: reads many frames of the local store in the order of their places, a few MiB at a time: packs
// are read past the page cache, where each small read would be a wait of its own.
//
// Memory: one extent (4 MiB, or the largest frame). Threads: one at a time. The store outlives it.
#pragma once

#include <span>
#include <vector>

#include "core/content/content_store.h"

namespace axon::sync {

// By pack and offset: the order in which LocalFrames reads fast.
void sort_by_place(std::vector<content::FrameLocation>& frames);

class LocalFrames {
 public:
  // `frames` outlive this; in any order, but see above.
  LocalFrames(content::ContentStore& store, std::span<const content::FrameLocation> frames)
      : store_(store), frames_(frames) {}

  // The frame as stored (header, base, payload), its CRC checked; valid until the next call.
  ByteSpan frame(std::size_t number);
  // The object in it, decoded and checked against its name; the same life. Not for deltas.
  ByteSpan object(std::size_t number);

 private:
  void load(std::size_t number);

  content::ContentStore& store_;
  std::span<const content::FrameLocation> frames_;
  AlignedBuffer buffer_;
  std::uint64_t begin_ = 0;           // of what is in the buffer, in its pack
  std::size_t first_ = 0, last_ = 0;  // frames [first_, last_) are in the buffer
  content::Decoder decoder_;
  Bytes object_;
};

}  // namespace axon::sync

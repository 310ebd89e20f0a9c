// PackAssembly: a content pack made of frames that lie in other packs, without being written anywhere. Its
// name, size and footer are known before a byte is read, because frames are copied as they are; the bytes are
// read, and checked, when the pack is sent.
//
// A ByteSource: any part can be read again. Threads: one at a time. The store outlives it.
#pragma once

#include <vector>

#include "core/base/byte_stream.h"
#include "core/content/content_store.h"
#include "remote/sync/local_frames.h"
#include "remote/sync/log_entry.h"

namespace axon::sync {

class PackAssembly final : public ByteSource {
 public:
  // `frames` in the order in which they will lie in the pack, best that of their places; no id twice. The
  // nonce makes the name unique.
  PackAssembly(content::ContentStore& store, std::vector<content::FrameLocation> frames, Random& random);

  const ListedPack& pack() const { return pack_; }
  std::uint64_t size() const override { return pack_.size; }
  void read_at(std::uint64_t offset, MutableByteSpan into) override;

 private:
  std::size_t frame_at(std::uint64_t offset) const;
  ByteSpan piece_at(std::uint64_t offset);

  const std::vector<content::FrameLocation> frames_;
  LocalFrames reader_;
  std::vector<std::uint64_t> offsets_;  // of frames_ in this pack
  Bytes header_, footer_;
  ListedPack pack_;
  ByteSpan frame_;            // the frame read last
  std::size_t frame_number_;  // its number; frames_.size(): none yet
};

}  // namespace axon::sync

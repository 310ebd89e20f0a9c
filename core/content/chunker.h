// Cutter: where a file is cut into chunks.
//
// A tensor of kTensorChunkThreshold bytes or more starts its own chunks of kTensorChunkSize; everything
// between such tensors (headers, gaps, runs of small tensors) is a plain span of its own, cut by FastCDC
// (64/256/1024 KiB, normalised; W. Xia et al., "FastCDC", USENIX ATC 2016). Cuts depend on content and layout
// only, never on how the bytes were buffered.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/content/layout.h"

namespace axon::content {

struct CutterChunk {
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  Element element = Element::bytes;
  // Index into FileLayout::tensors and the chunk's number in that tensor, or −1: a piece of a plain span.
  std::int32_t tensor = -1;
  std::uint32_t number = 0;
};

class Cutter {
 public:
  // `layout` outlives the cutter; it has been checked by check_layout.
  Cutter(const FileLayout& layout, std::uint64_t file_size);
  // The next chunk, which starts where the last one ended. `ahead` holds the file's bytes from there: at
  // least min(kMaxChunkSize, rest of the file) of them. Not called again after the file's last byte.
  CutterChunk next(ByteSpan ahead);
  std::uint64_t position() const { return position_; }

 private:
  const FileLayout& layout_;
  std::uint64_t file_size_;
  std::uint64_t position_ = 0;
  std::size_t tensor_ = 0;
};

// Throws Error(integrity) when the tensors are unsorted, overlap or leave the file.
void check_layout(const FileLayout& layout, std::uint64_t file_size);

}  // namespace axon::content

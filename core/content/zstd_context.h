// The two ways in which the codec uses zstd, and the one way back. Frames are magicless, without checksum,
// content size or dictionary id: the pack's frame around them has a checksum and the length.
//
// Threads: one object per thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "core/base/bytes.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace axon::content {

enum class Effort {
  huffman,  // no matches are looked for: bytes are Huffman-coded one by one
  matches,  // zstd's level 1
};

class ZstdCompressor {
 public:
  ZstdCompressor();
  // The compressed size; nullopt when that does not fit in `into`.
  std::optional<std::size_t> compress(ByteSpan from, Effort effort, MutableByteSpan into);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  using Context = std::unique_ptr<ZSTD_CCtx_s, Free>;
  static Context make(Effort effort);

  Context huffman_, matches_;
};

class ZstdDecompressor {
 public:
  ZstdDecompressor();
  // False unless `from` is made of whole frames that give exactly into.size() bytes.
  bool decompress(ByteSpan from, MutableByteSpan into);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
};

}  // namespace axon::content

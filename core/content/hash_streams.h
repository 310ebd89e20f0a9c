// The two ways FileHasher works, apart so that tests can run both on any machine.
//
// Both have FileHasher's contract: update feeds the file and its current chunk, cut ends the chunk, finish
// ends the file and starts afresh.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/content/hash.h"
#include "core/content/sha256_pair.h"

namespace axon::content {

// One SHA-256 in progress on the SHA instructions: whole blocks are compressed, the rest waits in `buffer`.
struct ShaStream {
  ShaState state;
  std::uint64_t length = 0;  // bytes so far
  std::array<std::byte, kShaBlock> buffer;

  std::size_t buffered() const { return length % kShaBlock; }
  void update(ByteSpan bytes);
  // Completes a block that was begun. Returns the bytes taken: all of `bytes` when the block stays open.
  std::size_t complete_block(ByteSpan bytes);
  Digest digest() const;
};

// Advances both digests with the two-stream kernel. Needs sha_instructions().
class PairedFileHasher {
 public:
  void update(ByteSpan bytes);
  ChunkId cut();
  Oid finish();

 private:
  ShaStream file_, chunk_;
  bool first_chunk_ = true;  // it began with the file, so file_ stands for both and chunk_ rests
};

// OpenSSL twice, for processors without the instructions.
class PlainFileHasher {
 public:
  void update(ByteSpan bytes);
  ChunkId cut() { return chunk_.finish().as<ChunkId>(); }
  Oid finish();

 private:
  Sha256 file_, chunk_;
};

}  // namespace axon::content

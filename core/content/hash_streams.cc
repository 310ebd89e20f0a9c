#include "core/content/hash_streams.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace axon::content {

std::size_t ShaStream::complete_block(ByteSpan bytes) {
  const std::size_t held = buffered();
  if (held == 0) return 0;
  const std::size_t taken = std::min(kShaBlock - held, bytes.size());
  if (taken > 0) std::memcpy(buffer.data() + held, bytes.data(), taken);
  length += taken;
  if (held + taken == kShaBlock) sha_blocks(state, buffer.data(), 1);
  return taken;
}

void ShaStream::update(ByteSpan bytes) {
  bytes = bytes.subspan(complete_block(bytes));
  if (bytes.empty()) return;
  const std::size_t blocks = bytes.size() / kShaBlock;
  sha_blocks(state, bytes.data(), blocks);
  const ByteSpan tail = bytes.subspan(blocks * kShaBlock);
  std::copy(tail.begin(), tail.end(), buffer.begin());
  length += bytes.size();
}

Digest ShaStream::digest() const {
  ShaState last = state;
  std::array<std::byte, 2 * kShaBlock> padding{};
  const std::size_t held = buffered();
  std::copy_n(buffer.begin(), held, padding.begin());
  padding[held] = std::byte{0x80};
  const std::size_t blocks = held < kShaBlock - sizeof length ? 1 : 2;
  store_le(padding.data() + blocks * kShaBlock - sizeof length, __builtin_bswap64(length * 8));
  sha_blocks(last, padding.data(), blocks);
  Digest digest;
  for (std::size_t i = 0; i < last.h.size(); ++i) {
    store_le(digest.bytes.data() + 4 * i, __builtin_bswap32(last.h[i]));
  }
  return digest;
}

void PairedFileHasher::update(ByteSpan bytes) {
  if (first_chunk_) return file_.update(bytes);
  ByteSpan to_file = bytes.subspan(file_.complete_block(bytes));
  ByteSpan to_chunk = bytes.subspan(chunk_.complete_block(bytes));
  const std::size_t blocks = std::min(to_file.size(), to_chunk.size()) / kShaBlock;
  if (blocks > 0) {
    sha_blocks_pair(file_.state, to_file.data(), chunk_.state, to_chunk.data(), blocks);
    file_.length += blocks * kShaBlock;
    chunk_.length += blocks * kShaBlock;
    to_file = to_file.subspan(blocks * kShaBlock);
    to_chunk = to_chunk.subspan(blocks * kShaBlock);
  }
  file_.update(to_file);
  chunk_.update(to_chunk);
}

ChunkId PairedFileHasher::cut() {
  const Digest digest = first_chunk_ ? file_.digest() : chunk_.digest();
  first_chunk_ = false;
  chunk_ = {};
  return digest.as<ChunkId>();
}

Oid PairedFileHasher::finish() {
  const Digest digest = file_.digest();
  *this = {};
  return digest.as<Oid>();
}

void PlainFileHasher::update(ByteSpan bytes) {
  file_.update(bytes);
  chunk_.update(bytes);
}

Oid PlainFileHasher::finish() {
  chunk_.finish();
  return file_.finish().as<Oid>();
}

}  // namespace axon::content

// SHA-256 for files and chunks.
//
// FileHasher hashes a file and its chunks in one pass: the two digests are independent, so a core's SHA unit
// works on both at once (the instructions wait on each other within one digest, not across two). Threads: an
// object belongs to one thread at a time.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace axon::content {

Digest sha256(ByteSpan bytes);

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(ByteSpan bytes);
  // The digest so far; the object starts afresh.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class FileHasher {
 public:
  FileHasher();
  ~FileHasher();
  FileHasher(FileHasher&&) noexcept;
  FileHasher& operator=(FileHasher&&) noexcept;
  // The file's next bytes, which also belong to the current chunk.
  void update(ByteSpan bytes);
  // Ends the current chunk; the next byte starts another one.
  ChunkId cut();
  // Ends the file. The object starts afresh.
  Oid finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// True where the two-stream kernel is used (SHA instructions present); false: OpenSSL twice.
bool has_paired_sha256();

}  // namespace axon::content

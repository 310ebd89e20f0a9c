// SequentialWriter: writes a file from its start to its end, past the page cache, while its caller computes.
//
// Bytes are gathered in aligned blocks; full blocks are written by a background thread (started with the
// second block; files of one block start none). Blocks of 4 KiB that hold only zeros may be left as holes.
// Works on files opened with Caching::direct or not. Threads: one caller. Errors of the background thread are
// thrown by the next `append` or by `finish`, as they were. The file itself is not owned; fsync and close
// stay with the caller.
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/buffer_pool.h"
#include "core/base/fs/file_system.h"

namespace axon::fs {

enum class Zeros { write, leave_holes };

class SequentialWriter {
 public:
  // `file` is empty; `pool` has buffers of a multiple of 4096 bytes and lends this writer at most three.
  SequentialWriter(File& file, BufferPool& pool, Zeros zeros);
  // Stops the background thread; what was not finished stays unfinished.
  ~SequentialWriter();
  SequentialWriter(const SequentialWriter&) = delete;
  SequentialWriter& operator=(const SequentialWriter&) = delete;

  void append(ByteSpan bytes);
  std::uint64_t size() const;  // appended so far
  // Writes what is left and gives the file its exact size.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::fs

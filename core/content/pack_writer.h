// PackWriter: writes one pack at a temporary path, frame by frame.
//
// Memory: a few aligned 4 MiB buffers, written past the page cache where the file system allows (fresh page
// cache is dearer than the disk). Threads: `append` is thread-safe; a background thread writes (none in packs
// of one buffer), its errors surface in the next append or in finish. After an error the writer is dead: each
// further call throws the same error. Nothing is published by the destructor: an unfinished file is removed.
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/clock.h"
#include "core/base/fs/file_system.h"
#include "core/content/pack_format.h"

namespace axon::content {

class PackWriter {
 public:
  PackWriter(fs::FileSystem& fs, fs::Path temporary, Random& random);
  ~PackWriter();
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  // Adds a frame; `entry` has id, kind, encoding, raw and aux set, the rest is filled in and returned.
  FrameEntry append(FrameEntry entry, ByteSpan payload);
  // Adds a frame as another pack holds it (`frame` = header, base, payload; its CRC has been checked by the
  // reader).
  FrameEntry append_copy(const FrameEntry& entry, ByteSpan frame);
  // What the whole pack would have if it were finished now, footer included.
  std::uint64_t size() const;
  std::uint64_t frames() const;
  // Writes the footer, fsyncs, verifies the file's size, closes. The caller renames `path()` to the pack's
  // place; from here on the file is the caller's. Called once.
  PackFooter finish();
  const fs::Path& path() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::content

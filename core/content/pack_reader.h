// PackReader: reads the frames of one pack. Whatever it hands out has passed the frame's CRC and agrees with
// the entry.
//
// Threads: all members are thread-safe. Errors: Error(integrity) naming the pack for anything that breaks the
// grammar; lengths are checked before memory is taken. A sound footer of another version: Error(unsupported).
#pragma once

#include <memory>

#include "core/base/fs/file_system.h"
#include "core/content/pack_format.h"

namespace axon::content {

class PackReader {
 public:
  PackReader(fs::FileSystem& fs, fs::Path path, fs::Caching caching = fs::Caching::buffered);
  ~PackReader();

  // Reads and checks the header and the footer: hash, order, bounds, tiling (frames cover the pack without
  // gaps), and that the id is `expected` when that is not zero.
  PackFooter read_footer(const PackId& expected);
  // Reads one frame into `frame` (replaced: header, base, payload), checks it against `entry` and its CRC,
  // and returns the payload inside it.
  ByteSpan read_frame(const FrameEntry& entry, Bytes& frame);
  // Checks a frame that was read from elsewhere (an extent of the pack, a network). Returns its payload.
  static ByteSpan check_frame(const FrameEntry& entry, ByteSpan frame);
  // The raw bytes [offset, offset + into.size()) of the pack; throws when it is shorter. Alignment is taken
  // care of.
  void read_range(std::uint64_t offset, MutableByteSpan into);
  std::uint64_t size();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Parses a footer that was fetched alone (footer and trailer bytes of a pack of `pack_size` bytes).
PackFooter parse_footer(ByteSpan bytes, std::uint64_t pack_size, const PackId& expected);

}  // namespace axon::content

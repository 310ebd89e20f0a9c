// GitPackWriter: new git objects, streamed into one pack with its idx.
//
//   pack  = "PACK" version=2 count, entries, SHA-1 of all before (big-endian numbers)
//   entry = type and size as git's varint, one zlib stream: never a delta
//   idx   = git's version 2 (git_pack_index.h)
//
// The pack grows in "<folder>/tmp_pack_<hex>" (a name that git's own gc sweeps, too); `finish` makes it
// durable and names it "pack-<hex of its SHA-1>.pack", then its idx. A pack without idx is harmless: readers
// rebuild the idx. Without `finish` the destructor removes the temporary file.
//
// Memory: the largest object once, 1 MiB of output, and 40 bytes per object. Threads: one caller; `prepare`
// is thread-safe and stateless, so that many workers can compress for one writer. After an exception out of
// `add` or `finish` the writer is good for nothing but destruction; a new one can be filled again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/clock.h"
#include "core/base/fs/file_system.h"
#include "core/history/types.h"

namespace axon::history {

// Where the packs of a repository lie: "<git_dir>/objects/pack".
fs::Path pack_folder(const fs::Path& git_dir);

enum class PackUse {
  keep,  // in a repository
  send,  // read back and removed by whoever writes it: no idx, and no fsync
};

class GitPackWriter {
 public:
  // `folder` exists and is where pack and idx will lie; nothing is written before the first MiB or `finish`.
  GitPackWriter(fs::FileSystem& fs, fs::Path folder, Random& random, PackUse use = PackUse::keep);
  ~GitPackWriter();
  GitPackWriter(const GitPackWriter&) = delete;
  GitPackWriter& operator=(const GitPackWriter&) = delete;

  // An object hashed and compressed, ready to be appended.
  struct Prepared {
    GitId id;
    ObjectType type = ObjectType::blob;
    std::uint64_t size = 0;  // of the content
    Bytes compressed;        // a zlib stream
  };
  static Prepared prepare(ObjectType type, ByteSpan content);

  // An object that the pack has already is passed over.
  GitId add(ObjectType type, ByteSpan content);
  GitId add(const Prepared& object);
  // An entry as it lies in another pack without deltas, header and all; the caller vouches for its id.
  void add_entry(const GitId& id, ByteSpan entry);
  bool contains(const GitId& id) const;

  std::uint64_t objects() const;
  std::uint64_t size() const;  // of the pack so far, in bytes
  // Writes, fsyncs and renames pack and idx and fsyncs the folder (but see PackUse). Returns the pack's
  // SHA-1, its name; nullopt when nothing was added, and then nothing was written. The writer is empty again
  // afterwards.
  std::optional<GitId> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::history

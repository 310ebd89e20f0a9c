// PackFile: one pack of a repository and its idx, open for reading.
//
// Opening compares the idx's checksum with its bytes and its pack checksum with the end of the pack; where
// they do not agree, the pack is scanned whole and the idx made anew (and written beside the pack, where this
// user may). A damaged pack still gives the objects before the damage; `problem` tells.
// Threads: all members are thread-safe. The files may be removed meanwhile; what is open stays readable.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/fs/file_system.h"
#include "core/history/git_pack_index.h"
#include "core/history/pack_entry.h"
#include "core/history/types.h"

namespace axon::history {

struct ObjectInfo {
  ObjectType type = ObjectType::blob;
  std::uint64_t size = 0;
};

class PackFile {
 public:
  enum class KeepOpen { yes, no };  // no: each read opens it, so that descriptors do not run out
  PackFile(fs::FileSystem& fs, fs::Path pack, KeepOpen keep_open);

  const fs::Path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  const GitPackIndex& index() const { return *index_; }
  const std::string& problem() const { return problem_; }
  // True while the file at `path` is still the one that was opened.
  bool is_current() const;

  // Of the object at a position of the index.
  ObjectInfo info(std::uint32_t at) const;
  // Hashed and compared with its name. Error(failed) above `limit`, Error(integrity) for damage.
  RawObject read(std::uint32_t at, std::uint64_t limit) const;
  bool is_delta(std::uint32_t at) const;

 private:
  class Reader;
  bool load_idx(fs::File& pack);
  void rebuild_idx(fs::File& pack);

  fs::FileSystem& fs_;
  fs::Path path_;
  std::uint64_t size_ = 0;
  std::uint64_t inode_ = 0;
  std::int64_t mtime_ns_ = 0;
  std::unique_ptr<fs::File> file_;     // unless KeepOpen::no
  std::optional<GitPackIndex> index_;  // always there after construction
  std::string problem_;
};

// "pack-….pack" → "pack-….idx"
fs::Path idx_of(const fs::Path& pack);

}  // namespace axon::history

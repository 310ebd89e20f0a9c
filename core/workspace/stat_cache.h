// StatCache: what each file of a workspace held when it was last read, so that unchanged files need not be
// opened.
//
// A cache in SQLite (docs/formats/workspace.md): lost, damaged or foreign, it is empty and written anew; what
// it cannot write is lost without a word. Entries are matched by size, mtime, ctime, inode, device and mode,
// so a copied workspace hashes its files once. A file whose time lies within the file system's resolution of
// the moment at which it was looked at could change without its stat changing; such an entry still tells what
// the blob holds, but never that the file is unchanged. Threads: none; one object per command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/fs/file_system.h"
#include "core/base/ids.h"

namespace axon::workspace {

// What a path held.
struct KnownContent {
  GitId blob;  // in a tree: the content itself, or the pointer
  Digest sha256;
  std::uint64_t size = 0;  // of the content
  bool pointer = false;
  bool operator==(const KnownContent&) const = default;
};

// How long after its last change a file's stat can be relied on to show the next one, in nanoseconds.
std::int64_t racy_window(const fs::FileInfo& info);
// True when a change after `looked_at_ns` might leave this stat as it is.
bool is_racy(const fs::FileInfo& info, std::int64_t looked_at_ns);

class StatCache {
 public:
  // Reads all of it.
  StatCache(fs::FileSystem& fs, fs::Path path);

  // What `path` held when it was last recorded, whatever became of the file since.
  const KnownContent* find(std::string_view path) const;
  // The same when the file, which looks like `now`, was not touched since.
  const KnownContent* unchanged(std::string_view path, const fs::FileInfo& now) const;

  // `info`: of the file before and after `content` was read; `looked_at_ns`: when it was looked at for the
  // second time.
  void record(const std::string& path, const fs::FileInfo& info, const KnownContent& content,
              std::int64_t looked_at_ns);
  // Forgets all paths for which `keep` is false.
  template <class Keep>
  void retain(const Keep& keep) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      if (keep(std::string_view(entry->first))) {
        ++entry;
      } else {
        entry = drop(entry);
      }
    }
  }
  std::size_t size() const { return entries_.size(); }

  // Writes what has changed, in one transaction. Never throws: a cache that cannot be written is none.
  void save() noexcept;

 private:
  struct Entry {
    KnownContent content;
    std::int64_t mtime_ns = 0, ctime_ns = 0;  // both 0: not to be relied on
    std::uint64_t inode = 0, device = 0;
    std::uint32_t mode = 0;
    bool operator==(const Entry&) const = default;
    std::int64_t sum(std::string_view path) const;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;
  using Names = std::unordered_set<std::string, Hash, std::equal_to<>>;

  Entries::iterator drop(Entries::iterator entry);
  void load();
  void write();

  fs::FileSystem& fs_;
  fs::Path path_;
  Entries entries_;
  Names changed_, dropped_;  // since `load`
};

}  // namespace axon::workspace

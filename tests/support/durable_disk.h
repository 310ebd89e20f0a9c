// DurableDisk: remembers what a disk would still hold after a power cut, and makes a folder look like that.
//
// The model is the weakest that POSIX allows and real disks have shown:
//   - Data of a file are durable as of its last sync. What was appended since is cut off, what was
//   overwritten
//     since becomes garbage (0xdb), what was cut off since comes back; a file never synced is empty. A sync
//     that failed loses the data written before it for good: later syncs of that file change nothing.
//   - A folder's entries are durable as of the last sync of that folder itself: names made since are gone,
//     names removed or replaced since lead to what they led to. Syncing a file does not make its name
//     durable, and syncing a folder does not make the folder's own name durable. A file renamed into a synced
//     folder from one that was not synced is found under both names; a folder only under the new one.
//   - Syncing the whole file system makes all of it durable, but for files whose sync has failed.
// Modes are durable at once. What was there before the first change counts as durable. What other software
// (SQLite, libgit2) writes without the seam is not tracked: it stays, unless a folder around it vanishes.
//
// Costs: changed entries keep a hard link in a graveyard beside the root, which shows in nobody's link count;
// removed folders are moved there. The destructor removes it. Not thread-safe: FaultyFileSystem holds a lock.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/base/fs/file_system.h"

namespace axon::test {

// What a power cut spares beyond what was synced. Real disks write early whenever they like; code that is
// right survives all four.
enum class Unsynced {
  lost,              // nothing: only what was synced is there
  entries_survive,   // all names as they were last, but data since the last sync is lost: the file that was
                     // renamed into place too early
  data_survives,     // all data, but names since the last sync of their folder are lost
  removals_survive,  // names that were removed, or moved away, are gone, and yet no new name is there: a
                     // folder keeps no order among its changes
};

class DurableDisk {
 public:
  // Device and inode.
  using Key = std::pair<std::uint64_t, std::uint64_t>;

  // Tracks `root` and all below it; other paths are passed through.
  DurableDisk(fs::FileSystem& real, const fs::Path& root);
  ~DurableDisk();
  DurableDisk(const DurableDisk&) = delete;
  DurableDisk& operator=(const DurableDisk&) = delete;

  // Each does the call of the same name on the real file system and remembers how to undo it.
  std::unique_ptr<fs::File> open(const fs::Path& path, const fs::OpenOptions& options);
  void make_directory(const fs::Path& path, std::uint32_t mode);
  void rename(const fs::Path& from, const fs::Path& to);
  void link(const fs::Path& from, const fs::Path& to);
  void make_symlink(const std::string& target, const fs::Path& path);
  void remove(const fs::Path& path);
  void remove_directory(const fs::Path& path);

  // To be called before bytes of the file change.
  void will_write(const Key& file, std::uint64_t offset, std::uint64_t size);
  void will_resize(const Key& file, fs::File& open, std::uint64_t size);
  // What is tracked is synced in memory only: the real disk would take a thousand times as long, and the
  // folder goes away at the end of the test.
  void sync(const Key& file, fs::File& open);
  void sync_directory(const fs::Path& path);
  void sync_all();
  // A sync that reports an error: what is dirty now can never be saved.
  void sync_failed(const Key& file);
  void sync_all_failed();
  bool has_failed(const Key& file) const;

  // Hides the graveyard's link.
  fs::FileInfo seen(fs::FileInfo info) const;
  // All that is there now is durable.
  void settle();
  // Makes the root what the disk would hold, then settles.
  void restore(Unsynced unsynced);
  // The same, but all is spared except for names made, removed or replaced in this folder since its last
  // sync: a disk keeps no order between folders either.
  void restore_without_names_in(const fs::Path& folder);

  static Key key_of(const fs::FileInfo& info) { return {info.device, info.inode}; }

 private:
  // What a name led to.
  struct Binding {
    fs::FileType type;
    Key key;
  };
  // By name: what it led to when the folder was last synced. Only names that changed since.
  using Changes = std::map<std::string, std::optional<Binding>>;
  struct Content {
    std::uint64_t size = 0, durable_size = 0;
    std::map<std::uint64_t, std::uint64_t> dirty;  // overwritten ranges [begin, end) below durable_size
    std::uint64_t cut_from = 0;                    // the first byte of `cut`, when there is any
    Bytes cut;                                     // what a resize has cut off below durable_size
    bool lost = false;                             // a sync of it has failed
    static Content durable(std::uint64_t size) {
      Content content;
      content.size = content.durable_size = size;
      return content;
    }
    bool is_dirty() const { return size != durable_size || !dirty.empty() || !cut.empty(); }
  };
  class Restoration;

  bool tracks(const fs::Path& path) const;
  std::optional<Binding> lookup(const fs::Path& path);
  Key directory_of(const fs::Path& path);
  // `was`: what the name led to before the change that has just been made.
  void record(const Key& directory, const fs::Path& path, const std::optional<Binding>& was);
  // To be called before a name leads elsewhere: keeps what it leads to if that is durable.
  void keep(const Key& directory, const fs::Path& path, const Binding& binding);
  void bury_directory(const fs::Path& path);
  void forget_changes();
  fs::Path grave(const std::string& kind, const Key& key);

  fs::FileSystem& real_;
  fs::Path root_, canonical_root_, graveyard_;
  std::map<Key, Changes> directories_;
  std::map<Key, Content> files_;
  std::map<Key, fs::Path> pins_;
};

}  // namespace axon::test

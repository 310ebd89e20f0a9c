// PushJournal: the packs that a push has sent and that no entry lists yet, so that the next push goes on from
// there instead of sending them again.
//
//   file = line*             "<store>/remotes/<remote id>.push-<16 hex>", one per unfinished push
//   line = a pack as an entry lists it, canonical JSON, newline
// A push holds a flock on its journal; one that nobody holds was left by a push that was cut short, and the
// next push takes it over. Nothing is synced: after a power cut a push may have to send again what it had
// sent, and a torn last line is cut off.
// Threads: one at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/fs/file_system.h"
#include "remote/sync/log_entry.h"

namespace axon::sync {

class PushJournal {
 public:
  // Takes over what an earlier push has left, if anything. Nothing is written before the first record.
  PushJournal(fs::FileSystem& fs, fs::Path folder, const std::string& remote_id);

  const std::vector<ListedPack>& packs() const { return packs_; }
  void record(const ListedPack& pack);
  // The push is done: removes the file. One that stays does no harm: its packs are listed now.
  void finish() noexcept;

 private:
  bool take_over(const fs::Path& path);
  void read(const std::string& text);
  void write_line(const std::string& line);

  fs::FileSystem& fs_;
  fs::Path folder_;
  std::string prefix_;
  std::vector<ListedPack> packs_;
  std::unique_ptr<fs::File> file_;
  fs::Path path_;
  std::uint64_t size_ = 0;  // of what is valid in the file
};

}  // namespace axon::sync

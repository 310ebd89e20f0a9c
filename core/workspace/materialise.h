// Materialiser: the files of a version written to a staging folder, all verified, and then put in their
// places.
//
// Two steps, so that damage in the store, a full disk or a power cut never leaves half a file where the user
// sees it: `write` makes every file in a staging folder and syncs them; `place` only renames, whole folders
// where none stands there yet. The caller ends with one more sync_all, for the names, and its commit point.
// A folder on the way to a file that is a link or a file itself is never written through.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/progress.h"
#include "core/content/restore.h"
#include "core/store/snapshot.h"

namespace axon::workspace {

class Materialiser {
 public:
  // `staging` does not exist yet and lies on the file system of `root`; the destructor removes it.
  Materialiser(store::Store& store, fs::Path root, fs::Path staging);
  ~Materialiser();
  Materialiser(const Materialiser&) = delete;
  Materialiser& operator=(const Materialiser&) = delete;

  // Writes, verifies and syncs the content of `files`. Throws Error(integrity) that names the file.
  void write(std::vector<store::VersionFile> files, Progress& progress, const CancelToken& cancel);
  // Renames each into place, replacing files and links, not folders that hold something: Error(failed).
  void place();
  // Removes a file and the folders above it that become empty, up to the root.
  void remove(const std::string& path);
  // False as long as `place` and `remove` have left the root as it was.
  bool has_changed_root() const { return changed_root_; }

 private:
  void write_one(const store::VersionFile& file, const fs::Path& target, content::RestoreWorker& worker,
                 Progress& progress);
  void make_staging_folders();
  // True when the file came to its place with a folder.
  bool place_folders(const std::string& path);
  void clear_place(const fs::Path& place);

  store::Store& store_;
  fs::FileSystem& fs_;
  fs::Path root_, staging_;
  std::vector<store::VersionFile> files_;    // sorted by path; staged under their own paths
  std::unordered_set<std::string> folders_;  // known to be real
  bool changed_root_ = false;
  std::string placed_;  // the last folder that came as a whole, with a slash behind
};

// The files of `files` that `paths` name: themselves or by a folder above. All of them when there are none.
// Error(not_found) for a path that names nothing.
std::vector<store::VersionFile> select_files(std::vector<store::VersionFile> files,
                                             const std::vector<std::string>& paths);

}  // namespace axon::workspace

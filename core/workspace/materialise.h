// Materialiser: the files of a version written to a staging folder, all verified, and then put in their
// places.
//
// Two steps, so that damage in the store or a full disk changes nothing that the user sees: `write` makes
// every file under a temporary name; `place` only renames. Neither syncs: the caller ends with one sync_all
// and its commit point. Folders on the way to a file are made; one that is a link or a file is never written
// through.
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

  // Writes and verifies the content of `files`. Throws Error(integrity) that names the file.
  void write(std::vector<store::VersionFile> files, Progress& progress, const CancelToken& cancel);
  // Renames each into place, replacing files and links, not folders that hold something: Error(failed).
  void place();
  // Removes a file and the folders above it that become empty, up to the root.
  void remove(const std::string& path);

 private:
  void write_one(const store::VersionFile& file, const fs::Path& target, content::RestoreWorker& worker,
                 Progress& progress);
  void make_folders(const std::string& path);
  void clear_place(const fs::Path& place);

  store::Store& store_;
  fs::FileSystem& fs_;
  fs::Path root_, staging_;
  std::vector<store::VersionFile> files_;    // file i is staging/i
  std::unordered_set<std::string> folders_;  // known to be real
};

// The files of `files` that `paths` name: themselves or by a folder above. All of them when there are none.
// Error(not_found) for a path that names nothing.
std::vector<store::VersionFile> select_files(std::vector<store::VersionFile> files,
                                             const std::vector<std::string>& paths);

}  // namespace axon::workspace

// LocalDirectory: a folder as a storage, local or mounted. An object is a file; its key is its path.
//
// if_absent: temp → fsync → link(2) to the object's name → fsync folder. `link` is atomic everywhere, network
// file systems included; where its answer cannot be trusted (NFS repeats requests) the temp's link count
// decides. always, if_matches and remove take a flock on ".axon-lock" and replace by rename. Temporary files
// lie in ".axon-tmp"; what a crash left there for a day is removed by a later writer.
// Links inside the folder are not followed: one in the way of a key is Error(integrity). The folder itself
// may be a link. Missing folders are made when first written to.
#pragma once

#include <mutex>
#include <set>

#include "core/base/fs/file_system.h"
#include "remote/storage/storage.h"

namespace axon::storage {

class LocalDirectory final : public Storage {
 public:
  LocalDirectory(fs::FileSystem& fs, fs::Path root, std::size_t page_size = 10'000);

  Traits traits() const override;
  std::string location() const override { return root_.string(); }
  std::optional<ObjectInfo> stat(const Key& key) override;
  std::optional<ObjectInfo> read(const Key& key, const ByteRange& range, ByteSink& sink) override;
  WriteResult write(const Key& key, ByteSource& source, const Condition& condition) override;
  void remove(const Key& key) override;
  ListPage list(std::string_view prefix, std::string_view after) override;

 private:
  fs::Path path_of(const Key& key) const { return root_ / key.text(); }
  std::optional<fs::FileInfo> find(const Key& key);
  bool folder_exists(std::string_view folder);
  void make_folder_of(const Key& key);
  void make_folder(const fs::Path& folder);
  struct Temporary {
    fs::Path path;
    std::string etag;  // stays the same under another name
  };
  Temporary write_temporary(ByteSource& source);
  WriteResult write_if_absent(const Key& key, ByteSource& source);
  WriteResult replace(const Key& key, ByteSource& source, const Condition& condition);
  bool has_second_link(const fs::Path& temporary, const Key& key);
  bool link_into_place(const fs::Path& temporary, const Key& key);
  void sync_folder_of(const Key& key);
  void sweep_temporaries();

  fs::FileSystem& fs_;
  const fs::Path root_;
  const std::size_t page_size_;
  std::mutex mutex_;            // guards what follows
  std::set<fs::Path> durable_;  // folders whose own entry is known to survive a power cut
  bool swept_ = false;
};

}  // namespace axon::storage

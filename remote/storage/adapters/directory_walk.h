// DirectoryWalk: a folder's files as keys in key order, one page at a time. Walks lazily: a page costs the
// listing of the folders on its way and one stat per object in it.
#pragma once

#include <string>
#include <string_view>

#include "core/base/fs/file_system.h"
#include "remote/storage/storage.h"

namespace axon::storage {

std::string etag_of(const fs::FileInfo& info);
ObjectInfo object_info(const fs::FileInfo& info);

class DirectoryWalk {
 public:
  DirectoryWalk(fs::FileSystem& fs, std::string_view prefix, std::string_view after, std::size_t limit)
      : fs_(fs), prefix_(prefix), after_(after), limit_(limit) {}

  // Walks `directory`, whose files' keys start with `base` ("" or "…/"). Links, other special files, names
  // that cannot be keys and folders that vanish meanwhile are passed over.
  void walk(const fs::Path& directory, const std::string& base);
  ListPage take() { return std::move(page_); }

 private:
  std::vector<std::string> sorted_names(const fs::Path& directory);
  bool may_hold_keys(const std::string& folder_key) const;
  void add(const fs::Path& path, const std::string& key);

  fs::FileSystem& fs_;
  const std::string prefix_, after_;
  const std::size_t limit_;
  ListPage page_;
};

}  // namespace axon::storage

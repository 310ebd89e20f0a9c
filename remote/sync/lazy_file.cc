#include "remote/sync/lazy_file.h"

#include "core/base/error.h"

namespace axon::sync {

void make_folder_lazily(fs::FileSystem& fs, const fs::Path& folder) {
  if (fs::exists(fs, folder)) return;
  try {
    fs.make_directory(folder);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;
  }
}

void replace_lazily(fs::FileSystem& fs, const fs::Path& path, ByteSpan content) {
  make_folder_lazily(fs, path.parent_path());
  const auto temporary = fs::unique_path(path.parent_path(), ".tmp-");
  try {
    const auto file = fs.open(temporary, {.access = fs::Access::create});
    file->write_at(0, content);
    file->close();
    fs.rename(temporary, path);
  } catch (...) {
    fs::remove_all(fs, temporary);
    throw;
  }
}

}  // namespace axon::sync

#include "remote/storage/adapters/directory_walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"

namespace axon::storage {

// Objects are replaced by renaming a new file over the old one, so the inode changes with every write. An
// inode may be used again, but not while the clock of the file system and the size stand still: between two
// uses lie two fsyncs.
std::string etag_of(const fs::FileInfo& info) {
  return fmt::format("{:x}-{:x}-{:x}", info.inode, info.mtime_ns, info.size);
}

ObjectInfo object_info(const fs::FileInfo& info) {
  return {.size = info.size, .etag = etag_of(info), .modified_ns = info.mtime_ns};
}

// Folders end in '/', so that "a.b" < "a/b" as keys are ordered.
std::vector<std::string> DirectoryWalk::sorted_names(const fs::Path& directory) {
  std::vector<std::string> names;
  try {
    for (auto& entry : fs_.list(directory)) {
      if (entry.type == fs::FileType::directory) names.push_back(entry.name + "/");
      if (entry.type == fs::FileType::regular) names.push_back(std::move(entry.name));
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool DirectoryWalk::may_hold_keys(const std::string& folder_key) const {
  const bool wanted = folder_key.starts_with(prefix_) || prefix_.starts_with(folder_key);
  const bool passed = after_ >= folder_key && !after_.starts_with(folder_key);
  return wanted && !passed;
}

void DirectoryWalk::add(const fs::Path& path, const std::string& key) {
  if (key <= after_ || !key.starts_with(prefix_) || !Key::valid(key)) return;
  if (page_.objects.size() == limit_) {
    page_.more = true;
    return;
  }
  const auto info = fs_.stat(path);
  if (info && info->type == fs::FileType::regular) page_.objects.push_back({Key(key), object_info(*info)});
}

void DirectoryWalk::walk(const fs::Path& directory, const std::string& base) {
  // A key's length bounds the depth.
  if (base.size() > Key::kMaxSize) return;
  for (const auto& name : sorted_names(directory)) {
    const auto key = base + name;
    if (name.starts_with(Key::kReservedPrefix)) continue;
    if (!name.ends_with('/')) {
      add(directory / name, key);
    } else if (may_hold_keys(key)) {
      walk(directory / name.substr(0, name.size() - 1), key);
    }
    if (page_.more) return;
  }
}

}  // namespace axon::storage

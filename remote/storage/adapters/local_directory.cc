#include "remote/storage/adapters/local_directory.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/fs/file_lock.h"
#include "core/base/fs/sequential_writer.h"
#include "remote/storage/adapters/directory_walk.h"
#include "remote/storage/range.h"

namespace axon::storage {

namespace {

constexpr const char* kTemporaryFolder = ".axon-tmp";
constexpr const char* kLockFile = ".axon-lock";
constexpr std::size_t kBlockSize = std::size_t{4} << 20;
// From this size on a file is written past the page cache, by a thread of its own.
constexpr std::uint64_t kLargeSize = kBlockSize;
constexpr std::int64_t kTemporaryLifetime = std::int64_t{24} * 3600 * 1'000'000'000;
constexpr std::chrono::seconds kLockTimeout{60};
// As git does it: whoever shares a folder sets group, setgid bit and umask.
constexpr std::uint32_t kFileMode = 0666, kFolderMode = 0777;

Error link_in_the_way(const fs::Path& path) {
  return Error(ErrorCode::integrity, "'" + path.string() + "' is a symbolic link")
      .because("links inside a remote are not followed")
      .hint("put the folder it leads to in its place");
}

Error two_in_one_place(const fs::Path& path) {
  return Error(ErrorCode::unsupported, "cannot write '" + path.string() + "'")
      .because("a folder cannot hold an object and others below its name");
}

Error unknown_write(const fs::Path& path, const Error& error) {
  return Error(ErrorCode::unknown_outcome, "cannot tell whether '" + path.string() + "' is there to stay")
      .because(error.message());
}

void remove_quietly(fs::FileSystem& fs, const fs::Path& path) noexcept {
  try {
    fs.remove(path);
  } catch (...) {  // swept later
  }
}

// Its entry in the folder above is not made to last here.
void make_unless_there(fs::FileSystem& fs, const fs::Path& folder) {
  try {
    fs.make_directory(folder, kFolderMode);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::already_exists) throw;
  }
}

void write_small(fs::File& file, ByteSource& source) {
  Bytes content(source.size());
  source.read_at(0, content);
  file.write_at(0, content);
}

void write_large(fs::File& file, ByteSource& source) {
  BufferPool pool(3, kBlockSize);
  fs::SequentialWriter writer(file, pool, fs::Zeros::write);
  AlignedBuffer block(kBlockSize);
  for (std::uint64_t done = 0; done < source.size();) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockSize, source.size() - done));
    source.read_at(done, block.span().first(length));
    writer.append(block.span().first(length));
    done += length;
  }
  writer.finish();
}

// Removes the temporary file however its writing ends; after a link the object has its own name for it.
class TemporaryGuard {
 public:
  TemporaryGuard(fs::FileSystem& fs, const fs::Path& path) : fs_(fs), path_(path) {}
  TemporaryGuard(const TemporaryGuard&) = delete;
  TemporaryGuard& operator=(const TemporaryGuard&) = delete;
  ~TemporaryGuard() {
    if (armed_) remove_quietly(fs_, path_);
  }
  void disarm() { armed_ = false; }

 private:
  fs::FileSystem& fs_;
  const fs::Path& path_;
  bool armed_ = true;
};

}  // namespace

LocalDirectory::LocalDirectory(fs::FileSystem& fs, fs::Path root, std::size_t page_size)
    : fs_(fs), root_(std::move(root)), page_size_(page_size) {}

Traits LocalDirectory::traits() const {
  // Listings of a mounted folder may lag behind another machine's writes, and nothing tells whether it is
  // one.
  return {.write_if_absent = true,
          .write_if_matches = true,
          .ranged_reads = true,
          .strong_listing = false,
          .modified_times = true};
}

// False when the folder or one above it is absent or an object.
bool LocalDirectory::folder_exists(std::string_view folder) {
  for (std::size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
    const auto path = root_ / folder.substr(0, end);
    const auto info = fs_.stat(path);
    if (info && info->type == fs::FileType::symlink) throw link_in_the_way(path);
    if (!info || info->type != fs::FileType::directory) return false;
    if (end == std::string_view::npos) return true;
  }
}

std::optional<fs::FileInfo> LocalDirectory::find(const Key& key) {
  const auto slash = key.text().rfind('/');
  if (slash != std::string::npos && !folder_exists(std::string_view(key.text()).substr(0, slash)))
    return std::nullopt;
  const auto info = fs_.stat(path_of(key));
  if (info && info->type == fs::FileType::symlink) throw link_in_the_way(path_of(key));
  if (!info || info->type != fs::FileType::regular) return std::nullopt;
  return info;
}

std::optional<ObjectInfo> LocalDirectory::stat(const Key& key) {
  const auto info = find(key);
  if (!info) return std::nullopt;
  return object_info(*info);
}

std::optional<ObjectInfo> LocalDirectory::read(const Key& key, const ByteRange& range, ByteSink& sink) {
  if (!find(key)) return std::nullopt;
  std::unique_ptr<fs::File> file;
  try {
    file = fs_.open(path_of(key), {});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return std::nullopt;  // removed meanwhile
  }
  const auto info = file->info();
  const auto end = range.offset + length_within(range, info.size, key);
  AlignedBuffer block(std::min<std::uint64_t>(kBlockSize, end - range.offset));
  for (auto at = range.offset; at < end;) {
    const auto part = block.span().first(std::min<std::uint64_t>(block.capacity(), end - at));
    if (file->read_at(at, part) != part.size()) {
      throw Error(ErrorCode::integrity, "'" + path_of(key).string() + "' became shorter while it was read");
    }
    sink.write(part);
    at += part.size();
  }
  return object_info(info);
}

WriteResult LocalDirectory::write(const Key& key, ByteSource& source, const Condition& condition) {
  sweep_temporaries();
  make_folder_of(key);
  return condition.kind == Condition::Kind::if_absent ? write_if_absent(key, source)
                                                      : replace(key, source, condition);
}

void LocalDirectory::make_folder_of(const Key& key) {
  const std::string_view text = key.text();
  make_folder(root_);
  for (auto end = text.find('/'); end != std::string_view::npos; end = text.find('/', end + 1))
    make_folder(root_ / text.substr(0, end));
}

// Its parent is synced even when the folder is there already: whoever made it may not have come to that yet.
void LocalDirectory::make_folder(const fs::Path& folder) {
  {
    const std::lock_guard lock(mutex_);
    if (durable_.contains(folder)) return;
  }
  if (folder == root_) {
    fs::make_directories(fs_, folder, kFolderMode);
  } else {
    const auto info = fs_.stat(folder);
    if (info && info->type == fs::FileType::symlink) throw link_in_the_way(folder);
    if (info && info->type != fs::FileType::directory) throw two_in_one_place(folder);
    if (!info) make_unless_there(fs_, folder);
    fs_.sync_directory(folder.parent_path());
  }
  const std::lock_guard lock(mutex_);
  durable_.insert(folder);
}

LocalDirectory::Temporary LocalDirectory::write_temporary(ByteSource& source) {
  const auto folder = root_ / kTemporaryFolder;
  if (!fs_.stat(folder)) make_unless_there(fs_, folder);
  Temporary temporary{fs::unique_path(folder, ""), {}};
  const auto& path = temporary.path;
  const bool large = source.size() >= kLargeSize;
  try {
    const auto file = fs_.open(path, {.access = fs::Access::create,
                                      .caching = large ? fs::Caching::direct : fs::Caching::buffered,
                                      .mode = kFileMode});
    large ? write_large(*file, source) : write_small(*file, source);
    file->sync();
    const auto info = file->info();
    if (info.size != source.size())
      throw Error(ErrorCode::io, "'" + path.string() + "' has not the size that was written");
    temporary.etag = etag_of(info);
    file->close();
  } catch (...) {
    remove_quietly(fs_, path);
    throw;
  }
  return temporary;
}

// A conflict is reported only with an object that lasts: its writer may not have synced the folder yet.
WriteResult LocalDirectory::write_if_absent(const Key& key, ByteSource& source) {
  const auto there = fs_.stat(path_of(key));
  if (there && there->type == fs::FileType::directory) throw two_in_one_place(path_of(key));
  if (there && there->type != fs::FileType::regular) throw link_in_the_way(path_of(key));
  if (there) {
    fs_.sync_directory(path_of(key).parent_path());
    return {};
  }
  const auto temporary = write_temporary(source);
  const TemporaryGuard guard(fs_, temporary.path);
  if (!link_into_place(temporary.path, key)) {
    fs_.sync_directory(path_of(key).parent_path());
    return {};
  }
  sync_folder_of(key);
  return {.written = true, .etag = temporary.etag};
}

// A request that an NFS client sent twice is answered "exists" the second time. Only we know the temporary
// name, so a second link can only be the object.
bool LocalDirectory::has_second_link(const fs::Path& temporary, const Key& key) {
  try {
    const auto info = fs_.stat(temporary);
    return info && info->links > 1;
  } catch (const Error& error) {
    throw unknown_write(path_of(key), error);
  }
}

bool LocalDirectory::link_into_place(const fs::Path& temporary, const Key& key) {
  try {
    fs_.link(temporary, path_of(key));
    return true;
  } catch (const Error& error) {
    // A request that an NFS client sent twice is answered "exists" the second time. Only we know the
    // temporary name, so a second link can only be the object.
    const auto info = fs_.stat(temporary);
    if (info && info->links > 1) return true;
    if (error.code() == ErrorCode::already_exists) return false;
    throw;
  }
}

void LocalDirectory::sync_folder_of(const Key& key) {
  try {
    fs_.sync_directory(path_of(key).parent_path());
  } catch (const Error& error) {
    throw unknown_write(path_of(key), error);
  }
}

WriteResult LocalDirectory::replace(const Key& key, ByteSource& source, const Condition& condition) {
  const CancelToken never;
  const auto path = path_of(key);
  const auto temporary = write_temporary(source);
  TemporaryGuard guard(fs_, temporary.path);
  const fs::FileLock lock(fs_, root_ / kLockFile, fs::LockMode::exclusive, kLockTimeout, never);
  const auto there = fs_.stat(path);
  if (there && there->type == fs::FileType::directory) throw two_in_one_place(path);
  if (condition.kind == Condition::Kind::if_matches && (!there || etag_of(*there) != condition.etag))
    return {};
  fs_.rename(temporary.path, path);
  guard.disarm();
  sync_folder_of(key);
  return {.written = true, .etag = temporary.etag};
}

void LocalDirectory::remove(const Key& key) {
  if (!find(key)) return;
  const CancelToken never;
  const fs::FileLock lock(fs_, root_ / kLockFile, fs::LockMode::exclusive, kLockTimeout, never);
  try {
    fs_.remove(path_of(key));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  sync_folder_of(key);
}

ListPage LocalDirectory::list(std::string_view prefix, std::string_view after) {
  DirectoryWalk walk(fs_, prefix, after, page_size_);
  const auto slash = prefix.rfind('/');
  if (slash == std::string_view::npos) {
    // A folder that is not there holds nothing; any other failure is one.
    if (fs_.stat(root_)) walk.walk(root_, "");
  } else if (Key::valid(prefix.substr(0, slash)) && folder_exists(prefix.substr(0, slash))) {
    walk.walk(root_ / prefix.substr(0, slash), std::string(prefix.substr(0, slash + 1)));
  }
  return walk.take();
}

// Ages are told by the file system's own clock: against a file made now.
void LocalDirectory::sweep_temporaries() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(swept_, true)) return;
  }
  try {
    const auto folder = root_ / kTemporaryFolder;
    if (!fs_.stat(folder)) return;
    const auto entries = fs_.list(folder);
    if (entries.empty()) return;
    const auto probe = fs::unique_path(folder, "");
    const auto now = fs_.open(probe, {.access = fs::Access::create, .mode = kFileMode})->info().mtime_ns;
    fs_.remove(probe);
    for (const auto& entry : entries) {
      const auto info = fs_.stat(folder / entry.name);
      if (info && info->type == fs::FileType::regular && now - info->mtime_ns > kTemporaryLifetime)
        remove_quietly(fs_, folder / entry.name);
    }
  } catch (const Error&) {  // a courtesy to others, nothing that this write needs
  }
}

}  // namespace axon::storage

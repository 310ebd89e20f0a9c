#include <algorithm>
#include <array>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fs/file_system.h"
#include "core/base/ids.h"

namespace axon::fs {

namespace {

Path parent_of(const Path& path) {
  const Path parent = path.parent_path();
  return parent.empty() ? Path(".") : parent;
}

// "a/b/" names the same folder as "a/b", but its parent_path is "a/b".
Path without_trailing_slash(const Path& path) {
  return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

// A symbolic link counts when it leads to a folder.
bool is_directory(FileSystem& fs, const Path& path) {
  const auto info = fs.stat(path);
  if (!info) return false;
  if (info->type == FileType::directory) return true;
  if (info->type == FileType::symlink &&
      fs.open(path, {.links = Links::follow})->info().type == FileType::directory)
    return true;
  throw Error(ErrorCode::already_exists, "cannot make folder '" + path.string() + "'")
      .because("something that is no folder has its name");
}

void make_one_directory(FileSystem& fs, const Path& path, std::uint32_t mode) {
  try {
    fs.make_directory(path, mode);
  } catch (const Error& error) {
    // Another process made it meanwhile; whether it has synced the entry is unknown, so ours goes on to.
    if (error.code() != ErrorCode::already_exists || !is_directory(fs, path)) throw;
  }
  fs.sync_directory(parent_of(path));
}

// Removing what a failed write left is a courtesy: its own failure must not hide the first error.
void remove_quietly(FileSystem& fs, const Path& path) noexcept {
  try {
    fs.remove(path);
  } catch (...) {
  }
}

void write_new_file(FileSystem& fs, const Path& path, ByteSpan content, std::uint32_t mode) {
  const auto file = fs.open(path, {.access = Access::create, .mode = mode});
  file->write_at(0, content);
  file->sync();
  file->close();
}

// Runs `removal`; that somebody else was faster is as good.
template <class Removal>
void unless_gone(Removal removal) {
  try {
    removal();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
}

// Removes the plain entries of `directory` and returns the folders in it.
std::vector<Path> remove_entries(FileSystem& fs, const Path& directory) {
  std::vector<Path> folders;
  unless_gone([&] {
    for (const auto& entry : fs.list(directory)) {
      if (entry.type == FileType::directory) {
        folders.push_back(directory / entry.name);
      } else {
        unless_gone([&] { fs.remove(directory / entry.name); });
      }
    }
  });
  return folders;
}

}  // namespace

bool exists(FileSystem& fs, const Path& path) {
  return fs.stat(path).has_value();
}

void make_directories(FileSystem& fs, const Path& path, std::uint32_t mode) {
  std::vector<Path> missing;
  for (Path at = without_trailing_slash(path); !at.empty() && !is_directory(fs, at); at = at.parent_path())
    missing.push_back(at);
  for (auto each = missing.rbegin(); each != missing.rend(); ++each) make_one_directory(fs, *each, mode);
}

Bytes read_file(FileSystem& fs, const Path& path, std::uint64_t limit, Links links) {
  const auto file = fs.open(path, {.links = links});
  const auto too_long = [&] {
    return Error(ErrorCode::failed, "cannot read '" + path.string() + "'")
        .because("it is longer than " + std::to_string(limit) + " bytes");
  };
  // One byte more than the size is asked for, so that the end is seen in one read; a file that grows
  // meanwhile is followed.
  std::uint64_t room = file->info().size;
  Bytes content;
  for (std::uint64_t done = 0;;) {
    if (room > limit) throw too_long();
    content.resize(room + 1);
    done += file->read_at(done, MutableByteSpan(content).subspan(done));
    if (done <= room) {
      content.resize(done);
      return content;
    }
    room = std::max<std::uint64_t>(room * 2, 4096);
    if (room > limit) room = std::max(limit, done);
  }
}

void write_file_atomically(FileSystem& fs, const Path& path, ByteSpan content, std::uint32_t mode) {
  const Path directory = parent_of(path);
  const Path temporary = unique_path(directory, ".tmp-");
  try {
    write_new_file(fs, temporary, content, mode);
    fs.rename(temporary, path);
  } catch (...) {
    remove_quietly(fs, temporary);
    throw;
  }
  fs.sync_directory(directory);
}

void remove_all(FileSystem& fs, const Path& path) {
  const auto info = fs.stat(path);
  if (!info) return;
  if (info->type != FileType::directory) return unless_gone([&] { fs.remove(path); });
  // Folders are emptied from the top and then removed from the bottom; a list of its own, because a hostile
  // tree could be deeper than the stack.
  std::vector<Path> folders{path};
  for (std::size_t next = 0; next < folders.size(); ++next) {
    for (auto& folder : remove_entries(fs, folders[next])) folders.push_back(std::move(folder));
  }
  for (auto each = folders.rbegin(); each != folders.rend(); ++each)
    unless_gone([&] { fs.remove_directory(*each); });
}

Path unique_path(const Path& directory, const std::string& prefix) {
  std::array<std::byte, 8> random;
  system_random().fill(random);
  return directory / (prefix + to_hex(random));
}

}  // namespace axon::fs

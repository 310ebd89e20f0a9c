// FileSystem: the I/O seam. Every byte that axon's own code reads or writes passes here, so that tests can
// make the N-th call fail, kill the process at it, or cut the power (tests/support/faulty_file_system.h).
//
// Paths are absolute or relative to the working directory. Symbolic links are never followed in the last
// component by stat, remove and rename; `open` refuses them (ELOOP) unless asked. All functions throw
// axon::Error made by system_error; "not found" is an Error(not_found) except where optional is returned.
// Thread-safe: the FileSystem entirely, a File for read_at/write_at at distinct ranges.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace axon::fs {

using Path = std::filesystem::path;

enum class FileType { regular, directory, symlink, other };

struct FileInfo {
  FileType type = FileType::regular;
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // permission bits, 0–07777
  std::uint64_t device = 0, inode = 0, links = 0;
  std::uint64_t allocated = 0;  // bytes on disk
  std::int64_t mtime_ns = 0, ctime_ns = 0;
};

struct DirectoryEntry {
  std::string name;
  FileType type;
};

enum class Access {
  read,
  read_write,  // an existing file
  create,      // read and write; must not exist (O_EXCL)
  open_or_create,
};
enum class Caching {
  buffered,
  // O_DIRECT where the file system has it, else buffered: offsets, lengths and memory must be multiples of
  // 4096.
  direct,
  // For reading once: what the page cache holds comes from there, the rest past it where offset and memory
  // are multiples of 4096. Filling the cache with cold pages costs more than the disk.
  read_past,
};
enum class Links { refuse, follow };

struct OpenOptions {
  Access access = Access::read;
  Caching caching = Caching::buffered;
  Links links = Links::refuse;
  std::uint32_t mode = 0644;
};

enum class LockMode { shared, exclusive };

// An open file. The destructor closes and ignores errors; whoever wrote calls `close` to hear of them.
class File {
 public:
  virtual ~File() = default;
  // Reads until `into` is full or the file ends; returns the bytes read.
  virtual std::size_t read_at(std::uint64_t offset, MutableByteSpan into) = 0;
  // Writes all of `from` or throws.
  virtual void write_at(std::uint64_t offset, ByteSpan from) = 0;
  virtual void resize(std::uint64_t size) = 0;
  // fdatasync plus size: after it the content survives a power cut. Never call it again after it threw.
  virtual void sync() = 0;
  virtual FileInfo info() = 0;
  virtual void set_mode(std::uint32_t mode) = 0;
  // flock without waiting; false when another descriptor holds it. Released by close.
  virtual bool try_lock(LockMode mode) = 0;
  // The next offset ≥ `offset` that has data, or nullopt when only a hole is left. File systems without
  // holes: `offset`.
  virtual std::optional<std::uint64_t> next_data(std::uint64_t offset) = 0;
  // True when reads go past the page cache (Caching::direct was granted).
  virtual bool direct() const = 0;
  virtual void close() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::unique_ptr<File> open(const Path& path, const OpenOptions& options) = 0;
  // lstat; nullopt when nothing is there.
  virtual std::optional<FileInfo> stat(const Path& path) = 0;
  // Names without "." and "..", in no order.
  virtual std::vector<DirectoryEntry> list(const Path& directory) = 0;
  virtual void make_directory(const Path& path, std::uint32_t mode = 0755) = 0;  // parent exists, it does not
  virtual void rename(const Path& from, const Path& to) = 0;                     // replaces `to`
  virtual void link(const Path& from, const Path& to) = 0;  // hard link; fails if `to` exists
  virtual void make_symlink(const std::string& target, const Path& path) = 0;
  virtual std::string read_symlink(const Path& path) = 0;
  virtual void remove(const Path& path) = 0;            // a file or link
  virtual void remove_directory(const Path& path) = 0;  // an empty one
  virtual void sync_directory(const Path& path) = 0;    // entries survive a power cut
  virtual void sync_all(const Path& path) = 0;          // syncfs of the file system that holds `path`
};

// The real one; a single stateless object.
FileSystem& posix();

// --- built on the seam, in core/base/fs/operations.cc ---

bool exists(FileSystem& fs, const Path& path);
// Creates missing parents too, and syncs each parent that got a new entry.
void make_directories(FileSystem& fs, const Path& path, std::uint32_t mode = 0755);
// The whole file; Error(failed) when it is longer than `limit`.
Bytes read_file(FileSystem& fs, const Path& path, std::uint64_t limit, Links links = Links::refuse);
// temp in the same folder → write → fsync → rename → fsync folder. Old content or new, never a mixture. The
// temp is named ".tmp-<16 hex digits>"; a crash may leave one behind.
void write_file_atomically(FileSystem& fs, const Path& path, ByteSpan content, std::uint32_t mode = 0644);
// A file or a whole tree; links are removed, not followed. Absent: nothing happens.
void remove_all(FileSystem& fs, const Path& path);
// A name in `directory` that does not exist yet: "<prefix><16 random hex digits>".
Path unique_path(const Path& directory, const std::string& prefix);

}  // namespace axon::fs

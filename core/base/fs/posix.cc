#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/fs/file_system.h"

namespace axon::fs {

namespace {

// Repeats a system call for as long as signals interrupt it.
template <class Call>
auto retry(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

[[noreturn]] void fail(const char* action, const Path& path) {
  throw system_error(errno, action, path.string());
}

void check(int result, const char* action, const Path& path) {
  if (result != 0) fail(action, path);
}

// Owns a descriptor; closes it silently unless `release`d.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular;
  if (S_ISDIR(mode)) return FileType::directory;
  if (S_ISLNK(mode)) return FileType::symlink;
  return FileType::other;
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileInfo info_of(const struct stat& status) {
  FileInfo info;
  info.type = type_of(status.st_mode);
  info.size = static_cast<std::uint64_t>(status.st_size);
  info.mode = status.st_mode & 07777;
  info.device = status.st_dev;
  info.inode = status.st_ino;
  info.links = status.st_nlink;
  info.allocated = static_cast<std::uint64_t>(status.st_blocks) * 512;
  info.mtime_ns = nanoseconds(status.st_mtim);
  info.ctime_ns = nanoseconds(status.st_ctim);
  return info;
}

class PosixFile final : public File {
 public:
  PosixFile(int fd, Path path, Caching granted)
      : fd_(fd),
        path_(std::move(path)),
        direct_(granted == Caching::direct),
        read_past_(granted == Caching::read_past) {}

  std::size_t read_at(std::uint64_t offset, MutableByteSpan into) override {
    if (read_past_) return read_past(offset, into);
    std::size_t done = 0;
    while (done < into.size()) {
      const auto got = retry([&] {
        return ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      });
      if (got < 0) fail("read", path_);
      done += static_cast<std::size_t>(got);
      // Past the end of a file whose size is no multiple of the block, O_DIRECT would answer EINVAL, not 0.
      if (got == 0 || (direct_ && got % AlignedBuffer::kAlignment != 0)) break;
    }
    return done;
  }

  void write_at(std::uint64_t offset, ByteSpan from) override {
    while (!from.empty()) {
      const auto put =
          retry([&] { return ::pwrite(fd_.get(), from.data(), from.size(), static_cast<off_t>(offset)); });
      if (put < 0) fail("write", path_);
      offset += static_cast<std::uint64_t>(put);
      from = from.subspan(static_cast<std::size_t>(put));
    }
  }

  void resize(std::uint64_t size) override {
    check(retry([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }), "resize", path_);
  }

  // Not retried on EINTR: after any failure the kernel may have dropped the dirty pages.
  void sync() override { check(::fdatasync(fd_.get()), "sync", path_); }

  FileInfo info() override {
    struct stat status {};
    check(::fstat(fd_.get(), &status), "look at", path_);
    return info_of(status);
  }

  void set_mode(std::uint32_t mode) override { check(::fchmod(fd_.get(), mode), "set the mode of", path_); }

  bool try_lock(LockMode mode) override {
    const int operation = (mode == LockMode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    if (retry([&] { return ::flock(fd_.get(), operation); }) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    fail("lock", path_);
  }

  std::optional<std::uint64_t> next_data(std::uint64_t offset) override {
    const off_t found = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_DATA);
    if (found >= 0) return static_cast<std::uint64_t>(found);
    if (errno == ENXIO) return std::nullopt;
    if (errno == EINVAL || errno == EOPNOTSUPP) {  // no holes here: all up to the end is data
      if (offset >= info().size) return std::nullopt;
      return offset;
    }
    fail("look for holes in", path_);
  }

  bool direct() const override { return direct_; }

  void close() override {
    const int fd = fd_.release();
    // On Linux the descriptor is gone after EINTR too; closing again could hit another thread's.
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR) fail("close", path_);
  }

 private:
  // A range that the page cache holds whole is copied from there, any other is read directly, so that a file
  // that nobody has read lately passes through without filling the cache. preadv2(RWF_NOWAIT) would not do:
  // it starts a read-ahead into the cache before it gives up.
  std::size_t read_past(std::uint64_t offset, MutableByteSpan into) {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto got = read_some(offset + done, into.subspan(done));
      if (got < 0) fail("read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  ssize_t read_some(std::uint64_t offset, MutableByteSpan into) {
    constexpr auto kBlock = AlignedBuffer::kAlignment;
    const auto whole = into.size() / kBlock * kBlock;
    const bool aligned = offset % kBlock == 0 && reinterpret_cast<std::uintptr_t>(into.data()) % kBlock == 0;
    if (aligned && whole > 0 && !is_cached(offset, whole) && open_direct()) {
      const auto got =
          retry([&] { return ::pread(direct_fd_.get(), into.data(), whole, static_cast<off_t>(offset)); });
      if (got >= 0 || errno != EINVAL) return got;
    }
    return retry([&] { return ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset)); });
  }

  // The mapping is only asked about, never touched. A file that is not the caller's is always called cached.
  bool is_cached(std::uint64_t offset, std::size_t size) {
    void* const map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_.get(), static_cast<off_t>(offset));
    if (map == MAP_FAILED) return true;
    std::vector<unsigned char> resident((size + AlignedBuffer::kAlignment - 1) / AlignedBuffer::kAlignment);
    const bool told = ::mincore(map, size, resident.data()) == 0;
    ::munmap(map, size);
    return !told || std::ranges::all_of(resident, [](unsigned char page) { return (page & 1) != 0; });
  }

  // A second descriptor of the same file: O_DIRECT on the first would rule out what is cached.
  bool open_direct() {
    std::call_once(tried_direct_, [this] {
      const std::string self = "/proc/self/fd/" + std::to_string(fd_.get());
      direct_fd_.reset(retry([&] { return ::open(self.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT); }));
    });
    return direct_fd_.get() >= 0;
  }

  Descriptor fd_;
  Descriptor direct_fd_{-1};
  Path path_;
  bool direct_;
  bool read_past_;
  std::once_flag tried_direct_;  // readers of distinct ranges may come at the same time
};

int flags_of(const OpenOptions& options) {
  int flags = O_CLOEXEC | O_NOCTTY;
  if (options.links == Links::refuse) flags |= O_NOFOLLOW;
  switch (options.access) {
    case Access::read:
      // O_NONBLOCK: opening a named pipe must not hang; regular files ignore it.
      return flags | O_RDONLY | O_NONBLOCK;
    case Access::read_write:
      return flags | O_RDWR | O_NONBLOCK;
    case Access::create:
      return flags | O_RDWR | O_CREAT | O_EXCL;
    case Access::open_or_create:
      return flags | O_RDWR | O_CREAT | O_NONBLOCK;
  }
  return flags;
}

// Set after opening, because open(O_CREAT | O_DIRECT) may fail with EINVAL and leave the file behind.
bool make_direct(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_DIRECT) == 0;
}

int open_directory(const Path& path, const char* action) {
  const int fd = retry([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) fail(action, path);
  return fd;
}

// Some file systems do not tell types in listings; then one lstat does.
FileType type_of(DIR* directory, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return FileType::regular;
    case DT_DIR:
      return FileType::directory;
    case DT_LNK:
      return FileType::symlink;
    case DT_UNKNOWN:
      break;
    default:
      return FileType::other;
  }
  struct stat status {};
  if (::fstatat(::dirfd(directory), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return FileType::other;
  return type_of(status.st_mode);
}

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> open(const Path& path, const OpenOptions& options) override {
    const int flags = flags_of(options);
    Descriptor fd(retry([&] { return ::open(path.c_str(), flags, options.mode); }));
    if (fd.get() < 0) fail((flags & O_EXCL) != 0 ? "create" : "open", path);
    Caching granted = options.caching;
    if (granted == Caching::direct && !make_direct(fd.get())) granted = Caching::buffered;
    auto file = std::make_unique<PosixFile>(fd.get(), path, granted);
    fd.release();
    return file;
  }

  std::optional<FileInfo> stat(const Path& path) override {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) return info_of(status);
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail("look at", path);
  }

  std::vector<DirectoryEntry> list(const Path& directory) override {
    Descriptor fd(open_directory(directory, "list"));
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.get()), ::closedir);
    if (!stream) fail("list", directory);
    fd.release();
    std::vector<DirectoryEntry> entries;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      entries.push_back({std::string(name), type_of(stream.get(), *entry)});
    }
    if (errno != 0) fail("list", directory);
    return entries;
  }

  void make_directory(const Path& path, std::uint32_t mode) override {
    check(::mkdir(path.c_str(), mode), "make folder", path);
  }

  void rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return;
    throw system_error(errno, "rename '" + from.string() + "' to", to.string());
  }

  void link(const Path& from, const Path& to) override {
    if (::link(from.c_str(), to.c_str()) == 0) return;
    throw system_error(errno, "link '" + from.string() + "' to", to.string());
  }

  void make_symlink(const std::string& target, const Path& path) override {
    check(::symlink(target.c_str(), path.c_str()), "make link", path);
  }

  std::string read_symlink(const Path& path) override {
    // Linux caps a target at PATH_MAX (4096); a full buffer may have been cut, so it grows once more.
    for (std::string target(4096, '\0');; target.resize(target.size() * 2)) {
      const auto size = ::readlink(path.c_str(), target.data(), target.size());
      if (size < 0) fail("read link", path);
      if (static_cast<std::size_t>(size) == target.size()) continue;
      target.resize(static_cast<std::size_t>(size));
      return target;
    }
  }

  void remove(const Path& path) override { check(::unlink(path.c_str()), "remove", path); }

  void remove_directory(const Path& path) override { check(::rmdir(path.c_str()), "remove folder", path); }

  void sync_directory(const Path& path) override {
    const Descriptor fd(open_directory(path, "sync folder"));
    // EINVAL: this file system has no way to sync a folder (some network ones), so there is nothing to wait
    // for.
    if (::fsync(fd.get()) != 0 && errno != EINVAL) fail("sync folder", path);
  }

  void sync_all(const Path& path) override {
    const Descriptor fd(retry([&] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); }));
    if (fd.get() < 0) fail("sync the file system of", path);
    check(::syncfs(fd.get()), "sync the file system of", path);
  }
};

}  // namespace

FileSystem& posix() {
  static PosixFileSystem file_system;
  return file_system;
}

}  // namespace axon::fs

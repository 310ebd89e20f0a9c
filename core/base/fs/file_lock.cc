#include "core/base/fs/file_lock.h"

#include <thread>

#include "core/base/error.h"

namespace axon::fs {

namespace {

// nullptr: a read-only place without a lock file, where nobody can write and so nobody can lock us out.
std::unique_ptr<File> open_lock_file(FileSystem& fs, const Path& path, LockMode mode) {
  try {
    return fs.open(path, {.access = Access::open_or_create});
  } catch (const Error& error) {
    if (mode == LockMode::exclusive || error.code() != ErrorCode::permission) throw;
  }
  try {
    return fs.open(path, {.access = Access::read});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return nullptr;
  }
}

}  // namespace

FileLock::FileLock(FileSystem& fs, const Path& path, LockMode mode, std::chrono::milliseconds timeout,
                   const CancelToken& cancel)
    : file_(open_lock_file(fs, path, mode)) {
  if (!file_) return;
  // flock could wait by itself, but then neither a timeout nor a cancellation would end it.
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!file_->try_lock(mode)) {
    cancel.throw_if_cancelled();
    if (std::chrono::steady_clock::now() >= deadline) {
      throw Error(ErrorCode::locked, "cannot lock '" + path.string() + "'")
          .because("another process holds it")
          .hint("wait for the other command to finish, or wait longer with `--lock-timeout SECONDS`");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace axon::fs

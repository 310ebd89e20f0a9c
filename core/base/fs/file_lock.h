// FileLock: a flock held for as long as the object lives. The lock file is created when absent and never
// removed, because removing a lock file races with those who wait on it.
#pragma once

#include <chrono>
#include <memory>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/fs/file_system.h"

namespace axon::fs {

class FileLock {
 public:
  // Tries every 20 ms until `timeout` has passed, then throws Error(locked) that names the path; a zero
  // timeout tries once. On a read-only file system a shared lock is taken on the file if it exists, else not
  // at all.
  FileLock(FileSystem& fs, const Path& path, LockMode mode, std::chrono::milliseconds timeout,
           const CancelToken& cancel);

 private:
  std::unique_ptr<File> file_;
};

}  // namespace axon::fs

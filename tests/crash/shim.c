/* An LD_PRELOAD library that makes the N-th system call that changes files fail, or ends the process at it: also for
 * the calls that libgit2 and SQLite make themselves, which axon's own file-system seam does not see.
 *
 *   AXON_SHIM_MODE   count | eio | enospc | short | kill     (short: half of a write, then ENOSPC)
 *   AXON_SHIM_AT     N, from 1; the N-th call is struck
 *   AXON_SHIM_LOG    a file that gets one line "N function site" for each call, where site tells call sites apart
 *
 * Only regular files and directories count: terminals, pipes and sockets do not. One counter for all threads. Reads are
 * not struck. Memory-mapped writes (SQLite's shared memory) cannot be seen here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode { kOff, kCount, kEio, kEnospc, kShort, kKill };

static atomic_long counter;
static enum mode mode_now;
static long strike_at;
static int log_fd = -1;

__attribute__((constructor)) static void start(void) {
  const char* mode = getenv("AXON_SHIM_MODE");
  const char* at = getenv("AXON_SHIM_AT");
  const char* log = getenv("AXON_SHIM_LOG");
  if (mode == NULL) return;
  strike_at = at != NULL ? atol(at) : 0;
  if (log != NULL) log_fd = (int)syscall(SYS_open, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  mode_now = !strcmp(mode, "eio")      ? kEio
             : !strcmp(mode, "enospc") ? kEnospc
             : !strcmp(mode, "short")  ? kShort
             : !strcmp(mode, "kill")   ? kKill
                                       : kCount;
}

static int counts(int fd) {
  struct stat info;
  if (fd == log_fd || fstat(fd, &info) != 0) return 0;
  return S_ISREG(info.st_mode) || S_ISDIR(info.st_mode);
}

/* A call site as offset in its module, so that it is the same in every run. */
static void log_call(long number, const char* function, void* site) {
  char line[256];
  Dl_info info;
  const char* module = "?";
  unsigned long offset = 0;
  if (dladdr(site, &info) != 0 && info.dli_fname != NULL) {
    const char* slash = strrchr(info.dli_fname, '/');
    module = slash != NULL ? slash + 1 : info.dli_fname;
    offset = (unsigned long)((char*)site - (char*)info.dli_fbase);
  }
  int length = snprintf(line, sizeof line, "%ld %s %s+%lx\n", number, function, module, offset);
  if (length > 0) syscall(SYS_write, log_fd, line, (size_t)length);
}

/* True when this call is the one to strike. */
static int struck(const char* function, void* site) {
  if (mode_now == kOff) return 0;
  long number = atomic_fetch_add(&counter, 1) + 1;
  if (log_fd >= 0) log_call(number, function, site);
  if (mode_now == kCount || number != strike_at) return 0;
  if (mode_now == kKill) syscall(SYS_kill, getpid(), SIGKILL);
  errno = mode_now == kEio ? EIO : ENOSPC;
  return 1;
}

#define SITE __builtin_return_address(0)

ssize_t write(int fd, const void* data, size_t size) {
  if (mode_now != kOff && counts(fd) && struck("write", SITE)) {
    return mode_now == kShort && size > 1 ? syscall(SYS_write, fd, data, size / 2) : -1;
  }
  return syscall(SYS_write, fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  if (mode_now != kOff && counts(fd) && struck("pwrite", SITE)) {
    return mode_now == kShort && size > 1 ? syscall(SYS_pwrite64, fd, data, size / 2, offset) : -1;
  }
  return syscall(SYS_pwrite64, fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  if (mode_now != kOff && counts(fd) && struck("pwrite64", SITE)) {
    return mode_now == kShort && size > 1 ? syscall(SYS_pwrite64, fd, data, size / 2, offset) : -1;
  }
  return syscall(SYS_pwrite64, fd, data, size, offset);
}

int fsync(int fd) { return struck("fsync", SITE) ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return struck("fdatasync", SITE) ? -1 : (int)syscall(SYS_fdatasync, fd); }
int syncfs(int fd) { return struck("syncfs", SITE) ? -1 : (int)syscall(SYS_syncfs, fd); }
int rename(const char* from, const char* to) {
  return struck("rename", SITE) ? -1 : (int)syscall(SYS_rename, from, to);
}
int renameat(int from_fd, const char* from, int to_fd, const char* to) {
  return struck("renameat", SITE) ? -1 : (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
}
int link(const char* from, const char* to) { return struck("link", SITE) ? -1 : (int)syscall(SYS_link, from, to); }
int symlink(const char* target, const char* path) {
  return struck("symlink", SITE) ? -1 : (int)syscall(SYS_symlink, target, path);
}
int unlink(const char* path) { return struck("unlink", SITE) ? -1 : (int)syscall(SYS_unlink, path); }
int rmdir(const char* path) { return struck("rmdir", SITE) ? -1 : (int)syscall(SYS_rmdir, path); }
int mkdir(const char* path, mode_t mode) {
  return struck("mkdir", SITE) ? -1 : (int)syscall(SYS_mkdir, path, mode);
}
int ftruncate(int fd, off_t size) { return struck("ftruncate", SITE) ? -1 : (int)syscall(SYS_ftruncate, fd, size); }
int ftruncate64(int fd, off64_t size) {
  return struck("ftruncate64", SITE) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

static int creates(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (creates(flags) && struck("open", SITE)) return -1;
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (creates(flags) && struck("open64", SITE)) return -1;
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

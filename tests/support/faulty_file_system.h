// FaultyFileSystem: a FileSystem in which things go wrong when a test says so.
//
// It stands over another one (normally fs::posix() on a temporary folder), counts every call, and can
//   - fail the N-th call:               fail_at(n, Fault::no_space)
//   - kill the process at the N-th:     die_at(n), in a forked child
//   - cut the power at the N-th:        cut_power_at(n), then restore_durable_state()
//   - leave out the N-th sync, rename:  skip_at(CallKind::sync, n), silently; combines with the others
// All calls of the FileSystem and of its Files count (kinds below), in the order in which they arrive; N
// counts from 1 after the last `reset`, so calls made before the plan count too. A call that fails, kills or
// cuts has no effect, but for the half of a short write. A typical loop:
//
//   for (std::uint64_t n = 1;; ++n) {
//     TempDir folder;
//     prepare(folder);                                    // through fs::posix(): durable
//     FaultyFileSystem faulty(fs::posix(), folder.path());
//     faulty.cut_power_at(n);
//     try { act(faulty); } catch (const PowerCut&) {} catch (const Error&) {}
//     if (!faulty.fired()) break;                         // fewer than n calls: every point was tried
//     faulty.restore_durable_state();
//     check(folder);                                      // old or new, and the next run succeeds
//   }
//
// What is durable when is told in durable_disk.h. Thread-safe; Files must not outlive it.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/fs/file_system.h"
#include "tests/support/durable_disk.h"

namespace axon::test {

enum class CallKind {
  // of the FileSystem; `create` is an open that may make a file
  open,
  create,
  stat,
  list,
  make_directory,
  rename,
  link,
  make_symlink,
  read_symlink,
  remove,
  remove_directory,
  sync_directory,
  sync_all,
  // of a File; closing by the destructor is no call, as it cannot fail
  read_at,
  write_at,
  resize,
  sync,
  info,
  set_mode,
  try_lock,
  next_data,
  close,
};
const char* to_string(CallKind kind);

// Which calls a fault can strike, and so what its N counts.
enum class Fault {
  io_error,       // EIO, any call
  no_space,       // ENOSPC, any call that may need space: those that make, rename, write, grow or sync
  short_write,    // a write_at writes half, then ENOSPC
  fsync_failure,  // EIO from a sync, sync_directory or sync_all; the data written before are lost for good
};
enum class Repeat { once, sticky };  // sticky: each later call that it can strike fails too

// Thrown by the call at which the power goes and by every later one. No axon::Error, because nothing may
// handle it: it stands for a program that is no longer running.
struct PowerCut : std::runtime_error {
  PowerCut() : std::runtime_error("the power is cut") {}
};

struct Call {
  CallKind kind;
  fs::Path path;  // of rename and link: what is new
};

class FaultyFileSystem : public fs::FileSystem {
 public:
  static constexpr int kDeathExitCode = 42;

  // `root`, an existing folder, and what is below it can be restored after a power cut.
  FaultyFileSystem(fs::FileSystem& inner, const fs::Path& root);

  // One of these three at a time; the last one counts.
  void fail_at(std::uint64_t n, Fault fault, Repeat repeat = Repeat::once);
  void die_at(std::uint64_t n);  // _exit(kDeathExitCode)
  void cut_power_at(std::uint64_t n);
  // The n-th sync, sync_directory, sync_all or rename does nothing and reports success.
  void skip_at(CallKind kind, std::uint64_t n);
  // True once the fault, the cut or the skip has happened (with both: the fault or cut).
  bool fired() const;

  // Forgets counts, calls and plans; the power is back. What is durable stays as it is.
  void reset();
  // All that is there now is durable.
  void settle();
  // The root becomes what a disk would hold if the power went now (or at the cut), and then as after `reset`.
  void restore_durable_state(Unsynced unsynced = Unsynced::lost);
  void restore_without_names_in(const fs::Path& folder);  // the same; see durable_disk.h

  std::uint64_t calls() const;
  // How often the calls that `fault` can strike were made: the bound of a loop over them.
  std::uint64_t calls(Fault fault) const;
  std::map<CallKind, std::uint64_t> counts() const;
  std::vector<Call> log() const;
  // "sync '/tmp/…/packs/ab.pack'": names the n-th call of that kind in a message.
  std::string label(CallKind kind, std::uint64_t n) const;
  // Syncs of a file after one of its syncs had failed: a rule is broken when it is not 0.
  std::uint64_t syncs_after_failure() const { return syncs_after_failure_; }

  std::unique_ptr<fs::File> open(const fs::Path& path, const fs::OpenOptions& options) override;
  std::optional<fs::FileInfo> stat(const fs::Path& path) override;
  std::vector<fs::DirectoryEntry> list(const fs::Path& directory) override;
  void make_directory(const fs::Path& path, std::uint32_t mode) override;
  void rename(const fs::Path& from, const fs::Path& to) override;
  void link(const fs::Path& from, const fs::Path& to) override;
  void make_symlink(const std::string& target, const fs::Path& path) override;
  std::string read_symlink(const fs::Path& path) override;
  void remove(const fs::Path& path) override;
  void remove_directory(const fs::Path& path) override;
  void sync_directory(const fs::Path& path) override;
  void sync_all(const fs::Path& path) override;

 private:
  class FaultyFile;
  enum class Plan { none, fail, die, cut_power };
  enum class Verdict { proceed, skip, fail_midway };

  // Counts the call and does to it what is planned. `fail_midway`: a short write or a failing sync, whose
  // effects only the call itself knows.
  Verdict arrive(CallKind kind, const fs::Path& path);
  bool is_due(CallKind kind) const;
  Verdict strike(CallKind kind, const fs::Path& path);
  Error failure(CallKind kind, const fs::Path& path) const;
  std::uint64_t count_of(Fault fault) const;
  void plan(Plan what, std::uint64_t n);

  fs::FileSystem& inner_;
  mutable std::mutex mutex_;  // of all below but disk_
  Plan plan_ = Plan::none;
  std::uint64_t at_ = 0;
  Fault fault_ = Fault::io_error;
  Repeat repeat_ = Repeat::once;
  std::optional<std::pair<CallKind, std::uint64_t>> skip_;
  bool struck_ = false, skipped_ = false, power_is_cut_ = false;
  std::vector<Call> log_;
  std::map<CallKind, std::uint64_t> counts_;
  std::atomic<std::uint64_t> syncs_after_failure_{0};

  std::mutex disk_mutex_;  // held while a call changes something, so that disk_ sees the true order
  DurableDisk disk_;
};

}  // namespace axon::test

#include "tests/support/faulty_file_system.h"

#include <unistd.h>

#include <cerrno>

#include "core/base/error.h"

namespace axon::test {

namespace {

bool is_sync(CallKind kind) {
  return kind == CallKind::sync || kind == CallKind::sync_directory || kind == CallKind::sync_all;
}

bool needs_space(CallKind kind) {
  switch (kind) {
    case CallKind::create:
    case CallKind::make_directory:
    case CallKind::rename:
    case CallKind::link:
    case CallKind::make_symlink:
    case CallKind::write_at:
    case CallKind::resize:
      return true;
    default:
      return is_sync(kind);
  }
}

bool can_strike(Fault fault, CallKind kind) {
  switch (fault) {
    case Fault::io_error:
      return true;
    case Fault::no_space:
      return needs_space(kind);
    case Fault::short_write:
      return kind == CallKind::write_at;
    case Fault::fsync_failure:
      return is_sync(kind);
  }
  return false;
}

Error error_of(Fault fault, CallKind kind, const fs::Path& path) {
  const bool full = fault == Fault::no_space || fault == Fault::short_write;
  return system_error(full ? ENOSPC : EIO, to_string(kind), path.string()).because("a test made it fail");
}

}  // namespace

const char* to_string(CallKind kind) {
  static constexpr const char* kNames[] = {"open",
                                           "create",
                                           "stat",
                                           "list",
                                           "make_directory",
                                           "rename",
                                           "link",
                                           "make_symlink",
                                           "read_symlink",
                                           "remove",
                                           "remove_directory",
                                           "sync_directory",
                                           "sync_all",
                                           "read_at",
                                           "write_at",
                                           "resize",
                                           "sync",
                                           "info",
                                           "set_mode",
                                           "try_lock",
                                           "next_data",
                                           "close"};
  return kNames[static_cast<std::size_t>(kind)];
}

class FaultyFileSystem::FaultyFile final : public fs::File {
 public:
  FaultyFile(FaultyFileSystem& owner, std::unique_ptr<fs::File> inner, fs::Path path)
      : owner_(owner),
        inner_(std::move(inner)),
        path_(std::move(path)),
        key_(DurableDisk::key_of(inner_->info())) {}

  std::size_t read_at(std::uint64_t offset, MutableByteSpan into) override {
    owner_.arrive(CallKind::read_at, path_);
    return inner_->read_at(offset, into);
  }

  void write_at(std::uint64_t offset, ByteSpan from) override {
    const bool cut_short = owner_.arrive(CallKind::write_at, path_) == Verdict::fail_midway;
    if (cut_short) from = from.first(half(from.size()));
    {
      const std::lock_guard lock(owner_.disk_mutex_);
      owner_.disk_.will_write(key_, offset, from.size());
    }
    inner_->write_at(offset, from);
    if (cut_short) throw owner_.failure(CallKind::write_at, path_);
  }

  void resize(std::uint64_t size) override {
    owner_.arrive(CallKind::resize, path_);
    const std::lock_guard lock(owner_.disk_mutex_);
    owner_.disk_.will_resize(key_, *inner_, size);
    inner_->resize(size);
  }

  void sync() override {
    const auto verdict = owner_.arrive(CallKind::sync, path_);
    if (verdict == Verdict::skip) return;
    const std::lock_guard lock(owner_.disk_mutex_);
    if (verdict == Verdict::fail_midway) {
      owner_.disk_.sync_failed(key_);
      throw owner_.failure(CallKind::sync, path_);
    }
    if (owner_.disk_.has_failed(key_)) ++owner_.syncs_after_failure_;
    owner_.disk_.sync(key_, *inner_);
  }

  fs::FileInfo info() override {
    owner_.arrive(CallKind::info, path_);
    const std::lock_guard lock(owner_.disk_mutex_);
    return owner_.disk_.seen(inner_->info());
  }

  void set_mode(std::uint32_t mode) override {
    owner_.arrive(CallKind::set_mode, path_);
    inner_->set_mode(mode);
  }

  bool try_lock(fs::LockMode mode) override {
    owner_.arrive(CallKind::try_lock, path_);
    return inner_->try_lock(mode);
  }

  std::optional<std::uint64_t> next_data(std::uint64_t offset) override {
    owner_.arrive(CallKind::next_data, path_);
    return inner_->next_data(offset);
  }

  bool direct() const override { return inner_->direct(); }

  void close() override {
    owner_.arrive(CallKind::close, path_);
    inner_->close();
  }

 private:
  // Whole blocks where it can be, since a direct file takes nothing else.
  static std::size_t half(std::size_t size) {
    const auto blocks = size / 2 / AlignedBuffer::kAlignment * AlignedBuffer::kAlignment;
    return blocks != 0 || size >= AlignedBuffer::kAlignment ? blocks : size / 2;
  }

  FaultyFileSystem& owner_;
  std::unique_ptr<fs::File> inner_;
  fs::Path path_;
  DurableDisk::Key key_;
};

FaultyFileSystem::FaultyFileSystem(fs::FileSystem& inner, const fs::Path& root)
    : inner_(inner), disk_(inner, root) {}

// --- plans ---

void FaultyFileSystem::plan(Plan what, std::uint64_t n) {
  const std::lock_guard lock(mutex_);
  plan_ = what;
  at_ = n;
  struck_ = false;
}

void FaultyFileSystem::fail_at(std::uint64_t n, Fault fault, Repeat repeat) {
  plan(Plan::fail, n);
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  repeat_ = repeat;
}

void FaultyFileSystem::die_at(std::uint64_t n) {
  plan(Plan::die, n);
}

void FaultyFileSystem::cut_power_at(std::uint64_t n) {
  plan(Plan::cut_power, n);
}

void FaultyFileSystem::skip_at(CallKind kind, std::uint64_t n) {
  if (!is_sync(kind) && kind != CallKind::rename)
    throw std::invalid_argument(std::string("a ") + to_string(kind) + " cannot be skipped");
  const std::lock_guard lock(mutex_);
  skip_ = {kind, n};
}

bool FaultyFileSystem::fired() const {
  const std::lock_guard lock(mutex_);
  return plan_ == Plan::none ? skipped_ : struck_;
}

// --- what happened ---

std::uint64_t FaultyFileSystem::count_of(Fault fault) const {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : counts_) sum += can_strike(fault, kind) ? count : 0;
  return sum;
}

std::uint64_t FaultyFileSystem::calls() const {
  const std::lock_guard lock(mutex_);
  return log_.size();
}

std::uint64_t FaultyFileSystem::calls(Fault fault) const {
  const std::lock_guard lock(mutex_);
  return count_of(fault);
}

std::map<CallKind, std::uint64_t> FaultyFileSystem::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::vector<Call> FaultyFileSystem::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::string FaultyFileSystem::label(CallKind kind, std::uint64_t n) const {
  const std::lock_guard lock(mutex_);
  for (const auto& call : log_) {
    if (call.kind == kind && --n == 0) return std::string(to_string(kind)) + " '" + call.path.string() + "'";
  }
  return std::string("no such ") + to_string(kind);
}

void FaultyFileSystem::reset() {
  const std::lock_guard lock(mutex_);
  plan_ = Plan::none;
  skip_.reset();
  struck_ = skipped_ = power_is_cut_ = false;
  log_.clear();
  counts_.clear();
  syncs_after_failure_ = 0;
}

void FaultyFileSystem::settle() {
  const std::lock_guard lock(disk_mutex_);
  disk_.settle();
}

void FaultyFileSystem::restore_durable_state(Unsynced unsynced) {
  {
    const std::lock_guard lock(disk_mutex_);
    disk_.restore(unsynced);
  }
  reset();
}

void FaultyFileSystem::restore_without_names_in(const fs::Path& folder) {
  {
    const std::lock_guard lock(disk_mutex_);
    disk_.restore_without_names_in(folder);
  }
  reset();
}

// --- each call, as it arrives ---

FaultyFileSystem::Verdict FaultyFileSystem::arrive(CallKind kind, const fs::Path& path) {
  const std::lock_guard lock(mutex_);
  if (power_is_cut_) throw PowerCut();
  log_.push_back({kind, path});
  const auto nth_of_kind = ++counts_[kind];
  if (is_due(kind)) return strike(kind, path);
  if (!skip_ || *skip_ != std::pair(kind, nth_of_kind)) return Verdict::proceed;
  skipped_ = true;
  return Verdict::skip;
}

bool FaultyFileSystem::is_due(CallKind kind) const {
  if (plan_ == Plan::none) return false;
  if (plan_ != Plan::fail) return log_.size() == at_;
  if (!can_strike(fault_, kind)) return false;
  return count_of(fault_) == at_ || (struck_ && repeat_ == Repeat::sticky);
}

FaultyFileSystem::Verdict FaultyFileSystem::strike(CallKind kind, const fs::Path& path) {
  struck_ = true;
  // Not exit: a process that is killed runs no destructors and flushes nothing.
  if (plan_ == Plan::die) ::_exit(kDeathExitCode);
  if (plan_ == Plan::cut_power) {
    power_is_cut_ = true;
    throw PowerCut();
  }
  if (is_sync(kind) || fault_ == Fault::short_write) return Verdict::fail_midway;
  throw error_of(fault_, kind, path);
}

Error FaultyFileSystem::failure(CallKind kind, const fs::Path& path) const {
  const std::lock_guard lock(mutex_);
  return error_of(fault_, kind, path);
}

std::unique_ptr<fs::File> FaultyFileSystem::open(const fs::Path& path, const fs::OpenOptions& options) {
  const bool may_create =
      options.access == fs::Access::create || options.access == fs::Access::open_or_create;
  arrive(may_create ? CallKind::create : CallKind::open, path);
  const std::lock_guard lock(disk_mutex_);
  return std::make_unique<FaultyFile>(*this, disk_.open(path, options), path);
}

std::optional<fs::FileInfo> FaultyFileSystem::stat(const fs::Path& path) {
  arrive(CallKind::stat, path);
  const std::lock_guard lock(disk_mutex_);
  const auto info = inner_.stat(path);
  if (!info) return std::nullopt;
  return disk_.seen(*info);
}

std::vector<fs::DirectoryEntry> FaultyFileSystem::list(const fs::Path& directory) {
  arrive(CallKind::list, directory);
  return inner_.list(directory);
}

void FaultyFileSystem::make_directory(const fs::Path& path, std::uint32_t mode) {
  arrive(CallKind::make_directory, path);
  const std::lock_guard lock(disk_mutex_);
  disk_.make_directory(path, mode);
}

void FaultyFileSystem::rename(const fs::Path& from, const fs::Path& to) {
  if (arrive(CallKind::rename, to) == Verdict::skip) return;
  const std::lock_guard lock(disk_mutex_);
  disk_.rename(from, to);
}

void FaultyFileSystem::link(const fs::Path& from, const fs::Path& to) {
  arrive(CallKind::link, to);
  const std::lock_guard lock(disk_mutex_);
  disk_.link(from, to);
}

void FaultyFileSystem::make_symlink(const std::string& target, const fs::Path& path) {
  arrive(CallKind::make_symlink, path);
  const std::lock_guard lock(disk_mutex_);
  disk_.make_symlink(target, path);
}

std::string FaultyFileSystem::read_symlink(const fs::Path& path) {
  arrive(CallKind::read_symlink, path);
  return inner_.read_symlink(path);
}

void FaultyFileSystem::remove(const fs::Path& path) {
  arrive(CallKind::remove, path);
  const std::lock_guard lock(disk_mutex_);
  disk_.remove(path);
}

void FaultyFileSystem::remove_directory(const fs::Path& path) {
  arrive(CallKind::remove_directory, path);
  const std::lock_guard lock(disk_mutex_);
  disk_.remove_directory(path);
}

void FaultyFileSystem::sync_directory(const fs::Path& path) {
  const auto verdict = arrive(CallKind::sync_directory, path);
  if (verdict == Verdict::skip) return;
  if (verdict == Verdict::fail_midway) throw failure(CallKind::sync_directory, path);
  const std::lock_guard lock(disk_mutex_);
  disk_.sync_directory(path);
}

void FaultyFileSystem::sync_all(const fs::Path& path) {
  const auto verdict = arrive(CallKind::sync_all, path);
  if (verdict == Verdict::skip) return;
  const std::lock_guard lock(disk_mutex_);
  if (verdict == Verdict::fail_midway) {
    disk_.sync_all_failed();
    throw failure(CallKind::sync_all, path);
  }
  disk_.sync_all();
}

}  // namespace axon::test

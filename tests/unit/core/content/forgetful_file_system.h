// ForgetfulFileSystem: the real one, but for files that keep their length when told to change it, without a
// word.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fs/file_system.h"

namespace axon::content {

class ForgetfulFile final : public fs::File {
 public:
  explicit ForgetfulFile(std::unique_ptr<fs::File> inner) : inner_(std::move(inner)) {}
  void resize(std::uint64_t) override {}

  std::size_t read_at(std::uint64_t offset, MutableByteSpan into) override {
    return inner_->read_at(offset, into);
  }
  void write_at(std::uint64_t offset, ByteSpan from) override { inner_->write_at(offset, from); }
  void sync() override { inner_->sync(); }
  fs::FileInfo info() override { return inner_->info(); }
  void set_mode(std::uint32_t mode) override { inner_->set_mode(mode); }
  bool try_lock(fs::LockMode mode) override { return inner_->try_lock(mode); }
  std::optional<std::uint64_t> next_data(std::uint64_t offset) override { return inner_->next_data(offset); }
  bool direct() const override { return inner_->direct(); }
  void close() override { inner_->close(); }

 private:
  std::unique_ptr<fs::File> inner_;
};

class ForgetfulFileSystem final : public fs::FileSystem {
 public:
  std::unique_ptr<fs::File> open(const fs::Path& path, const fs::OpenOptions& options) override {
    return std::make_unique<ForgetfulFile>(real_.open(path, options));
  }

  std::optional<fs::FileInfo> stat(const fs::Path& path) override { return real_.stat(path); }
  std::vector<fs::DirectoryEntry> list(const fs::Path& directory) override { return real_.list(directory); }
  void make_directory(const fs::Path& path, std::uint32_t mode) override { real_.make_directory(path, mode); }
  void rename(const fs::Path& from, const fs::Path& to) override { real_.rename(from, to); }
  void link(const fs::Path& from, const fs::Path& to) override { real_.link(from, to); }
  void make_symlink(const std::string& target, const fs::Path& path) override {
    real_.make_symlink(target, path);
  }
  std::string read_symlink(const fs::Path& path) override { return real_.read_symlink(path); }
  void remove(const fs::Path& path) override { real_.remove(path); }
  void remove_directory(const fs::Path& path) override { real_.remove_directory(path); }
  void sync_directory(const fs::Path& path) override { real_.sync_directory(path); }
  void sync_all(const fs::Path& path) override { real_.sync_all(path); }

 private:
  fs::FileSystem& real_ = fs::posix();
};

}  // namespace axon::content

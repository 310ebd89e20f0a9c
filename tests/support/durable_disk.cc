#include "tests/support/durable_disk.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/base/error.h"

namespace axon::test {

namespace {

bool is_within(const fs::Path& path, const fs::Path& root) {
  const auto [at_root, at_path] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return at_root == root.end();
}

fs::Path without_trailing_slash(const fs::Path& path) {
  return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

fs::Path parent_of(const fs::Path& path) {
  const fs::Path parent = without_trailing_slash(path).parent_path();
  return parent.empty() ? fs::Path(".") : parent;
}

// Through a buffer and with bounds that direct files accept too.
Bytes read_range(fs::File& file, std::uint64_t begin, std::uint64_t end) {
  constexpr std::uint64_t kBlock = AlignedBuffer::kAlignment;
  const auto from = begin / kBlock * kBlock;
  AlignedBuffer buffer((end - from + kBlock - 1) / kBlock * kBlock);
  file.read_at(from, buffer.span());
  const auto range = buffer.span().subspan(begin - from, end - begin);
  return {range.begin(), range.end()};
}

bool may_write(fs::Access access) {
  return access != fs::Access::read;
}

}  // namespace

DurableDisk::DurableDisk(fs::FileSystem& real, const fs::Path& root)
    : real_(real),
      root_(without_trailing_slash(std::filesystem::absolute(root).lexically_normal())),
      canonical_root_(std::filesystem::weakly_canonical(root_)),
      graveyard_(fs::unique_path(canonical_root_.parent_path(),
                                 canonical_root_.filename().string() + ".graveyard-")) {}

DurableDisk::~DurableDisk() {
  try {
    fs::remove_all(real_, graveyard_);
  } catch (const Error&) {
    // Litter in a temporary folder is no reason to fail a test.
  }
}

bool DurableDisk::tracks(const fs::Path& path) const {
  const auto whole = std::filesystem::absolute(path).lexically_normal();
  return is_within(whole, root_) || is_within(whole, canonical_root_);
}

std::optional<DurableDisk::Binding> DurableDisk::lookup(const fs::Path& path) {
  const auto info = real_.stat(without_trailing_slash(path));
  if (!info) return std::nullopt;
  return Binding{info->type, key_of(*info)};
}

DurableDisk::Key DurableDisk::directory_of(const fs::Path& path) {
  const auto parent = parent_of(path);
  if (const auto info = real_.stat(parent); info && info->type == fs::FileType::directory)
    return key_of(*info);
  return key_of(real_.open(parent, {.links = fs::Links::follow})->info());
}

fs::Path DurableDisk::grave(const std::string& kind, const Key& key) {
  if (!real_.stat(graveyard_)) real_.make_directory(graveyard_);
  return graveyard_ / (kind + "-" + std::to_string(key.first) + "-" + std::to_string(key.second));
}

void DurableDisk::record(const Key& directory, const fs::Path& path, const std::optional<Binding>& was) {
  // Only the first change since the last sync tells what is durable.
  directories_[directory].try_emplace(without_trailing_slash(path).filename().string(), was);
}

void DurableDisk::keep(const Key& directory, const fs::Path& path, const Binding& binding) {
  // Folders are never removed, only buried. What a name leads to that has changed since the last sync never
  // comes back under it.
  if (binding.type == fs::FileType::directory || directories_[directory].contains(path.filename().string()) ||
      pins_.contains(binding.key))
    return;
  const auto at = grave("pin", binding.key);
  real_.link(path, at);
  pins_.emplace(binding.key, at);
}

std::unique_ptr<fs::File> DurableDisk::open(const fs::Path& path, const fs::OpenOptions& options) {
  if (!tracks(path)) return real_.open(path, options);
  const bool was_there = options.access == fs::Access::read || lookup(path).has_value();
  auto file = real_.open(path, options);
  if (!may_write(options.access)) return file;
  const auto info = file->info();
  if (!was_there) {
    // Not kept from before: the kernel gives the inode of a removed file to the next new one.
    files_[key_of(info)] = {};
    record(directory_of(path), path, std::nullopt);
  } else {
    files_.try_emplace(key_of(info), Content::durable(info.size));
  }
  return file;
}

void DurableDisk::make_directory(const fs::Path& path, std::uint32_t mode) {
  real_.make_directory(path, mode);
  if (!tracks(path)) return;
  directories_.erase(lookup(path).value().key);  // an inode of the same number may have had another life
  record(directory_of(path), path, std::nullopt);
}

void DurableDisk::rename(const fs::Path& from, const fs::Path& to) {
  if (!tracks(from) || !tracks(to)) return real_.rename(from, to);
  const auto moved = lookup(from), replaced = lookup(to);
  // Two names of one file: POSIX leaves both alone.
  if (!moved || (replaced && replaced->key == moved->key)) return real_.rename(from, to);
  const auto source = directory_of(from), target = directory_of(to);
  keep(source, from, *moved);
  if (replaced) {
    keep(target, to, *replaced);
    const bool replaces_empty_folder = replaced->type == fs::FileType::directory &&
                                       moved->type == fs::FileType::directory && real_.list(to).empty();
    if (replaces_empty_folder) bury_directory(to);
  }
  real_.rename(from, to);
  record(source, from, moved);
  record(target, to, replaced);
}

void DurableDisk::link(const fs::Path& from, const fs::Path& to) {
  real_.link(from, to);
  if (tracks(to)) record(directory_of(to), to, std::nullopt);
}

void DurableDisk::make_symlink(const std::string& target, const fs::Path& path) {
  real_.make_symlink(target, path);
  if (tracks(path)) record(directory_of(path), path, std::nullopt);
}

void DurableDisk::remove(const fs::Path& path) {
  if (!tracks(path)) return real_.remove(path);
  const auto was = lookup(path);
  if (!was || was->type == fs::FileType::directory) return real_.remove(path);
  const auto directory = directory_of(path);
  keep(directory, path, *was);
  real_.remove(path);
  record(directory, path, was);
}

void DurableDisk::bury_directory(const fs::Path& path) {
  real_.rename(path, grave("folder", lookup(path).value().key));
}

void DurableDisk::remove_directory(const fs::Path& path) {
  const auto was = lookup(path);
  const bool can = was && was->type == fs::FileType::directory && real_.list(path).empty();
  if (!can || !tracks(path)) return real_.remove_directory(path);
  const auto directory = directory_of(path);
  bury_directory(path);
  record(directory, path, was);
}

void DurableDisk::will_write(const Key& file, std::uint64_t offset, std::uint64_t size) {
  const auto found = files_.find(file);
  if (found == files_.end() || size == 0) return;
  auto& content = found->second;
  content.size = std::max(content.size, offset + size);
  const auto end = std::min(offset + size, content.durable_size);
  if (offset >= end) return;
  auto& known = content.dirty[offset];
  known = std::max(known, end);
}

void DurableDisk::will_resize(const Key& file, fs::File& open, std::uint64_t size) {
  const auto found = files_.find(file);
  if (found == files_.end()) return;
  auto& content = found->second;
  content.size = size;
  const auto known_from = content.cut.empty() ? content.durable_size : content.cut_from;
  if (size >= known_from) return;
  Bytes cut = read_range(open, size, known_from);
  cut.insert(cut.end(), content.cut.begin(), content.cut.end());
  content.cut = std::move(cut);
  content.cut_from = size;
}

void DurableDisk::sync(const Key& file, fs::File& open) {
  const auto found = files_.find(file);
  if (found == files_.end()) return open.sync();
  if (!found->second.lost) found->second = Content::durable(found->second.size);
}

void DurableDisk::sync_directory(const fs::Path& path) {
  if (!tracks(path)) return real_.sync_directory(path);
  const auto info = real_.open(path, {.links = fs::Links::follow})->info();
  if (info.type != fs::FileType::directory) throw system_error(ENOTDIR, "sync folder", path.string());
  directories_.erase(key_of(info));
}

void DurableDisk::sync_failed(const Key& file) {
  if (const auto found = files_.find(file); found != files_.end()) found->second.lost = true;
}

bool DurableDisk::has_failed(const Key& file) const {
  const auto found = files_.find(file);
  return found != files_.end() && found->second.lost;
}

void DurableDisk::sync_all_failed() {
  for (auto& [key, content] : files_) content.lost = content.lost || content.is_dirty();
}

void DurableDisk::sync_all() {
  for (auto& [key, content] : files_) {
    if (!content.lost) content = Content::durable(content.size);
  }
  forget_changes();
}

void DurableDisk::settle() {
  for (auto& [key, content] : files_) content = Content::durable(content.size);
  forget_changes();
}

void DurableDisk::forget_changes() {
  directories_.clear();
  pins_.clear();
  fs::remove_all(real_, graveyard_);
}

fs::FileInfo DurableDisk::seen(fs::FileInfo info) const {
  if (pins_.contains(key_of(info))) --info.links;
  return info;
}

}  // namespace axon::test

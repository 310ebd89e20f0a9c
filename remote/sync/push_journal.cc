#include "remote/sync/push_journal.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "remote/sync/lazy_file.h"
#include "remote/sync/log_json.h"

namespace axon::sync {

namespace {

constexpr std::uint64_t kMaxJournal = std::uint64_t{16} << 20;

ListedPack read_line(const std::string& line) {
  const auto json = parse_json(line, "a push journal");
  StrictObject object(json, "a push journal");
  const auto pack = read_pack(object);
  object.finish();
  if (const auto problem = problem_of_pack(pack)) refuse_document("a push journal", *problem);
  return pack;
}

}  // namespace

PushJournal::PushJournal(fs::FileSystem& fs, fs::Path folder, const std::string& remote_id)
    : fs_(fs), folder_(std::move(folder)), prefix_(remote_id + ".push-") {
  if (!fs::exists(fs_, folder_)) return;
  for (const auto& entry : fs_.list(folder_)) {
    if (entry.type == fs::FileType::regular && entry.name.starts_with(prefix_) &&
        take_over(folder_ / entry.name))
      return;
  }
}

// False when its push is still running, or has just finished.
bool PushJournal::take_over(const fs::Path& path) {
  try {
    auto file = fs_.open(path, {.access = fs::Access::read_write});
    if (!file->try_lock(fs::LockMode::exclusive)) return false;
    const auto info = file->info();
    const auto there = fs_.stat(path);
    if (!there || there->inode != info.inode || info.size > kMaxJournal) return false;
    std::string text(info.size, '\0');
    text.resize(file->read_at(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
    file_ = std::move(file);
    path_ = path;
    read(text);
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) return false;
    throw;
  }
}

// Takes the lines up to the first that is not whole.
void PushJournal::read(const std::string& text) {
  try {
    for (std::size_t at = 0;;) {
      const auto end = text.find('\n', at);
      if (end == std::string::npos) return;
      const auto line = text.substr(at, end - at);
      packs_.push_back(read_line(line));
      size_ = at = end + 1;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) throw;
  }
}

void PushJournal::write_line(const std::string& line) {
  if (!file_) {
    make_folder_lazily(fs_, folder_);
    path_ = fs::unique_path(folder_, prefix_);
    file_ = fs_.open(path_, {.access = fs::Access::create});
    // Nobody else has had the time to look at it, but a lock is what tells them that we live.
    file_->try_lock(fs::LockMode::exclusive);
  }
  const auto bytes = line + "\n";
  file_->resize(size_);
  file_->write_at(size_, as_bytes(bytes));
  size_ += bytes.size();
}

void PushJournal::record(const ListedPack& pack) {
  if (std::ranges::find(packs_, pack) != packs_.end()) return;
  write_line(canonical_json(pack_to_json(pack)));
  packs_.push_back(pack);
}

void PushJournal::finish() noexcept {
  try {
    if (file_) fs_.remove(path_);
  } catch (...) {
  }
  file_.reset();
  size_ = 0;
}

}  // namespace axon::sync

#include <vector>

#include "core/base/error.h"
#include "tests/support/durable_disk.h"

namespace axon::test {

namespace {

constexpr std::byte kGarbage{0xdb};

// Opens for writing whatever the mode says; the mode is put back by the caller.
std::unique_ptr<fs::File> open_writable(fs::FileSystem& real, const fs::Path& path, std::uint32_t mode) {
  if ((mode & 0200) == 0) real.open(path, {})->set_mode(mode | 0600);
  return real.open(path, {.access = fs::Access::read_write});
}

}  // namespace

// One run of `restore`. Folders are found by their inode, wherever they have been moved to meanwhile, and
// keep being found while they are moved back.
class DurableDisk::Restoration {
 public:
  explicit Restoration(DurableDisk& disk) : disk_(disk), real_(disk.real_) {
    walk(disk.canonical_root_, key_of(real_.stat(disk.canonical_root_).value()));
    if (!real_.stat(disk.graveyard_)) real_.make_directory(disk.graveyard_);
    graveyard_ = key_of(real_.stat(disk.graveyard_).value());
    walk(disk.graveyard_, graveyard_);
  }

  void forget_removals() {
    for (auto& [directory, changes] : disk_.directories_) {
      if (!folders_.contains(directory)) continue;
      const auto folder = path_of(directory);
      std::erase_if(changes,
                    [&](const auto& change) { return change.second && !real_.stat(folder / change.first); });
    }
  }

  void entries() {
    for (const auto& [directory, changes] : disk_.directories_) {
      for (const auto& [name, was] : changes) take_away(directory, name, was);
    }
    for (const auto& [directory, changes] : disk_.directories_) {
      for (const auto& [name, was] : changes) bring_back(directory, name, was);
    }
  }

  // After `entries`, because only files that still have a name matter.
  void data() { data_below(disk_.canonical_root_); }

 private:
  // Where a folder is: in which folder, by which name. The two tops have a whole path instead.
  struct Place {
    std::optional<Key> parent;
    fs::Path name;
  };

  void walk(const fs::Path& path, const Key& key) {
    folders_[key] = {std::nullopt, path};
    std::vector<std::pair<fs::Path, Key>> open{{path, key}};
    while (!open.empty()) {
      const auto [at, parent] = open.back();
      open.pop_back();
      for (const auto& entry : real_.list(at)) {
        if (entry.type != fs::FileType::directory) continue;
        const auto child = key_of(real_.stat(at / entry.name).value());
        folders_[child] = {parent, entry.name};
        open.emplace_back(at / entry.name, child);
      }
    }
  }

  fs::Path path_of(const Key& folder) const {
    const auto& place = folders_.at(folder);
    return place.parent ? path_of(*place.parent) / place.name : place.name;
  }

  bool is_buried(Key folder) const {
    while (const auto parent = folders_.at(folder).parent) folder = *parent;
    return folder == graveyard_;
  }

  void move(const fs::Path& from, const Key& to_folder, const std::string& name,
            const std::optional<Key>& folder) {
    real_.rename(from, path_of(to_folder) / name);
    if (folder) folders_[*folder] = {to_folder, name};
  }

  static std::optional<Key> folder_key(const fs::FileInfo& info) {
    if (info.type != fs::FileType::directory) return std::nullopt;
    return key_of(info);
  }

  // What the name leads to now goes to the graveyard, unless it is what it should be.
  void take_away(const Key& directory, const std::string& name, const std::optional<Binding>& was) {
    if (!folders_.contains(directory)) return;
    const auto path = path_of(directory) / name;
    const auto now = real_.stat(path);
    if (!now || (was && was->key == key_of(*now))) return;
    move(path, graveyard_, "gone-" + std::to_string(++gone_), folder_key(*now));
  }

  void bring_back(const Key& directory, const std::string& name, const std::optional<Binding>& was) {
    if (!was || !folders_.contains(directory)) return;
    const auto path = path_of(directory) / name;
    if (real_.stat(path)) return;
    if (was->type != fs::FileType::directory) return real_.link(disk_.pins_.at(was->key), path);
    // A folder that can still be reached has a durable name elsewhere: it was moved, and that was synced.
    if (!is_buried(was->key)) return;
    move(path_of(was->key), directory, name, was->key);
  }

  void data_below(const fs::Path& folder) {
    for (const auto& entry : real_.list(folder)) {
      const auto path = folder / entry.name;
      if (entry.type == fs::FileType::directory) data_below(path);
      if (entry.type != fs::FileType::regular) continue;
      const auto info = real_.stat(path).value();
      // Twice the same for a file with two names, which changes nothing.
      const auto found = disk_.files_.find(key_of(info));
      if (found == disk_.files_.end() || !found->second.is_dirty()) continue;
      restore_content(path, info, found->second);
    }
  }

  void restore_content(const fs::Path& path, const fs::FileInfo& info, const Content& content) {
    const auto file = open_writable(real_, path, info.mode);
    file->resize(content.durable_size);
    if (!content.cut.empty()) file->write_at(content.cut_from, content.cut);
    for (const auto& [begin, end] : content.dirty) file->write_at(begin, Bytes(end - begin, kGarbage));
    file->set_mode(info.mode);
    file->close();
  }

  DurableDisk& disk_;
  fs::FileSystem& real_;
  Key graveyard_;
  std::map<Key, Place> folders_;
  std::uint64_t gone_ = 0;
};

void DurableDisk::restore(Unsynced unsynced) {
  Restoration restoration(*this);
  if (unsynced == Unsynced::removals_survive) restoration.forget_removals();
  if (unsynced != Unsynced::entries_survive) restoration.entries();
  if (unsynced != Unsynced::data_survives) restoration.data();
  files_.clear();
  forget_changes();
}

void DurableDisk::restore_without_names_in(const fs::Path& folder) {
  const auto info = real_.stat(folder);
  std::erase_if(directories_, [&](const auto& entry) { return !info || entry.first != key_of(*info); });
  Restoration(*this).entries();
  files_.clear();
  forget_changes();
}

}  // namespace axon::test

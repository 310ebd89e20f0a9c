// A folder on a disk whose power can be cut, and short words for what one does there.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "tests/support/durable_disk.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::test {

class PowerCutTest : public testing::Test {
 protected:
  fs::Path at(const std::string& name) { return name.empty() ? root() : root() / name; }
  fs::Path root() { return folder_ / "disk"; }

  PowerCutTest() { fs::posix().make_directory(folder_ / "disk"); }

  std::unique_ptr<fs::File> open(const std::string& name) {
    return disk_->open(at(name), {.access = fs::Access::open_or_create});
  }
  // Writes without syncing anything.
  void write(const std::string& name, const std::string& text, std::uint64_t offset = 0) {
    open(name)->write_at(offset, as_bytes(text));
  }
  void write_synced(const std::string& name, const std::string& text) {
    auto file = open(name);
    file->write_at(0, as_bytes(text));
    file->sync();
  }
  // A file that is on the disk with its name.
  void write_durable(const std::string& name, const std::string& text) {
    write_synced(name, text);
    sync(fs::Path(name).parent_path().string());
  }
  void make(const std::string& name) { disk_->make_directory(at(name), 0755); }
  void rename(const std::string& from, const std::string& to) { disk_->rename(at(from), at(to)); }
  void remove(const std::string& name) { disk_->remove(at(name)); }
  void sync(const std::string& folder) { disk_->sync_directory(at(folder)); }
  void cut_power(Unsynced unsynced = Unsynced::lost) { disk_->restore_durable_state(unsynced); }

  // The tree as text: "a=content b/ b/c=…", sorted; links as "l->target".
  std::string tree() { return tree_of(root(), ""); }
  std::string tree_of(const fs::Path& folder, const std::string& prefix) {
    std::map<std::string, std::string> items;
    for (const auto& entry : fs::posix().list(folder)) {
      const auto path = folder / entry.name;
      const auto name = prefix + entry.name;
      if (entry.type == fs::FileType::directory) {
        items[name] = name + "/ " + tree_of(path, name + "/");
      } else if (entry.type == fs::FileType::symlink) {
        items[name] = name + "->" + fs::posix().read_symlink(path) + " ";
      } else {
        items[name] = name + "=" + std::string(as_text(fs::read_file(fs::posix(), path, 1 << 20))) + " ";
      }
    }
    std::string text;
    for (const auto& [name, item] : items) text += item;
    return text;
  }

  TempDir folder_;
  std::unique_ptr<FaultyFileSystem> disk_ =
      std::make_unique<FaultyFileSystem>(fs::posix(), (fs::posix().stat(folder_ / "disk"), folder_ / "disk"));
};

inline const std::string kGarbage(1, '\xdb');

}  // namespace axon::test

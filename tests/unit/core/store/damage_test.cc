// A random bit of every 16th byte of a whole store is flipped, one at a time: what is handed out afterwards
// is right, or nothing is. Ordinarily a seeded sample; AXON_TEST_LONG=1 takes every one.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/store/fsck.h"
#include "tests/unit/core/store/store_fixture.h"
#include "tests/unit/core/store/version_maker.h"

namespace axon::store {
namespace {

constexpr int kRight = 0, kDetected = 1, kWrongBytes = 2;
constexpr unsigned kMostSeconds = 20;

class DamageTest : public StoreFixture {
 protected:
  DamageTest() {
    versions[0] = {{"large.bin", noise(20'000, 1)}, {"config.json", Bytes(300, std::byte{'a'})}};
    versions[1] = {{"large.bin", noise(24'000, 2)}, {"config.json", Bytes(400, std::byte{'b'})}};
    ids[0] = commit_version(*store, "refs/heads/a/b", versions[0], folder.path(), std::nullopt, cancel);
    ids[1] = commit_version(*store, "refs/heads/a/b", versions[1], folder.path(), ids[0], cancel);
    store.reset();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root())) {
      if (entry.is_regular_file() && entry.file_size() > 0) {
        pristine[entry.path()] = fs::read_file(fs::posix(), entry.path(), std::uint64_t{1} << 30);
      }
    }
  }

  // What a child sees of the damaged store.
  int look() {
    try {
      Store damaged(environment, root(), StoreOptions{});
      for (int i = 0; i < 2; ++i) {
        if (read_files(damaged, ids[i], folder.path(), cancel) != versions[i]) return kWrongBytes;
      }
      const auto ref = damaged.history().ref("refs/heads/a/b");
      if (!ref) return kDetected;
      return ref->commit == ids[1] ? kRight : kWrongBytes;
    } catch (const Error&) {
      return kDetected;
    }
  }

  int look_in_child() {
    const pid_t child = fork();
    if (child == 0) {
      alarm(kMostSeconds);
      _exit(look());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
  }

  void restore_store() {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root())) {
      if (entry.is_regular_file() && !pristine.contains(entry.path())) std::filesystem::remove(entry.path());
    }
    for (const auto& [path, bytes] : pristine) {
      std::ofstream file(path, std::ios::binary);
      file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
  }

  void flip(const fs::Path& path, std::size_t offset, unsigned bit) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    const auto byte = pristine[path][offset] ^ (std::byte{1} << bit);
    file.put(static_cast<char>(byte));
  }

  FileMap versions[2];
  GitId ids[2];
  std::map<fs::Path, Bytes> pristine;
};

TEST_F(DamageTest, AFlippedBitIsDetectedOrHarmless) {
  std::mt19937 engine(1);
  std::vector<std::pair<fs::Path, std::size_t>> places;
  std::size_t total = 0;
  for (const auto& [path, bytes] : pristine) {
    total += bytes.size();
    for (std::size_t at = 0; at < bytes.size(); at += 16) places.emplace_back(path, at);
  }
  EXPECT_LE(total, 128u * 1024);
  std::shuffle(places.begin(), places.end(), engine);
  if (std::getenv("AXON_TEST_LONG") == nullptr) places.resize(std::min<std::size_t>(places.size(), 250));
  for (const auto& [path, offset] : places) {
    const unsigned bit = engine() % 8;
    flip(path, offset, bit);
    const int outcome = look_in_child();
    EXPECT_TRUE(outcome == kRight || outcome == kDetected)
        << path << " byte " << offset << " bit " << bit << ": outcome " << outcome;
    restore_store();
  }
}

TEST_F(DamageTest, ATruncatedFileIsDetectedOrHarmless) {
  for (const auto& [path, bytes] : pristine) {
    for (const std::size_t size : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
      std::filesystem::resize_file(path, size);
      const int outcome = look_in_child();
      EXPECT_TRUE(outcome == kRight || outcome == kDetected)
          << path << " cut to " << size << ": outcome " << outcome;
      restore_store();
    }
  }
}

TEST_F(DamageTest, ALostIndexIsHarmless) {
  for (const char* name : {"index.db", "index.db-wal", "index.db-shm"})
    std::filesystem::remove(root() / name);
  EXPECT_EQ(look_in_child(), kRight);
}

TEST_F(DamageTest, TheIndexOfAnotherStoreIsHarmless) {
  Store::create(environment, folder / "other");
  {
    Store other(environment, folder / "other", StoreOptions{});
    commit_version(other, "refs/heads/x/y", {{"large", noise(9'000, 9)}}, folder.path(), std::nullopt,
                   cancel);
  }
  for (const char* name : {"index.db-wal", "index.db-shm"}) std::filesystem::remove(root() / name);
  std::filesystem::copy_file(folder / "other" / "index.db", root() / "index.db",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(look_in_child(), kRight);
}

TEST_F(DamageTest, AStaleIndexIsHarmless) {
  const auto index = pristine[root() / "index.db"];
  open();
  const FileMap third{{"large.bin", noise(30'000, 3)}};
  const auto id = commit_version(*store, "refs/heads/a/b", third, folder.path(), ids[1], cancel);
  store.reset();
  for (const char* name : {"index.db-wal", "index.db-shm"}) std::filesystem::remove(root() / name);
  std::ofstream(root() / "index.db", std::ios::binary)
      .write(reinterpret_cast<const char*>(index.data()), static_cast<std::streamsize>(index.size()));
  open();
  EXPECT_EQ(read_files(*store, id, folder.path(), cancel), third);
}

class FsckTest : public DamageTest {};

TEST_F(FsckTest, ASoundStoreIsClean) {
  open();
  const auto report = fsck(*store, content::CheckDepth::full, no_progress(), cancel);
  EXPECT_TRUE(report.damage.empty()) << report.damage[0].subject << ": " << report.damage[0].problem;
  EXPECT_EQ(report.commits, 2u);
  EXPECT_EQ(report.files, 2u);
}

TEST_F(FsckTest, NamesAVersionThatIsNotWhatItsCommitSays) {
  open();
  const auto id = commit_lie(*store, "refs/heads/a/b", ids[1], cancel);
  const auto report = fsck(*store, content::CheckDepth::structure, no_progress(), cancel);
  ASSERT_EQ(report.damage.size(), 1u);
  EXPECT_NE(report.damage[0].subject.find(id.hex()), std::string::npos);
}

TEST_F(FsckTest, NamesAFileThatLostItsPack) {
  for (const auto& [path, bytes] : pristine) {
    if (path.extension() == ".pack" && path.string().find("/git/") == std::string::npos)
      std::filesystem::remove(path);
  }
  open();
  const auto report = fsck(*store, content::CheckDepth::structure, no_progress(), cancel);
  EXPECT_EQ(report.damage.size(), 2u);
}

}  // namespace
}  // namespace axon::store

// Every call of a write fails, or is the last one before the power goes: the object is absent or whole, what
// was acknowledged lasts, and the next writer succeeds.
#include <gtest/gtest.h>

#include <functional>

#include "core/base/error.h"
#include "remote/storage/adapters/local_directory.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::storage {
namespace {

using test::Fault;
using test::FaultyFileSystem;
using test::PowerCut;
using test::TempDir;
using test::Unsynced;

const Key kKey("packs/ab/object");

enum class Outcome { written, conflict, failed, unknown };

Outcome put(fs::FileSystem& fs, const fs::Path& root, std::string_view text, const Condition& condition) {
  LocalDirectory storage(fs, root);
  SpanSource source(as_bytes(text));
  try {
    return storage.write(kKey, source, condition).written ? Outcome::written : Outcome::conflict;
  } catch (const PowerCut&) {
    return Outcome::unknown;
  } catch (const Error& error) {
    return error.code() == ErrorCode::unknown_outcome ? Outcome::unknown : Outcome::failed;
  }
}

std::string get(const fs::Path& root) {
  LocalDirectory storage(fs::posix(), root);
  const auto found = read_object(storage, kKey, 64 << 20);
  return found ? std::string(as_text(*found)) : "(none)";
}

// Runs `each(n)` for n = 1, 2, … until it says that the n-th call was never made.
void for_every_call(const std::function<bool(std::uint64_t)>& each) {
  std::uint64_t n = 1;
  while (each(n)) {
    ASSERT_LT(++n, 1000u);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(n, 5u) << "the loop tried next to nothing";
}

// Large objects are written by another path: past the page cache, by a thread of their own.
enum class Size { small, large };
struct Sizes : testing::TestWithParam<Size> {
  bool large() const { return GetParam() == Size::large; }
  std::string text() const { return large() ? std::string((4 << 20) + 17, 'L') : "small"; }
};
INSTANTIATE_TEST_SUITE_P(Object, Sizes, testing::Values(Size::small, Size::large),
                         [](const auto& each) { return each.index == 0 ? "Small" : "Large"; });

TEST_P(Sizes, PutIfAbsentThatFailsIsAbsentOrWhole) {
  for (const auto fault : {Fault::io_error, Fault::no_space, Fault::short_write, Fault::fsync_failure}) {
    if (large() && fault == Fault::no_space) continue;  // as io_error, and it takes its time
    std::uint64_t struck = 0;
    for (std::uint64_t n = 1;; ++n) {
      const TempDir folder;
      FaultyFileSystem faulty(fs::posix(), folder.path());
      faulty.fail_at(n, fault);
      const auto outcome = put(faulty, folder.path(), text(), Condition::if_absent());
      if (!faulty.fired()) break;
      ++struck;
      const auto now = get(folder.path());
      if (outcome == Outcome::written) {
        EXPECT_TRUE(now == text());
      }
      if (outcome == Outcome::failed) {
        EXPECT_TRUE(now == "(none)") << n;
      }
      EXPECT_NE(outcome, Outcome::conflict);
      EXPECT_TRUE(now == "(none)" || now == text());
      EXPECT_EQ(faulty.syncs_after_failure(), 0u);
      if (now == "(none)") {
        EXPECT_EQ(put(fs::posix(), folder.path(), text(), Condition::if_absent()), Outcome::written);
      }
      EXPECT_TRUE(get(folder.path()) == text());
    }
    EXPECT_GT(struck, 0u);
  }
}

TEST_P(Sizes, PutIfAbsentSurvivesAPowerCutOnceAcknowledged) {
  for (const auto unsynced : {Unsynced::lost, Unsynced::entries_survive, Unsynced::data_survives}) {
    if (large() && unsynced == Unsynced::data_survives) continue;
    for_every_call([&](std::uint64_t n) {
      const TempDir folder;
      FaultyFileSystem faulty(fs::posix(), folder.path());
      faulty.cut_power_at(n);
      const auto outcome = put(faulty, folder.path(), text(), Condition::if_absent());
      const bool fired = faulty.fired();
      faulty.restore_durable_state(unsynced);
      const auto now = get(folder.path());
      EXPECT_TRUE(now == "(none)" || now == text()) << "cut at call " << n;
      if (outcome == Outcome::written) {
        EXPECT_TRUE(now == text()) << "cut at call " << n;
      }
      EXPECT_NE(put(fs::posix(), folder.path(), text(), Condition::if_absent()), Outcome::failed);
      EXPECT_TRUE(get(folder.path()) == text());
      return fired;
    });
  }
}

TEST(LocalDirectoryFaults, AConflictIsWithAnObjectThatLasts) {
  const TempDir folder;
  FaultyFileSystem faulty(fs::posix(), folder.path());
  // A first writer that has linked its object and comes no further.
  faulty.fail_at(1, Fault::fsync_failure);
  for (std::uint64_t n = 1; get(folder.path()) == "(none)"; ++n) {
    ASSERT_LT(n, 100u);
    faulty.reset();
    faulty.fail_at(n, Fault::fsync_failure);
    put(faulty, folder.path(), "first", Condition::if_absent());
  }
  faulty.reset();
  EXPECT_EQ(put(faulty, folder.path(), "second", Condition::if_absent()), Outcome::conflict);
  EXPECT_GT(faulty.counts()[test::CallKind::sync_directory], 0u);
}

TEST(LocalDirectoryFaults, AReplacementThatFailsLeavesTheOldObject) {
  for (const auto fault : {Fault::io_error, Fault::no_space, Fault::fsync_failure}) {
    std::uint64_t struck = 0;
    for (std::uint64_t n = 1;; ++n) {
      const TempDir folder;
      put(fs::posix(), folder.path(), "old", Condition::always());
      FaultyFileSystem faulty(fs::posix(), folder.path());
      faulty.fail_at(n, fault);
      const auto outcome = put(faulty, folder.path(), "new", Condition::always());
      if (!faulty.fired()) break;
      ++struck;
      const auto now = get(folder.path());
      if (outcome == Outcome::written) {
        EXPECT_EQ(now, "new");
      }
      if (outcome == Outcome::failed) {
        EXPECT_EQ(now, "old");
      }
      EXPECT_TRUE(now == "old" || now == "new");
    }
    EXPECT_GT(struck, 0u);
  }
}

TEST(LocalDirectoryFaults, AReplacementSurvivesAPowerCutOnceAcknowledged) {
  for (const auto unsynced : {Unsynced::lost, Unsynced::entries_survive, Unsynced::data_survives}) {
    for_every_call([&](std::uint64_t n) {
      const TempDir folder;
      put(fs::posix(), folder.path(), "old", Condition::always());
      FaultyFileSystem faulty(fs::posix(), folder.path());
      faulty.cut_power_at(n);
      const auto outcome = put(faulty, folder.path(), "new", Condition::always());
      const bool fired = faulty.fired();
      faulty.restore_durable_state(unsynced);
      const auto now = get(folder.path());
      EXPECT_TRUE(now == "old" || now == "new") << now;
      if (outcome == Outcome::written) {
        EXPECT_EQ(now, "new");
      }
      return fired;
    });
  }
}

TEST(LocalDirectoryFaults, ARemovalSurvivesAPowerCutOnceAcknowledged) {
  for_every_call([&](std::uint64_t n) {
    const TempDir folder;
    put(fs::posix(), folder.path(), "old", Condition::always());
    FaultyFileSystem faulty(fs::posix(), folder.path());
    faulty.cut_power_at(n);
    bool removed = false;
    try {
      LocalDirectory(faulty, folder.path()).remove(kKey);
      removed = true;
    } catch (const PowerCut&) {
    }
    const bool fired = faulty.fired();
    faulty.restore_durable_state();
    EXPECT_EQ(get(folder.path()), removed ? "(none)" : get(folder.path()));
    return fired;
  });
}

// What a mounted share does: `link` succeeds, its answer is lost, and the repeated request is told "exists".
class DoubtfulLink final : public fs::FileSystem {
 public:
  std::unique_ptr<fs::File> open(const fs::Path& path, const fs::OpenOptions& options) override {
    return real_.open(path, options);
  }
  std::optional<fs::FileInfo> stat(const fs::Path& path) override { return real_.stat(path); }
  std::vector<fs::DirectoryEntry> list(const fs::Path& path) override { return real_.list(path); }
  void make_directory(const fs::Path& path, std::uint32_t mode) override { real_.make_directory(path, mode); }
  void rename(const fs::Path& from, const fs::Path& to) override { real_.rename(from, to); }
  void link(const fs::Path& from, const fs::Path& to) override {
    real_.link(from, to);
    throw system_error(EEXIST, "link", to.string());
  }
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

TEST(LocalDirectoryFaults, TheLinkCountTellsTheWinnerWhenTheAnswerDoesNot) {
  const TempDir folder;
  DoubtfulLink mounted;
  EXPECT_EQ(put(mounted, folder.path(), "mine", Condition::if_absent()), Outcome::written);
  EXPECT_EQ(get(folder.path()), "mine");
}

}  // namespace
}  // namespace axon::storage

// Many processes and threads on one index.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "core/content/index.h"
#include "tests/unit/core/content/pack_fixture.h"

namespace axon::content {
namespace {

constexpr std::uint64_t kProcesses = 6, kPacksEach = 10, kFrames = 20;

PackFooter pack_number(std::uint64_t number) {
  PackFooter footer;
  footer.id = some_id<PackId>(number);
  std::uint64_t offset = kPackHeaderSize;
  for (std::uint64_t i = 0; i < kFrames; ++i) {
    auto entry = chunk_entry(number * kFrames + i, 100);
    entry.offset = offset;
    entry.stored = entry.raw;
    offset += entry.size();
    footer.entries.push_back(entry);
  }
  footer.pack_size = offset;
  return footer;
}

// Forks; each child runs `work` and the parent waits. A child that throws fails the test.
void in_processes(const std::function<void(std::uint64_t)>& work) {
  std::vector<pid_t> children;
  for (std::uint64_t number = 0; number < kProcesses; ++number) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        work(number);
        ::_exit(0);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "process %d: %s\n", static_cast<int>(number), error.what());
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
}

class IndexProcesses : public ::testing::Test {
 protected:
  fs::Path path() const { return folder_ / "index.db"; }
  void expect_all() {
    Index index(path(), IndexMode::read_write);
    EXPECT_EQ(index.packs().size(), kProcesses * kPacksEach);
    for (std::uint64_t number = 0; number < kProcesses * kPacksEach; ++number) {
      for (const auto& entry : pack_number(number).entries) ASSERT_TRUE(index.find(entry.id));
    }
  }
  test::TempDir folder_;
};

TEST_F(IndexProcesses, AddToOneThatNoneHasMadeYet) {
  in_processes([&](std::uint64_t process) {
    Index index(path(), IndexMode::read_write);
    for (std::uint64_t i = 0; i < kPacksEach; ++i) {
      const auto footer = pack_number(process * kPacksEach + i);
      index.add_packs({&footer, 1});
      if (!index.find(footer.entries[3].id)) throw std::runtime_error("own pack is not found");
    }
  });
  expect_all();
}

TEST_F(IndexProcesses, AddTheSamePacks) {
  in_processes([&](std::uint64_t) {
    Index index(path(), IndexMode::read_write);
    for (std::uint64_t number = 0; number < kProcesses * kPacksEach; ++number) {
      const auto footer = pack_number(number);
      index.add_packs({&footer, 1});
    }
  });
  expect_all();
}

TEST_F(IndexProcesses, RebuildADamagedOneAtOnce) {
  std::vector<PackFooter> all;
  for (std::uint64_t number = 0; number < kProcesses * kPacksEach; ++number)
    all.push_back(pack_number(number));
  for (std::uint64_t round = 0; round < 5; ++round) {
    overwrite(path(), some_bytes(20'000, round));
    in_processes([&](std::uint64_t process) {
      try {
        Index(path(), IndexMode::read_write);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::integrity) throw;
        rebuild_index(fs::posix(), path(), all);
      }
      Index index(path(), IndexMode::read_write);
      if (!index.find(all[process].entries[0].id)) throw std::runtime_error("a pack is not found");
      index.mark_verified(some_id<Oid>(1), some_id<RecipeId>(1));
    });
    expect_all();
  }
}

TEST_F(IndexProcesses, ReadWhileOthersWrite) {
  Index index(path(), IndexMode::read_write);
  std::thread writer([&] {
    Index other(path(), IndexMode::read_write);
    for (std::uint64_t number = 0; number < 60; ++number) {
      const auto footer = pack_number(number);
      other.add_packs({&footer, 1});
    }
  });
  for (std::uint64_t number = 0; number < 60;) {
    // A transaction is seen whole: with one frame of a pack, all of them.
    const auto entries = pack_number(number).entries;
    if (!index.find(entries.front().id)) continue;
    ASSERT_TRUE(index.find(entries.back().id));
    ASSERT_EQ(index.frames_of(some_id<PackId>(number)).size(), kFrames);
    ++number;
  }
  writer.join();
}

TEST_F(IndexProcesses, OneIndexServesManyThreads) {
  Index index(path(), IndexMode::read_write);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kProcesses; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < kPacksEach; ++i) {
        const auto footer = pack_number(thread * kPacksEach + i);
        index.add_packs({&footer, 1});
        EXPECT_TRUE(index.find(footer.entries[0].id));
        const FrameId ids[] = {footer.entries[1].id, footer.entries[2].id};
        EXPECT_TRUE(index.find_many(ids)[1]);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  expect_all();
}

}  // namespace
}  // namespace axon::content

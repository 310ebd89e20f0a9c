// The N-th call fails, for every N, while a pack is written; and the power goes at every N.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "tests/support/faulty_file_system.h"
#include "tests/unit/core/content/forgetful_file_system.h"
#include "tests/unit/core/content/pack_fixture.h"

namespace axon::content {
namespace {

using test::CallKind;
using test::Fault;
using test::FaultyFileSystem;

std::vector<PackedFrame> few_frames() {
  return {stored_frame(1, 3000), delta_frame(2, 900, 500), recipe_frame(3, 5000, some_id<Oid>(1))};
}
// Fills several buffers, so that the background thread writes.
std::vector<PackedFrame> many_frames() {
  std::vector<PackedFrame> frames;
  for (std::uint64_t i = 0; i < 14; ++i) frames.push_back(stored_frame(i, 1 << 20));
  return frames;
}

PackFooter write_through(fs::FileSystem& fs, const fs::Path& path, const std::vector<PackedFrame>& frames) {
  test::SeededRandom random;
  PackWriter writer(fs, path, random);
  for (const auto& frame : frames) writer.append(frame.entry, frame.payload);
  return writer.finish();
}

void expect_sound(const fs::Path& path, const PackFooter& footer) {
  PackReader reader(fs::posix(), path);
  ASSERT_EQ(reader.read_footer(footer.id).entries, footer.entries);
  Bytes memory;
  for (const auto& entry : footer.entries) reader.read_frame(entry, memory);
}

void fail_each_call(Fault fault, const std::vector<PackedFrame>& frames) {
  for (std::uint64_t n = 1;; ++n) {
    test::TempDir folder;
    FaultyFileSystem faulty(fs::posix(), folder.path());
    faulty.fail_at(n, fault);
    std::optional<PackFooter> footer;
    try {
      footer = write_through(faulty, folder / "pack", frames);
    } catch (const Error& error) {
      const bool space = fault == Fault::no_space || fault == Fault::short_write;
      EXPECT_EQ(error.code(), space ? ErrorCode::no_space : ErrorCode::io) << n << ": " << error.message();
    }
    ASSERT_EQ(footer.has_value(), !faulty.fired()) << "call " << n;
    EXPECT_EQ(faulty.syncs_after_failure(), 0U);
    if (footer) {
      expect_sound(folder / "pack", *footer);
      return;
    }
    EXPECT_FALSE(fs::exists(fs::posix(), folder / "pack")) << "call " << n;
    expect_sound(folder / "again", write_through(fs::posix(), folder / "again", few_frames()));
  }
}

TEST(PackFaults, AnyFailingCallFailsTheWriterAndLeavesNoFile) {
  fail_each_call(Fault::io_error, few_frames());
}
TEST(PackFaults, AFullDiskFailsTheWriterAndLeavesNoFile) {
  fail_each_call(Fault::no_space, few_frames());
}
TEST(PackFaults, AShortWriteFailsTheWriterAndLeavesNoFile) {
  fail_each_call(Fault::short_write, few_frames());
}
TEST(PackFaults, AFailingSyncFailsTheWriterAndLeavesNoFile) {
  fail_each_call(Fault::fsync_failure, few_frames());
}
TEST(PackFaults, AFailureInTheBackgroundFailsTheWriter) {
  fail_each_call(Fault::no_space, many_frames());
}

TEST(PackFaults, TheFileIsSyncedAndClosedOnce) {
  test::TempDir folder;
  FaultyFileSystem faulty(fs::posix(), folder.path());
  write_through(faulty, folder / "pack", few_frames());
  EXPECT_EQ(faulty.counts()[CallKind::sync], 1U);
  EXPECT_EQ(faulty.counts()[CallKind::close], 1U);
}

TEST(PackFaults, AFileOfAnotherLengthThanWrittenFailsTheWriter) {
  test::TempDir folder;
  ForgetfulFileSystem forgetful;  // the padding of the last block stays
  EXPECT_EQ(error_code_of([&] { write_through(forgetful, folder / "pack", few_frames()); }), ErrorCode::io);
  EXPECT_FALSE(fs::exists(fs::posix(), folder / "pack"));
}

TEST(PackFaults, AFailureIsRepeatedByEachFurtherCall) {
  test::TempDir folder;
  FaultyFileSystem faulty(fs::posix(), folder.path());
  test::SeededRandom random;
  PackWriter writer(faulty, folder / "pack", random);
  faulty.reset();
  faulty.fail_at(1, Fault::no_space);
  const auto frame = stored_frame(1, 1 << 20);
  const auto append = [&] { writer.append(frame.entry, frame.payload); };
  while (!faulty.fired()) {
    try {
      append();
    } catch (const Error&) {
    }
  }
  while (true) {  // the background thread's failure arrives with one of the next
    try {
      append();
    } catch (const Error&) {
      break;
    }
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(error_code_of(append), ErrorCode::no_space);
  EXPECT_EQ(error_code_of([&] { writer.finish(); }), ErrorCode::no_space);
  EXPECT_EQ(error_code_of([&] { writer.finish(); }), ErrorCode::no_space);
}

TEST(PackFaults, AFailureReachesEveryThread) {
  test::TempDir folder;
  FaultyFileSystem faulty(fs::posix(), folder.path());
  test::SeededRandom random;
  PackWriter writer(faulty, folder / "pack", random);
  faulty.reset();
  faulty.fail_at(1, Fault::io_error);
  const auto frame = stored_frame(1, 1 << 20);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] { EXPECT_THROW(for (;;) writer.append(frame.entry, frame.payload), Error); });
  }
  for (auto& thread : threads) thread.join();
}

// What a publisher does: the pack is finished, renamed, and the folder synced.
PackFooter publish(fs::FileSystem& fs, const fs::Path& folder) {
  auto footer = write_through(fs, folder / "temporary", few_frames());
  fs.rename(folder / "temporary", folder / "pack");
  fs.sync_directory(folder);
  return footer;
}

TEST(PackFaults, APowerCutLeavesTheWholePackOrNone) {
  for (const auto unsynced :
       {test::Unsynced::lost, test::Unsynced::entries_survive, test::Unsynced::data_survives}) {
    for (std::uint64_t n = 1;; ++n) {
      test::TempDir folder;
      FaultyFileSystem faulty(fs::posix(), folder.path());
      faulty.cut_power_at(n);
      std::optional<PackFooter> footer;
      try {
        footer = publish(faulty, folder.path());
      } catch (const test::PowerCut&) {
      }
      const bool cut = faulty.fired();
      faulty.restore_durable_state(unsynced);
      const bool there = fs::exists(fs::posix(), folder / "pack");
      if (there) PackReader(fs::posix(), folder / "pack").read_footer({});
      if (cut) continue;
      ASSERT_TRUE(there && footer);
      expect_sound(folder / "pack", *footer);
      break;
    }
  }
}

TEST(PackFaults, FailingReadsAreNotTakenForDamage) {
  test::TempDir folder;
  auto frames = few_frames();
  const auto footer = write_pack(folder / "pack", frames);
  for (std::uint64_t n = 1;; ++n) {
    FaultyFileSystem faulty(fs::posix(), folder.path());
    faulty.fail_at(n, Fault::io_error);
    try {
      PackReader reader(faulty, folder / "pack", fs::Caching::direct);
      Bytes memory;
      for (const auto& entry : reader.read_footer(footer.id).entries) reader.read_frame(entry, memory);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::io);
    }
    if (!faulty.fired()) break;
  }
}

}  // namespace
}  // namespace axon::content

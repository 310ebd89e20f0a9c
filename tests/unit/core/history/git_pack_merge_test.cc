#include "core/history/git_pack_merge.h"

#include <fstream>

#include "tests/support/faulty_file_system.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

class GitPackMergeTest : public HistoryFixture {
 protected:
  GitId add(int number) {
    last = commit({{"file", "content " + std::to_string(number)}},
                  last.is_zero() ? std::vector<GitId>{} : std::vector{last}, std::to_string(number) + "\n");
    return last;
  }
  PackMerge merge(MergeEffort effort = MergeEffort::few_fsyncs) {
    return merge_small_packs(fs::posix(), git_dir, random, CancelToken{}, effort);
  }
  std::vector<std::string> names_in_folder() {
    std::vector<std::string> names;
    for (const auto& entry : fs::posix().list(pack_folder(git_dir))) names.push_back(entry.name);
    return names;
  }
  GitId last;
};

TEST_F(GitPackMergeTest, LeavesFewPacksAfterManyCommits) {
  std::size_t most = 0;
  for (int number = 0; number < 400; ++number) {
    add(number);
    merge();
    most = std::max(most, packs().size());
  }
  EXPECT_LE(most, 20U);
  EXPECT_EQ(open().walk(std::vector{last}, {}).size(), 400U);
  set_ref("refs/heads/hf/bert", last);
  git({"fsck", "--strict"});
}

TEST_F(GitPackMergeTest, WaitsUntilItIsWorthIt) {
  for (int number = 0; number < 7; ++number) add(number);
  EXPECT_EQ(merge().objects_copied, 0U);
  EXPECT_EQ(packs().size(), 7U);
  const auto merged = merge(MergeEffort::thorough);
  EXPECT_EQ(merged.packs_before, 7U);
  EXPECT_EQ(merged.packs_after, 1U);
  EXPECT_EQ(merged.objects_copied, 21U);
  EXPECT_EQ(packs().size(), 1U);
  EXPECT_EQ(names_in_folder().size(), 2U);
}

TEST_F(GitPackMergeTest, LeavesALargePackAlone) {
  std::string noise(100'000, '\0');
  random.fill({reinterpret_cast<std::byte*>(noise.data()), noise.size()});
  commit({{"large", noise}});
  const auto large = packs().at(0);
  for (int number = 0; number < 10; ++number) add(number);
  merge();
  EXPECT_TRUE(fs::exists(fs::posix(), large));
  EXPECT_EQ(packs().size(), 2U);
}

TEST_F(GitPackMergeTest, DoesNothingTwice) {
  for (int number = 0; number < 12; ++number) add(number);
  merge();
  EXPECT_EQ(merge(MergeEffort::thorough).objects_copied, 0U);
}

TEST_F(GitPackMergeTest, StoresAnObjectOfManyPacksOnce) {
  for (int number = 0; number < 9; ++number) {
    GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
    writer.add(ObjectType::blob, as_bytes("shared"));
    writer.add(ObjectType::blob, as_bytes(std::to_string(number)));
    writer.finish();
  }
  EXPECT_EQ(merge().objects_copied, 10U);
}

TEST_F(GitPackMergeTest, SparesPacksThatAreKeptOrHaveDeltas) {
  for (int number = 0; number < 10; ++number) add(number);
  std::ofstream(fs::Path(packs().at(0)).replace_extension(".keep")) << "";
  merge();
  EXPECT_EQ(packs().size(), 2U);
  set_ref("refs/heads/hf/bert", last);
  git({"repack", "-adf"});
  for (int number = 10; number < 20; ++number) add(number);
  merge();
  reopen();
  EXPECT_EQ(open().walk(std::vector{last}, {}).size(), 20U);
}

TEST_F(GitPackMergeTest, StopsAtDamageAndRemovesNothing) {
  for (int number = 0; number < 8; ++number) add(number);
  const auto victim = packs().at(3);
  auto bytes = fs::read_file(fs::posix(), victim, 1 << 20);
  bytes[30] ^= std::byte{1};
  std::filesystem::remove(victim);
  std::ofstream(victim, std::ios::binary) << as_text(bytes);
  EXPECT_EQ(error_of([&] { merge(); }), ErrorCode::integrity);
  EXPECT_EQ(packs().size(), 8U);
  EXPECT_EQ(names_in_folder().size(), 16U);
}

TEST_F(GitPackMergeTest, StopsWhenCancelled) {
  for (int number = 0; number < 8; ++number) add(number);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(error_of([&] { merge_small_packs(fs::posix(), git_dir, random, cancel); }),
            ErrorCode::interrupted);
  EXPECT_EQ(names_in_folder().size(), 16U);
}

class GitPackMergeFaults : public GitPackMergeTest, public testing::WithParamInterface<test::Fault> {};

TEST_P(GitPackMergeFaults, LoseNothing) {
  for (int number = 0; number < 8; ++number) add(number);
  const auto saved = dir / "saved";
  std::filesystem::copy(git_dir, saved, std::filesystem::copy_options::recursive);
  for (std::uint64_t n = 1;; ++n) {
    test::FaultyFileSystem faulty(fs::posix(), dir.path());
    faulty.fail_at(n, GetParam());
    const auto code = error_of([&] { merge_small_packs(faulty, git_dir, random, CancelToken{}); });
    if (!faulty.fired()) break;
    EXPECT_EQ(faulty.syncs_after_failure(), 0U);
    reopen();
    EXPECT_EQ(open().walk(std::vector{last}, {}).size(), 8U) << n << (code ? " failed" : "");
    EXPECT_NO_THROW(sweep_pack_folder(fs::posix(), git_dir));
    EXPECT_NO_THROW(merge(MergeEffort::thorough)) << n;
    open().refresh();
    EXPECT_EQ(open().walk(std::vector{last}, {}).size(), 8U) << n;
    EXPECT_LE(packs().size(), 2U) << n;  // one that was half removed may be back, small beside the other
    std::filesystem::remove_all(git_dir);
    std::filesystem::copy(saved, git_dir, std::filesystem::copy_options::recursive);
  }
}
INSTANTIATE_TEST_SUITE_P(Every, GitPackMergeFaults,
                         testing::Values(test::Fault::io_error, test::Fault::no_space,
                                         test::Fault::fsync_failure));

TEST_F(GitPackMergeTest, LosesNothingWhenThePowerGoes) {
  for (int number = 0; number < 8; ++number) add(number);
  const auto saved = dir / "saved";
  std::filesystem::copy(git_dir, saved, std::filesystem::copy_options::recursive);
  for (std::uint64_t n = 1;; ++n) {
    test::FaultyFileSystem faulty(fs::posix(), dir.path());
    faulty.cut_power_at(n);
    try {
      merge_small_packs(faulty, git_dir, random, CancelToken{});
    } catch (const test::PowerCut&) {
    }
    const bool cut = faulty.fired();
    faulty.restore_durable_state();
    reopen();
    EXPECT_EQ(open().walk(std::vector{last}, {}).size(), 8U) << n;
    if (!cut) break;
    std::filesystem::remove_all(git_dir);
    std::filesystem::copy(saved, git_dir, std::filesystem::copy_options::recursive);
  }
}

TEST_F(GitPackMergeTest, SweepsWhatCrashesLeave) {
  add(1);
  const auto folder = pack_folder(git_dir);
  for (const char* name : {"tmp_pack_0123", "tmp_idx_0123", ".tmp-0123", "pack-0123.idx"})
    std::ofstream(folder / name) << "12345";
  std::filesystem::remove(fs::Path(packs().at(0)).replace_extension(".idx"));
  EXPECT_EQ(sweep_pack_folder(fs::posix(), git_dir), 20U);
  EXPECT_EQ(names_in_folder().size(), 2U);
  git({"fsck", "--strict"});
}

}  // namespace
}  // namespace axon::history

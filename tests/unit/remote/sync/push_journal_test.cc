#include "remote/sync/push_journal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"
#include "tests/unit/remote/sync/log_builder.h"

namespace axon::sync {
namespace {

class PushJournalTest : public testing::Test {
 protected:
  PushJournal open(const std::string& remote = "aa") { return {fs::posix(), folder_ / "remotes", remote}; }
  std::vector<fs::Path> files() {
    std::vector<fs::Path> found;
    if (!fs::exists(fs::posix(), folder_ / "remotes")) return found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "remotes")) found.push_back(entry);
    return found;
  }
  test::TempDir folder_;
};

TEST_F(PushJournalTest, WritesNothingBeforeTheFirstPack) {
  auto journal = open();
  EXPECT_TRUE(journal.packs().empty());
  EXPECT_TRUE(files().empty());
}

TEST_F(PushJournalTest, RemembersWhatWasSent) {
  {
    auto journal = open();
    journal.record(content_pack(1));
    journal.record(history_pack(2));
    journal.record(content_pack(1));
  }
  EXPECT_EQ(open().packs(), (std::vector<ListedPack>{content_pack(1), history_pack(2)}));
}

TEST_F(PushJournalTest, GoesOnInTheSameFile) {
  { open().record(content_pack(1)); }
  { open().record(content_pack(2)); }
  EXPECT_EQ(open().packs().size(), 2u);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(PushJournalTest, IsGoneWhenThePushIsDone) {
  auto journal = open();
  journal.record(content_pack(1));
  journal.finish();
  EXPECT_TRUE(files().empty());
}

TEST_F(PushJournalTest, TakesOverNothingOfAPushThatRuns) {
  auto running = open();
  running.record(content_pack(1));
  auto other = open();
  EXPECT_TRUE(other.packs().empty());
  other.record(content_pack(2));
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(PushJournalTest, TakesOverNothingOfAnotherRemote) {
  { open("aa").record(content_pack(1)); }
  EXPECT_TRUE(open("bb").packs().empty());
}

TEST_F(PushJournalTest, CutsOffATornLine) {
  { open().record(content_pack(1)); }
  std::ofstream(files().front(), std::ios::app) << "{\"footer\":100,\"id\":\"31";
  {
    auto journal = open();
    EXPECT_EQ(journal.packs(), std::vector<ListedPack>{content_pack(1)});
    journal.record(content_pack(2));
  }
  EXPECT_EQ(open().packs().size(), 2u);
}

TEST_F(PushJournalTest, PassesOverLinesThatMeanNothing) {
  { open().record(content_pack(1)); }
  std::ofstream(files().front(), std::ios::app) << "{}\n";
  EXPECT_EQ(open().packs(), std::vector<ListedPack>{content_pack(1)});
}

}  // namespace
}  // namespace axon::sync

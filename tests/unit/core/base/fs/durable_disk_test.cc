// What a power cut leaves of data, names and folders: one rule of durable_disk.h after the other.
#include "tests/unit/core/base/fs/power_cut_fixture.h"

namespace axon::test {
namespace {

// --- data ---

TEST_F(PowerCutTest, KeepsWhatIsSynced) {
  write_durable("a", "text");
  cut_power();
  EXPECT_EQ(tree(), "a=text ");
}

TEST_F(PowerCutTest, EmptiesAFileThatWasNeverSynced) {
  write("a", "text");
  sync("");
  cut_power();
  EXPECT_EQ(tree(), "a= ");
}

TEST_F(PowerCutTest, CutsOffWhatWasAppendedSinceTheSync) {
  write_durable("a", "text");
  write("a", " and more", 4);
  cut_power();
  EXPECT_EQ(tree(), "a=text ");
}

TEST_F(PowerCutTest, TurnsWhatWasOverwrittenSinceTheSyncIntoGarbage) {
  write_durable("a", "0123456789");
  write("a", "xy", 2);
  write("a", "zzzz", 8);
  cut_power();
  EXPECT_EQ(tree(), "a=01" + kGarbage + kGarbage + "4567" + kGarbage + kGarbage + " ");
}

TEST_F(PowerCutTest, TreatsWhatWasThereBeforeAsDurable) {
  fs::write_file_atomically(fs::posix(), at("a"), as_bytes("0123"));
  write("a", "x", 1);
  write("a", "45", 4);
  cut_power();
  EXPECT_EQ(tree(), "a=0" + kGarbage + "23 ");
}

TEST_F(PowerCutTest, BringsBackWhatWasCutOffSinceTheSync) {
  write_durable("a", "0123456789");
  auto file = open("a");
  file->resize(6);
  file->resize(3);
  cut_power();
  EXPECT_EQ(tree(), "a=0123456789 ");
}

TEST_F(PowerCutTest, DropsWhatWasWrittenWhereTheFileHadBeenCutOff) {
  write_durable("a", "0123456789");
  auto file = open("a");
  file->resize(4);
  file->write_at(4, as_bytes("xxxxxxxxxxxx"));
  cut_power();
  EXPECT_EQ(tree(), "a=0123" + kGarbage + kGarbage + kGarbage + kGarbage + kGarbage + kGarbage + " ");
}

TEST_F(PowerCutTest, KeepsASyncedCut) {
  write_durable("a", "0123456789");
  auto file = open("a");
  file->resize(3);
  file->sync();
  cut_power();
  EXPECT_EQ(tree(), "a=012 ");
}

TEST_F(PowerCutTest, TakesBackUnsyncedGrowth) {
  write_durable("a", "01");
  open("a")->resize(100);
  cut_power();
  EXPECT_EQ(tree(), "a=01 ");
}

TEST_F(PowerCutTest, TracksDirectFilesToo) {
  {
    auto file = disk_->open(at("a"), {.access = fs::Access::create, .caching = fs::Caching::direct});
    AlignedBuffer buffer(8192);
    std::fill_n(buffer.data(), buffer.capacity(), std::byte{'a'});
    file->write_at(0, buffer.span());
    file->resize(5000);
    file->sync();
    file->write_at(0, buffer.span().first(4096));
    file->resize(100);
  }
  sync("");
  cut_power();
  std::string expected(5000, 'a');
  std::fill_n(expected.begin(), 4096, '\xdb');
  EXPECT_EQ(tree(), "a=" + expected + " ");
}

TEST_F(PowerCutTest, SyncsAFileThroughAnyOfItsDescriptors) {
  auto writer = open("a");
  writer->write_at(0, as_bytes("text"));
  disk_->open(at("a"), {})->sync();
  sync("");
  cut_power();
  EXPECT_EQ(tree(), "a=text ");
}

TEST_F(PowerCutTest, FollowsAFileThroughItsRenames) {
  write("a", "text");
  auto file = open("a");
  rename("a", "b");
  sync("");
  file->sync();
  write("b", "!", 4);
  cut_power();
  EXPECT_EQ(tree(), "b=text ");
}

TEST_F(PowerCutTest, RestoresReadOnlyFilesAndTheirMode) {
  write("a", "text");
  open("a")->set_mode(0444);
  sync("");
  cut_power();
  EXPECT_EQ(tree(), "a= ");
  EXPECT_EQ(fs::posix().stat(at("a"))->mode, 0444u);
}

// --- names ---

TEST_F(PowerCutTest, ForgetsANewFileWhoseFolderWasNotSynced) {
  write_synced("a", "text");
  cut_power();
  EXPECT_EQ(tree(), "");
}

TEST_F(PowerCutTest, KnowsThatSyncingAFileDoesNotSaveItsName) {
  write_durable("kept", "x");
  write_synced("a", "text");
  disk_->open(at("a"), {})->sync();
  cut_power();
  EXPECT_EQ(tree(), "kept=x ");
}

TEST_F(PowerCutTest, BringsBackARemovedFile) {
  write_durable("a", "text");
  remove("a");
  cut_power();
  EXPECT_EQ(tree(), "a=text ");
}

TEST_F(PowerCutTest, KeepsARemovalWhoseFolderWasSynced) {
  write_durable("a", "text");
  remove("a");
  sync("");
  cut_power();
  EXPECT_EQ(tree(), "");
}

TEST_F(PowerCutTest, BringsBackAReplacedFile) {
  write_durable("a", "old");
  write_synced("new", "new");
  rename("new", "a");
  EXPECT_EQ(tree(), "a=new ");
  cut_power();
  EXPECT_EQ(tree(), "a=old ");
}

TEST_F(PowerCutTest, KeepsAReplacementWhoseFolderWasSynced) {
  write_durable("a", "old");
  write_synced("new", "new");
  rename("new", "a");
  sync("");
  cut_power();
  EXPECT_EQ(tree(), "a=new ");
}

TEST_F(PowerCutTest, BringsBackTheFirstOfManyReplacedFiles) {
  write_durable("a", "first");
  for (int i = 0; i < 5; ++i) {
    write_synced("new", "later");
    rename("new", "a");
  }
  cut_power();
  EXPECT_EQ(tree(), "a=first ");
}

TEST_F(PowerCutTest, UndoesARename) {
  write_durable("a", "text");
  rename("a", "b");
  cut_power();
  EXPECT_EQ(tree(), "a=text ");
}

TEST_F(PowerCutTest, UndoesAChainOfRenames) {
  write_durable("a", "1");
  write_durable("b", "2");
  rename("a", "tmp");
  rename("b", "a");
  rename("tmp", "b");
  EXPECT_EQ(tree(), "a=2 b=1 ");
  cut_power();
  EXPECT_EQ(tree(), "a=1 b=2 ");
}

TEST_F(PowerCutTest, FindsAFileUnderBothNamesWhenOnlyItsNewFolderWasSynced) {
  make("from");
  make("to");
  sync("");
  write_durable("from/a", "text");
  rename("from/a", "to/a");
  sync("to");
  cut_power();
  EXPECT_EQ(tree(), "from/ from/a=text to/ to/a=text ");
}

TEST_F(PowerCutTest, LosesAFileWhoseOldFolderAloneWasSynced) {
  make("from");
  make("to");
  sync("");
  write_durable("from/a", "text");
  rename("from/a", "to/a");
  sync("from");
  cut_power();
  EXPECT_EQ(tree(), "from/ to/ ");
}

TEST_F(PowerCutTest, UndoesHardLinksAndSymbolicLinks) {
  write_durable("a", "text");
  disk_->link(at("a"), at("b"));
  disk_->make_symlink("a", at("l"));
  cut_power();
  EXPECT_EQ(tree(), "a=text ");
}

TEST_F(PowerCutTest, BringsBackRemovedAndReplacedSymbolicLinks) {
  disk_->make_symlink("one", at("live"));
  disk_->make_symlink("two", at("gone"));
  sync("");
  disk_->make_symlink("three", at("new"));
  rename("new", "live");
  remove("gone");
  cut_power();
  EXPECT_EQ(tree(), "gone->two live->one ");
}

TEST_F(PowerCutTest, HidesItsOwnLinksFromLinkCounts) {
  write_durable("a", "text");
  disk_->link(at("a"), at("b"));
  remove("a");
  EXPECT_EQ(disk_->stat(at("b"))->links, 1u);
  EXPECT_EQ(disk_->open(at("b"), {})->info().links, 1u);
}

TEST_F(PowerCutTest, LeavesARenameToAnotherNameOfTheSameFileAlone) {
  write_durable("a", "text");
  disk_->link(at("a"), at("b"));
  sync("");
  rename("a", "b");
  EXPECT_EQ(tree(), "a=text b=text ");
  cut_power();
  EXPECT_EQ(tree(), "a=text b=text ");
}

// --- folders ---

TEST_F(PowerCutTest, ForgetsANewFolderWithAllThatIsInIt) {
  make("d");
  make("d/e");
  write_durable("d/e/a", "text");
  sync("d");
  cut_power();
  EXPECT_EQ(tree(), "");
}

TEST_F(PowerCutTest, KeepsAFolderButNotItsNewEntries) {
  make("d");
  sync("");
  write_synced("d/a", "text");
  cut_power();
  EXPECT_EQ(tree(), "d/ ");
}

TEST_F(PowerCutTest, BringsBackARemovedFolder) {
  make("d");
  sync("");
  write_durable("d/a", "text");
  remove("d/a");
  disk_->remove_directory(at("d"));
  EXPECT_EQ(tree(), "");
  cut_power();
  EXPECT_EQ(tree(), "d/ d/a=text ");
}

TEST_F(PowerCutTest, BringsBackAWholeRemovedTree) {
  make("d");
  make("d/e");
  write_durable("d/e/a", "1");
  write_durable("d/b", "2");
  sync("");
  fs::remove_all(*disk_, at("d"));
  EXPECT_EQ(tree(), "");
  cut_power();
  EXPECT_EQ(tree(), "d/ d/b=2 d/e/ d/e/a=1 ");
}

TEST_F(PowerCutTest, KeepsTheRemovalOfAFolderWhenItsParentWasSynced) {
  make("d");
  sync("");
  disk_->remove_directory(at("d"));
  sync("");
  cut_power();
  EXPECT_EQ(tree(), "");
}

TEST_F(PowerCutTest, UndoesTheRenameOfAFolder) {
  make(".new");
  write_durable(".new/a", "text");
  sync("");
  rename(".new", "v1");
  write("v1/b", "unsynced");
  cut_power();
  EXPECT_EQ(tree(), ".new/ .new/a=text ");
}

TEST_F(PowerCutTest, KeepsTheRenameOfAFolderOnlyUnderItsSyncedName) {
  make("x");
  make("x/d");
  make("y");
  write_durable("x/d/a", "text");
  sync("x");
  sync("");
  rename("x/d", "y/d");
  sync("y");
  cut_power();
  EXPECT_EQ(tree(), "x/ y/ y/d/ y/d/a=text ");
}

TEST_F(PowerCutTest, BringsBackAFolderThatWasMovedIntoAVanishingOne) {
  make("d");
  write_durable("d/a", "text");
  sync("");
  make("new");
  rename("d", "new/d");
  sync("new");
  cut_power();
  EXPECT_EQ(tree(), "d/ d/a=text ");
}

TEST_F(PowerCutTest, BringsBackAnEmptyFolderThatWasReplaced) {
  make("old");
  make("new");
  write_durable("new/a", "text");
  sync("");
  rename("new", "old");
  EXPECT_EQ(tree(), "old/ old/a=text ");
  cut_power();
  EXPECT_EQ(tree(), "new/ new/a=text old/ ");
}

TEST_F(PowerCutTest, DistinguishesFoldersOfTheSameName) {
  make("d");
  sync("");
  write_durable("d/a", "first");
  remove("d/a");
  disk_->remove_directory(at("d"));
  make("d");
  write_durable("d/b", "second");
  cut_power();
  EXPECT_EQ(tree(), "d/ d/a=first ");
}

}  // namespace
}  // namespace axon::test

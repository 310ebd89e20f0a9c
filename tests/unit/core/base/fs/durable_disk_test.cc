// What the power cut of FaultyFileSystem leaves: one rule of durable_disk.h after the other.
#include "tests/support/durable_disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <random>

#include "core/base/error.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::test {
namespace {

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

const std::string kGarbage(1, '\xdb');

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

// --- the whole file system, and what survives by chance ---

TEST_F(PowerCutTest, KeepsAllThatASyncOfAllSaw) {
  make("d");
  write("d/a", "text");
  write("b", "text");
  rename("b", "c");
  disk_->sync_all(root());
  write("d/a", "later", 4);
  write("e", "later");
  cut_power();
  EXPECT_EQ(tree(), "c=text d/ d/a=text ");
}

TEST_F(PowerCutTest, KeepsTrackingOpenFilesAfterASyncOfAll) {
  auto file = open("a");
  file->write_at(0, as_bytes("0123"));
  disk_->sync_all(root());
  file->write_at(1, as_bytes("x"));
  file->write_at(4, as_bytes("45"));
  cut_power();
  EXPECT_EQ(tree(), "a=0" + kGarbage + "23 ");
}

TEST_F(PowerCutTest, MayKeepNamesWithoutTheirData) {
  write_durable("a", "old");
  write("new", "new");
  rename("new", "a");
  cut_power(Unsynced::entries_survive);
  EXPECT_EQ(tree(), "a= ");
}

TEST_F(PowerCutTest, MayKeepDataWithoutTheirNames) {
  write_durable("a", "old");
  write("a", "new!");
  write("b", "text");
  cut_power(Unsynced::data_survives);
  EXPECT_EQ(tree(), "a=new! ");
}

TEST_F(PowerCutTest, MayKeepRemovalsWithoutNewNames) {
  write_durable("a", "old");
  write_durable("b", "old");
  write_durable("c", "old");
  write_synced("new", "new");
  remove("a");
  rename("new", "b");
  rename("c", "d");
  cut_power(Unsynced::removals_survive);
  EXPECT_EQ(tree(), "b=old ");
}

TEST_F(PowerCutTest, MayLoseTheNamesOfOneFolderOnly) {
  make("d");
  write_durable("d/a", "old");
  write("d/b", "text");
  write("new", "new");
  rename("new", "d/a");
  write("c", "text");
  disk_->restore_without_names_in(at("d"));
  EXPECT_EQ(tree(), "c=text d/ d/a=old ");
}

TEST_F(PowerCutTest, TakesAllForDurableOnceSettled) {
  make("d");
  write("d/a", "text");
  disk_->settle();
  write("d/a", " more", 4);
  cut_power();
  EXPECT_EQ(tree(), "d/ d/a=text ");
}

TEST_F(PowerCutTest, LeavesFilesOfOtherSoftwareAlone) {
  make("d");
  sync("");
  fs::write_file_atomically(fs::posix(), at("d/index.db"), as_bytes("theirs"));
  write("d/a", "text");
  cut_power();
  EXPECT_EQ(tree(), "d/ d/index.db=theirs ");
}

TEST_F(PowerCutTest, LeavesPathsOutsideTheRootAlone) {
  disk_->make_directory(folder_ / "elsewhere", 0755);
  disk_->open(folder_ / "elsewhere/a", {.access = fs::Access::create})->write_at(0, as_bytes("text"));
  disk_->rename(folder_ / "elsewhere/a", folder_ / "elsewhere/b");
  cut_power();
  EXPECT_EQ(tree_of(folder_ / "elsewhere", ""), "b=text ");
}

TEST_F(PowerCutTest, AcceptsRelativePathsAndPathsThroughLinks) {
  fs::posix().make_symlink("disk", folder_ / "link");
  write_durable("a", "text");
  disk_->remove(folder_ / "disk/../disk/./a");
  cut_power();
  EXPECT_EQ(tree(), "a=text ");
  FaultyFileSystem through_link(fs::posix(), folder_ / "link");
  through_link.remove(folder_ / "link/a");
  through_link.restore_durable_state();
  EXPECT_EQ(tree(), "a=text ");
}

TEST_F(PowerCutTest, SurvivesSeveralCutsInARow) {
  write_durable("a", "1");
  cut_power();
  write("a", "2");
  remove("a");
  cut_power();
  EXPECT_EQ(tree(), "a=" + kGarbage + " ");
  cut_power();
  EXPECT_EQ(tree(), "a=" + kGarbage + " ");
}

TEST_F(PowerCutTest, LeavesNothingBehindWhenItIsGone) {
  write_durable("a", "text");
  remove("a");
  make("d");
  disk_->remove_directory(at("d"));
  disk_.reset();
  EXPECT_EQ(fs::posix().list(folder_.path()).size(), 1u);
}

// --- against a model ---

// A second, simple-minded model of the same rules for files in one folder: what each name leads to, now and
// on the disk, and what each file holds, now and on the disk.
struct SimpleDisk {
  struct Inode {
    std::string now, durable;
  };
  std::map<std::string, std::shared_ptr<Inode>> names, durable_names;

  std::string after_power_cut() const {
    std::string text;
    for (const auto& [name, inode] : durable_names) text += name + "=" + inode->durable + " ";
    return text;
  }
};

TEST_F(PowerCutTest, AgreesWithASimpleModelForRandomOperations) {
  std::mt19937 random(20261120);
  const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 60; ++round) {
    SimpleDisk simple;
    for (int step = 0; step < 40; ++step) {
      const std::string name(1, static_cast<char>('a' + pick(4))), other(1, static_cast<char>('a' + pick(4)));
      const bool there = simple.names.contains(name), other_there = simple.names.contains(other);
      switch (pick(8)) {
        case 0:
        case 1: {  // append
          write(name, "+", there ? simple.names[name]->now.size() : 0);
          if (!there) simple.names[name] = std::make_shared<SimpleDisk::Inode>();
          simple.names[name]->now += "+";
          break;
        }
        case 2:
          if (!there) break;
          disk_->open(at(name), {})->sync();
          simple.names[name]->durable = simple.names[name]->now;
          break;
        case 3:
          if (!there) break;
          rename(name, other);
          if (simple.names[name] == simple.names[other]) break;
          simple.names[other] = simple.names[name];
          simple.names.erase(name);
          break;
        case 4:
          if (!there) break;
          remove(name);
          simple.names.erase(name);
          break;
        case 5:
          if (!there || other_there) break;
          disk_->link(at(name), at(other));
          simple.names[other] = simple.names[name];
          break;
        case 6:
          sync("");
          simple.durable_names = simple.names;
          break;
        case 7:
          if (pick(4) != 0) break;
          disk_->sync_all(root());
          simple.durable_names = simple.names;
          for (auto& [each, inode] : simple.names) inode->durable = inode->now;
          break;
      }
    }
    cut_power();
    ASSERT_EQ(tree(), simple.after_power_cut()) << "in round " << round;
    for (const auto& entry : fs::posix().list(root())) fs::posix().remove(at(entry.name));
  }
}

}  // namespace
}  // namespace axon::test

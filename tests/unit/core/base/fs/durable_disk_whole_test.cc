// What a power cut leaves of a whole disk: syncs of all, what survives by chance, and random operations
// beside a model.
#include <random>

#include "tests/unit/core/base/fs/power_cut_fixture.h"

namespace axon::test {
namespace {

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

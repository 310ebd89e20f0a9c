// Index files that are not what they should be: told apart, and rebuilt whatever they are.

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/sqlite.h"
#include "core/content/index.h"
#include "tests/unit/core/content/pack_fixture.h"

namespace axon::content {
namespace {

class IndexDamage : public ::testing::Test {
 protected:
  IndexDamage() {
    frames_.push_back(recipe_frame(1000, 60, some_id<Oid>(1)));
    frames_.push_back(delta_frame(1001, 500, 50));
    for (std::uint64_t i = 0; i < 300; ++i) frames_.push_back(stored_frame(i, 20));
    footer_ = write_pack(folder_ / "a.pack", frames_);
  }
  fs::Path path() const { return folder_ / "index.db"; }

  void make_sound() {
    std::filesystem::remove(path());
    Index(path(), IndexMode::read_write).add_packs({&footer_, 1});
  }
  ErrorCode code_of_opening() {
    return error_code_of([&] { Index(path(), IndexMode::read_write); });
  }
  void expect_rebuilt() {
    rebuild_index(fs::posix(), path(), {&footer_, 1});
    expect_complete();
  }
  void expect_complete() {
    Index index(path(), IndexMode::read_write);
    for (const auto& frame : frames_) {
      const auto found = index.find(frame.entry.id);
      ASSERT_TRUE(found.has_value());
      ASSERT_EQ(found->entry, frame.entry);
    }
    EXPECT_EQ(index.packs().size(), 1U);
    EXPECT_EQ(index.totals().frames, frames_.size());
  }
  // Everything that an index is asked for.
  static void read(Index& index, const std::vector<PackedFrame>& frames, const PackFooter& footer) {
    std::vector<FrameId> ids;
    for (const auto& frame : frames) ids.push_back(frame.entry.id);
    index.find_many(ids);
    index.recipes(some_id<Oid>(1));
    index.frames_of(footer.id);
    index.packs();
    index.totals();
  }
  static void use(Index& index, const std::vector<PackedFrame>& frames, const PackFooter& footer) {
    read(index, frames, footer);
    index.mark_verified(some_id<Oid>(1), some_id<RecipeId>(1000));
    index.remove_packs({&footer.id, 1});
    index.add_packs({&footer, 1});
  }

  test::TempDir folder_;
  std::vector<PackedFrame> frames_;
  PackFooter footer_;
};

TEST_F(IndexDamage, GarbageIsFoundAndReplaced) {
  for (const std::size_t size : {2, 50, 99, 100, 512, 5000, 100'000}) {
    overwrite(path(), some_bytes(size, size));
    EXPECT_EQ(code_of_opening(), ErrorCode::integrity) << size;
    expect_rebuilt();
  }
}

// One byte is what SQLite leaves on file systems where an empty file cannot be locked.
TEST_F(IndexDamage, AFileOfAtMostOneByteIsAnEmptyIndex) {
  for (const std::size_t size : {0, 1}) {
    overwrite(path(), some_bytes(size, 1));
    EXPECT_TRUE(Index(path(), IndexMode::read_write).packs().empty());
  }
}

TEST_F(IndexDamage, EveryTruncationIsFoundOrHarmless) {
  make_sound();
  const auto sound = file_bytes(path());
  ASSERT_GT(sound.size(), 16'384U);
  std::vector<std::size_t> sizes = {1, 99, 100, 511, 512};
  for (std::size_t page = 4096; page <= sound.size(); page += 4096) {
    for (const std::size_t size : {page - 1, page, page + 1}) {
      if (size < sound.size()) sizes.push_back(size);
    }
  }
  std::size_t found = 0;
  for (const auto size : sizes) {
    overwrite(path(), ByteSpan(sound).first(size));
    try {
      Index index(path(), IndexMode::read_write);
      use(index, frames_, footer_);
      expect_complete();  // the bytes that are gone were zeros
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity) << size;
      ++found;
    }
    std::filesystem::remove(path().string() + "-wal");
  }
  EXPECT_GT(found, sizes.size() / 2);
  overwrite(path(), ByteSpan(sound).first(9000));
  expect_rebuilt();
}

// Not every flip can be seen: SQLite has no checksums. What must not happen: a crash, a hang, a failure that
// does not say that the index is damaged, or one that rebuilding does not heal.
TEST_F(IndexDamage, FlippedBitsAreFoundOrLeaveAnIndexThatWorks) {
  make_sound();
  const auto sound = file_bytes(path());
  std::size_t found = 0;
  for (std::size_t at = 0; at < sound.size(); at += at < 112 ? 1 : 331) {
    auto damaged = sound;
    damaged[at] ^= static_cast<std::byte>(1U << (at % 8));
    overwrite(path(), damaged);
    try {
      Index index(path(), IndexMode::read_write);
      read(index, frames_, footer_);
      if (at % 8 == 0) use(index, frames_, footer_);  // an eighth, because each change waits for the disk
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::integrity) << at << ": " << error.message();
      ++found;
    }
    if (at % 40 == 0) expect_rebuilt();
    for (const char* log : {"-wal", "-shm", "-journal"}) std::filesystem::remove(path().string() + log);
  }
  EXPECT_GT(found, 60U);
}

TEST_F(IndexDamage, AnotherProgramsDatabaseIsRefusedAndReplaced) {
  {
    Database other(path());
    other.exec("CREATE TABLE songs(title TEXT); INSERT INTO songs VALUES('x')");
  }
  EXPECT_EQ(code_of_opening(), ErrorCode::integrity);
  EXPECT_EQ(Database(path()).query_text("SELECT title FROM songs"), "x") << "looking must not change it";
  expect_rebuilt();
}

TEST_F(IndexDamage, AnotherApplicationIdVersionOrSchemaIsRefused) {
  for (const char* change : {"PRAGMA application_id=7", "PRAGMA user_version=2", "CREATE TABLE more(x)",
                             "CREATE TRIGGER t AFTER INSERT ON packs BEGIN DELETE FROM frames; END",
                             "DROP TABLE lookup", "CREATE INDEX i ON packs(size)"}) {
    make_sound();
    Database(path()).exec(change);
    EXPECT_EQ(code_of_opening(), ErrorCode::integrity) << change;
    EXPECT_EQ(error_code_of([&] { Index(path(), IndexMode::read_only); }), ErrorCode::integrity) << change;
    expect_rebuilt();
  }
}

TEST_F(IndexDamage, RowsThatCannotBeFramesAreFound) {
  for (const char* change :
       {"UPDATE frames SET kind=3", "UPDATE frames SET encoding=4", "UPDATE frames SET raw=1048577",
        "UPDATE frames SET stored=-1", "UPDATE frames SET offset=-1-offset",
        "UPDATE frames SET crc=4294967296", "UPDATE frames SET id=x'00'", "UPDATE frames SET aux=x'00'",
        "UPDATE packs SET id=x'00'"}) {
    make_sound();
    Database(path()).exec(change);
    Index index(path(), IndexMode::read_write);
    EXPECT_EQ(error_code_of([&] {
                index.packs();
                index.frames_of(footer_.id);
                if (index.frames_of(footer_.id).empty()) throw Error(ErrorCode::integrity, "no frames");
              }),
              ErrorCode::integrity)
        << change;
  }
}

TEST_F(IndexDamage, AContradictionMetWhileAddingIsDamage) {
  make_sound();
  Database(path()).exec("DELETE FROM packs; UPDATE lookup SET pack=1; UPDATE frames SET pack=1");
  Index index(path(), IndexMode::read_write);
  EXPECT_EQ(error_code_of([&] { index.add_packs({&footer_, 1}); }), ErrorCode::integrity);
}

TEST_F(IndexDamage, AForeignLogIsNotTakenForOurs) {
  make_sound();
  overwrite(path().string() + "-wal", some_bytes(50'000, 1));
  expect_complete();
}

TEST_F(IndexDamage, ALostIndexWithALogLeftBehindIsRebuilt) {
  make_sound();
  {
    Index index(path(), IndexMode::read_write);
    index.mark_verified(some_id<Oid>(1), some_id<RecipeId>(1000));
    std::filesystem::copy_file(path().string() + "-wal", folder_ / "log");
  }
  std::filesystem::remove(path());
  std::filesystem::rename(folder_ / "log", path().string() + "-wal");
  expect_rebuilt();
}

TEST_F(IndexDamage, RebuildingEqualsAdding) {
  std::vector<PackFooter> footers = {footer_};
  for (std::uint64_t pack = 0; pack < 20; ++pack) {
    std::vector<PackedFrame> frames;
    for (std::uint64_t i = 0; i < 50; ++i) frames.push_back(stored_frame(pack * 37 + i, 30));
    frames.push_back(recipe_frame(5000 + pack, 40, some_id<Oid>(pack % 7)));
    footers.push_back(write_pack(folder_ / std::to_string(pack), frames, pack + 10));
  }
  Index added(folder_ / "added.db", IndexMode::read_write);
  for (const auto& footer : footers) added.add_packs({&footer, 1});
  rebuild_index(fs::posix(), path(), footers);
  Index rebuilt(path(), IndexMode::read_write);
  for (const auto& footer : footers) {
    EXPECT_EQ(added.frames_of(footer.id), rebuilt.frames_of(footer.id));
    for (const auto& entry : footer.entries) {
      const auto one = added.find_all(entry.id), other = rebuilt.find_all(entry.id);
      ASSERT_EQ(one.size(), other.size());
      for (std::size_t i = 0; i < one.size(); ++i) {
        EXPECT_EQ(one[i].pack, other[i].pack);
        EXPECT_EQ(one[i].entry, other[i].entry);
      }
    }
  }
  for (std::uint64_t seed = 0; seed < 7; ++seed) {
    EXPECT_EQ(added.recipes(some_id<Oid>(seed)).size(), rebuilt.recipes(some_id<Oid>(seed)).size());
  }
}

TEST_F(IndexDamage, RebuildingReplacesASoundIndexThatIsInUse) {
  make_sound();
  Index user(path(), IndexMode::read_write);
  EXPECT_TRUE(user.find(frames_[5].entry.id));
  rebuild_index(fs::posix(), path(), {});
  EXPECT_FALSE(user.find(frames_[5].entry.id));
  user.add_packs({&footer_, 1});
  EXPECT_TRUE(Index(path(), IndexMode::read_write).find(frames_[5].entry.id));
}

TEST_F(IndexDamage, ARebuildThatIsNotFinishedChangesNothing) {
  make_sound();
  { IndexRebuild(fs::posix(), path()).add(footer_); }
  expect_complete();
}

TEST_F(IndexDamage, RebuildingLeavesNothingBeside) {
  expect_rebuilt();
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder_.path()))
    names.push_back(file.path().filename());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"a.pack", "index.db"}));
}

TEST_F(IndexDamage, AFolderInItsPlaceIsAnErrorThatSaysSo) {
  std::filesystem::create_directory(path());
  EXPECT_THROW(Index(path(), IndexMode::read_write), Error);
  EXPECT_THROW(rebuild_index(fs::posix(), path(), {&footer_, 1}), Error);
}

}  // namespace
}  // namespace axon::content

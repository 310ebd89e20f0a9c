#include "core/content/index.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/core/content/pack_fixture.h"

namespace axon::content {
namespace {

// A footer as a pack of these entries would have it; lengths and offsets are filled in.
PackFooter footer_of(std::uint64_t seed, std::vector<FrameEntry> entries) {
  PackFooter footer;
  footer.id = some_id<PackId>(seed);
  std::uint64_t offset = kPackHeaderSize;
  for (auto& entry : entries) {
    entry.offset = offset;
    entry.stored = entry.encoding == Encoding::stored ? entry.raw : 40;
    entry.crc = static_cast<std::uint32_t>(seed * 0x9E3779B9U);
    offset += entry.size();
  }
  footer.footer_size =
      static_cast<std::uint32_t>(kFooterHeaderSize + entries.size() * kFooterEntrySize + kPackTrailerSize);
  footer.pack_size = offset + footer.footer_size;
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  footer.entries = std::move(entries);
  return footer;
}

std::vector<FrameEntry> chunks(std::uint64_t first, std::uint64_t count) {
  std::vector<FrameEntry> entries;
  for (auto seed = first; seed < first + count; ++seed)
    entries.push_back(chunk_entry(seed, 10 + seed % 1000));
  return entries;
}

class IndexTest : public ::testing::Test {
 protected:
  fs::Path path() const { return folder_ / "index.db"; }
  void add(const PackFooter& footer) { index_->add_packs({&footer, 1}); }
  void remove(const PackId& pack) { index_->remove_packs({&pack, 1}); }
  void reopen() {
    index_.reset();
    index_ = std::make_unique<Index>(path(), IndexMode::read_write);
  }

  test::TempDir folder_;
  std::unique_ptr<Index> index_ = std::make_unique<Index>(path(), IndexMode::read_write);
};

TEST_F(IndexTest, FindsWhatWasAdded) {
  const auto footer = footer_of(1, chunks(0, 100));
  add(footer);
  for (const auto& entry : footer.entries) {
    const auto found = index_->find(entry.id);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->pack, footer.id);
    EXPECT_EQ(found->entry, entry);
  }
}

TEST_F(IndexTest, FindsNothingElse) {
  add(footer_of(1, chunks(0, 100)));
  EXPECT_FALSE(index_->find(some_id<FrameId>(100)));
  EXPECT_TRUE(index_->find_all(some_id<FrameId>(100)).empty());
}

TEST_F(IndexTest, ComparesWholeIds) {
  auto entries = chunks(0, 2);
  entries[1].id = entries[0].id;
  entries[1].id.bytes[31] ^= std::byte{1};
  add(footer_of(1, entries));
  EXPECT_EQ(index_->find(entries[0].id)->entry.id, entries[0].id);
  EXPECT_EQ(index_->find(entries[1].id)->entry.id, entries[1].id);
  auto other = entries[0].id;
  other.bytes[20] ^= std::byte{1};
  EXPECT_FALSE(index_->find(other));
}

TEST_F(IndexTest, KeepsWhatItHasWhenReopened) {
  const auto footer = footer_of(1, chunks(0, 100));
  add(footer);
  reopen();
  EXPECT_EQ(index_->find(footer.entries[7].id)->entry, footer.entries[7]);
}

TEST_F(IndexTest, PrefersTheFrameThatStandsAlone) {
  auto delta = chunk_entry(1, 500, Encoding::delta), standalone = chunk_entry(1, 500);
  const auto first = footer_of(1, {delta}), second = footer_of(2, {standalone}),
             third = footer_of(3, {delta});
  const PackFooter footers[] = {first, second, third};
  index_->add_packs(footers);
  EXPECT_EQ(index_->find(delta.id)->pack, second.id);
  const auto all = index_->find_all(delta.id);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[0].entry.stands_alone());
  EXPECT_FALSE(all[1].entry.stands_alone());
}

TEST_F(IndexTest, FallsBackToTheCopyThatIsLeft) {
  const auto delta = footer_of(1, {chunk_entry(1, 500, Encoding::delta)});
  const auto standalone = footer_of(2, {chunk_entry(1, 500)});
  add(delta);
  add(standalone);
  remove(standalone.id);
  EXPECT_EQ(index_->find(delta.entries[0].id)->pack, delta.id);
  EXPECT_EQ(index_->find_all(delta.entries[0].id).size(), 1U);
}

TEST_F(IndexTest, AnswersManyInTheOrderAskedFor) {
  add(footer_of(1, chunks(0, 1000)));
  std::vector<FrameId> ids;
  for (std::uint64_t seed = 0; seed < 1100; seed += 7) ids.push_back(some_id<FrameId>(1099 - seed));
  ids.push_back(ids[3]);
  const auto found = index_->find_many(ids);
  ASSERT_EQ(found.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto one = index_->find(ids[i]);
    ASSERT_EQ(found[i].has_value(), one.has_value());
    if (one) {
      EXPECT_EQ(found[i]->entry, one->entry);
    }
  }
  EXPECT_TRUE(index_->find_many({}).empty());
}

TEST_F(IndexTest, ListsThePacksAndTheirFramesByOffset) {
  const auto first = footer_of(1, chunks(0, 30)), second = footer_of(2, chunks(20, 5));
  add(first);
  add(second);
  const auto packs = index_->packs();
  ASSERT_EQ(packs.size(), 2U);
  EXPECT_EQ(packs[0].id, first.id);
  EXPECT_EQ(packs[0].size, first.pack_size);
  EXPECT_EQ(packs[0].frames, 30U);
  auto expected = first.entries;
  std::sort(expected.begin(), expected.end(),
            [](const auto& a, const auto& b) { return a.offset < b.offset; });
  EXPECT_EQ(index_->frames_of(first.id), expected);
  EXPECT_TRUE(index_->frames_of(some_id<PackId>(77)).empty());
}

TEST_F(IndexTest, SkipsPacksThatItKnows) {
  const auto footer = footer_of(1, chunks(0, 10));
  const PackFooter twice[] = {footer, footer};
  index_->add_packs(twice);
  add(footer);
  EXPECT_EQ(index_->packs().size(), 1U);
  EXPECT_EQ(index_->totals().frames, 10U);
}

TEST_F(IndexTest, ForgetsARemovedPackWhole) {
  const auto kept = footer_of(1, chunks(0, 10));
  const auto gone = footer_of(2, [] {
    auto entries = chunks(10, 10);
    entries.push_back(recipe_entry(99, 50, some_id<Oid>(5)));
    entries.push_back(chunk_entry(98, 50, Encoding::delta));
    return entries;
  }());
  add(kept);
  add(gone);
  remove(gone.id);
  remove(some_id<PackId>(1234));
  for (const auto& entry : gone.entries) EXPECT_FALSE(index_->find(entry.id));
  EXPECT_TRUE(index_->recipes(some_id<Oid>(5)).empty());
  EXPECT_TRUE(index_->frames_of(gone.id).empty());
  EXPECT_EQ(index_->packs().size(), 1U);
  EXPECT_TRUE(index_->find(kept.entries[0].id));
  EXPECT_EQ(index_->totals().frames, 10U);
}

TEST_F(IndexTest, AddsUpWhatItHas) {
  const auto first = footer_of(1, chunks(0, 10)),
             second = footer_of(2, {chunk_entry(5, 500, Encoding::delta)});
  EXPECT_EQ(index_->totals().frames, 0U);
  add(first);
  add(second);
  std::uint64_t raw = 500, stored = 40;
  for (const auto& entry : first.entries) {
    raw += entry.raw;
    stored += entry.stored;
  }
  EXPECT_EQ(index_->totals().frames, 11U);
  EXPECT_EQ(index_->totals().raw, raw);
  EXPECT_EQ(index_->totals().stored, stored);
}

TEST_F(IndexTest, KnowsTheRecipesOfAFile) {
  const auto oid = some_id<Oid>(1);
  add(footer_of(1,
                {recipe_entry(1, 50, oid), recipe_entry(2, 50, oid), recipe_entry(3, 50, some_id<Oid>(2))}));
  add(footer_of(2, {recipe_entry(1, 50, oid)}));  // again: one recipe still
  const auto recipes = index_->recipes(oid);
  ASSERT_EQ(recipes.size(), 2U);
  EXPECT_FALSE(recipes[0].verified);
  EXPECT_NE(recipes[0].id, recipes[1].id);
  EXPECT_TRUE(index_->recipes(some_id<Oid>(3)).empty());
}

TEST_F(IndexTest, NamesVerifiedRecipesFirst) {
  const auto oid = some_id<Oid>(1);
  add(footer_of(1, {recipe_entry(1, 50, oid), recipe_entry(2, 50, oid)}));
  for (const std::uint64_t seed : {1, 2}) {
    reopen();
    const auto recipe = some_id<RecipeId>(seed);
    rebuild_index(fs::posix(), path(),
                  std::vector{footer_of(1, {recipe_entry(1, 50, oid), recipe_entry(2, 50, oid)})});
    reopen();
    index_->mark_verified(oid, recipe);
    const auto recipes = index_->recipes(oid);
    ASSERT_EQ(recipes.size(), 2U);
    EXPECT_EQ(recipes[0].id, recipe);
    EXPECT_TRUE(recipes[0].verified);
    EXPECT_FALSE(recipes[1].verified);
  }
}

TEST_F(IndexTest, MarksManyRecipesAtOnce) {
  std::vector<FrameEntry> entries;
  std::vector<Index::Verified> verified;
  for (std::uint64_t i = 0; i < 100; ++i) {
    entries.push_back(recipe_entry(i, 50, some_id<Oid>(i)));
    if (i < 60) verified.push_back({some_id<Oid>(i), some_id<RecipeId>(i)});
  }
  verified.push_back({some_id<Oid>(70), some_id<RecipeId>(71)});  // not its recipe
  add(footer_of(1, entries));
  index_->mark_verified(verified);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(index_->recipes(some_id<Oid>(i))[0].verified, i < 60);
}

TEST_F(IndexTest, KeepsVerifiedWhenARecipeMovesToAnotherPack) {
  const auto oid = some_id<Oid>(1);
  const auto old = footer_of(1, {recipe_entry(1, 50, oid)});
  add(old);
  index_->mark_verified(oid, some_id<RecipeId>(1));
  add(footer_of(2, {recipe_entry(1, 50, oid)}));
  remove(old.id);
  ASSERT_EQ(index_->recipes(oid).size(), 1U);
  EXPECT_TRUE(index_->recipes(oid)[0].verified);
}

TEST_F(IndexTest, SeesWhatAnotherConnectionAdds) {
  Index other(path(), IndexMode::read_write);
  const auto footer = footer_of(1, chunks(0, 10));
  other.add_packs({&footer, 1});
  EXPECT_TRUE(index_->find(footer.entries[0].id));
}

TEST_F(IndexTest, IsReadableWhereItCannotBeWritten) {
  const auto footer = footer_of(1, chunks(0, 10));
  add(footer);
  index_.reset();
  Index reader(path(), IndexMode::read_only);
  EXPECT_EQ(reader.find(footer.entries[3].id)->entry, footer.entries[3]);
  EXPECT_THROW(reader.remove_packs({&footer.id, 1}), Error);
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(file.path(), path()) << "reading left a file behind";
  }
}

TEST_F(IndexTest, ReadOnlySeesTheLogOfAWriter) {
  const auto footer = footer_of(1, chunks(0, 10));
  add(footer);  // still in the log: index_ is open
  Index reader(path(), IndexMode::read_only);
  EXPECT_TRUE(reader.find(footer.entries[3].id));
}

TEST_F(IndexTest, ReadOnlyDoesNotMakeAnIndex) {
  EXPECT_EQ(error_code_of([&] { Index(folder_ / "absent.db", IndexMode::read_only); }), ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "absent.db"));
}

TEST_F(IndexTest, OpensPathsThatLookLikeSomethingElse) {
  const auto odd = folder_ / "a?b=%41#c";
  std::filesystem::create_directory(odd);
  const auto footer = footer_of(1, chunks(0, 3));
  Index(odd / "index.db", IndexMode::read_write).add_packs({&footer, 1});
  EXPECT_TRUE(std::filesystem::exists(odd / "index.db"));
  EXPECT_TRUE(Index(odd / "index.db", IndexMode::read_only).find(footer.entries[0].id));
}

}  // namespace
}  // namespace axon::content

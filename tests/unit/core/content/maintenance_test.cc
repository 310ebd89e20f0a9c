#include "core/content/maintenance.h"

#include <filesystem>

#include "core/base/sqlite.h"
#include "tests/unit/core/content/content_fixture.h"

namespace axon::content {
namespace {

class MaintenanceTest : public ContentFixture {
 protected:
  void collect_all_but(const std::vector<Oid>& files) {
    const auto live = mark_live(*store, files, cancel);
    collect(*store, plan_collection(*store, live), live, no_progress(), cancel);
  }
  std::vector<PackDamage> check_all(const std::vector<Oid>& files, CheckDepth depth) {
    return check(*store, files, depth, 2, no_progress(), cancel);
  }
};

TEST_F(MaintenanceTest, CollectsWhatNothingRefersTo) {
  const auto kept = ingest(random_bytes(500'000, 1));
  ingest(random_bytes(900'000, 2));
  collect_all_but({kept.oid});
  EXPECT_EQ(restore(kept), random_bytes(500'000, 1));
  EXPECT_EQ(store->packs_in_folder().size(), 1u);
}

TEST_F(MaintenanceTest, RewritesAPackThatIsMostlyDead) {
  ContentWriter writer(*store);
  IngestPool pool(writer, *store, 1, no_progress(), cancel);
  FileContent kept;
  pool.run(10, [&](std::size_t i, IngestWorker& worker) {
    const auto content = worker.ingest_small(random_bytes(100'000, i));
    if (i == 3) kept = content;
  });
  writer.finish();
  writer.publish();
  collect_all_but({kept.oid});
  EXPECT_LT(store->index().totals().stored, 110'000u);
  EXPECT_EQ(restore(kept), random_bytes(100'000, 3));
}

TEST_F(MaintenanceTest, KeepsTheBaseOfALiveDifference) {
  Bytes bytes = random_bytes(1'000'000, 4);
  const auto layout = layout_of(0, {1'000'000});
  const auto parent = ingest(bytes, layout);
  DeltaBases bases;
  bases.add(store->recipe(parent.oid)->recipe);
  bytes[5] ^= std::byte{1};
  const auto child = ingest(bytes, layout, bases);
  collect_all_but({child.oid});
  EXPECT_EQ(restore(child), bytes);
}

TEST_F(MaintenanceTest, CollectsNothingWhenARecipeIsMissing) {
  const auto kept = ingest(random_bytes(10'000, 5));
  EXPECT_THROW(collect_all_but({kept.oid, sha256({}).as<Oid>()}), Error);
  EXPECT_EQ(restore(kept), random_bytes(10'000, 5));
}

TEST_F(MaintenanceTest, MergesSmallPacks) {
  std::vector<FileContent> contents;
  for (std::uint64_t i = 0; i < 40; ++i) {
    contents.push_back(ingest(random_bytes(6'000, 50 + i)));
    merge_small_packs(*store, cancel);
  }
  EXPECT_LT(store->packs_in_folder().size(), 12u);
  for (std::uint64_t i = 0; i < 40; ++i) EXPECT_EQ(restore(contents[i]), random_bytes(6'000, 50 + i));
}

TEST_F(MaintenanceTest, ASoundStoreChecksClean) {
  const auto content = ingest(random_bytes(2'000'000, 6), layout_of(100, {1'000'000}));
  EXPECT_TRUE(check_all({content.oid}, CheckDepth::full).empty());
}

TEST_F(MaintenanceTest, FullCheckNamesADamagedObject) {
  const auto content = ingest(random_bytes(200'000, 7));
  flip_byte(store->pack_path(store->packs_in_folder()[0]), 50'000);
  EXPECT_TRUE(check_all({content.oid}, CheckDepth::structure).empty());
  EXPECT_FALSE(check_all({content.oid}, CheckDepth::full).empty());
}

TEST_F(MaintenanceTest, FullCheckNamesAnObjectWithOtherBytes) {
  const auto content = plant_wrong_chunk(random_bytes(9'000, 20), random_bytes(9'000, 21));
  const auto damage = check_all({}, CheckDepth::full);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_NE(damage[0].subject.find(content.oid.hex()), std::string::npos);
}

TEST_F(MaintenanceTest, FullCheckNamesAFileWhoseRecipeLies) {
  Recipe lie = store->recipe(ingest(random_bytes(9'000, 22)).oid)->recipe;
  lie.oid = sha256(random_bytes(9'000, 23)).as<Oid>();
  const auto content = plant_recipe(lie);
  const auto damage = check_all({content.oid}, CheckDepth::full);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_NE(damage[0].problem.find("recipe makes another file"), std::string::npos);
}

TEST_F(MaintenanceTest, FullCheckNamesARecipeFiledUnderAnotherFile) {
  const auto recipe = plant_recipe_under(sha256(random_bytes(9'000, 24)).as<Oid>());
  const auto damage = check_all({}, CheckDepth::full);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_NE(damage[0].subject.find(recipe.hex()), std::string::npos);
}

TEST_F(MaintenanceTest, CheckNamesAPackUnderAnothersName) {
  const auto pack = plant_pack_under_others_name(random_bytes(9'000, 25), random_bytes(9'000, 26));
  const auto damage = check_all({}, CheckDepth::structure);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_NE(damage[0].subject.find(pack.hex()), std::string::npos);
}

TEST_F(MaintenanceTest, AnIndexMadeAnewLeavesOutAPackUnderAnothersName) {
  const auto pack = plant_pack_under_others_name(random_bytes(9'000, 27), random_bytes(9'000, 28));
  EXPECT_EQ(store->rebuild(), std::vector{pack});
}

TEST_F(MaintenanceTest, APackUnderAnothersNameIsNotIndexed) {
  ingest(random_bytes(9'000, 29));
  const auto pack = store->packs_in_folder().at(0);
  const auto place = store->pack_path(sha256({}).as<PackId>());
  fs::make_directories(fs::posix(), place.parent_path());
  std::filesystem::copy_file(store->pack_path(pack), place);
  EXPECT_FALSE(store->refresh_index());
}

TEST_F(MaintenanceTest, CheckSeesAnIndexThatIsNotWhatThePackSays) {
  ingest(random_bytes(9'000, 30));
  store.reset();
  Database(folder / "index.db").exec("UPDATE frames SET crc = 1 - crc % 2");
  open();
  const auto damage = check_all({}, CheckDepth::structure);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_EQ(damage[0].subject, "index");
}

TEST_F(MaintenanceTest, CheckSeesALostPack) {
  const auto content = ingest(random_bytes(200'000, 8));
  fs::posix().remove(store->pack_path(store->packs_in_folder()[0]));
  open();
  const auto damage = check_all({content.oid}, CheckDepth::structure);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_NE(damage[0].subject.find(content.oid.hex()), std::string::npos);
}

TEST_F(MaintenanceTest, CheckSeesATruncatedPack) {
  ingest(random_bytes(200'000, 9));
  const auto path = store->pack_path(store->packs_in_folder()[0]);
  fs::OpenOptions options;
  options.access = fs::Access::read_write;
  fs::posix().open(path, options)->resize(150'000);
  open();
  EXPECT_FALSE(check_all({}, CheckDepth::structure).empty());
}

}  // namespace
}  // namespace axon::content

#include "tests/unit/core/content/content_fixture.h"

namespace axon::content {
namespace {

using IngestTest = ContentFixture;

TEST_F(IngestTest, RestoresFilesOfManySizes) {
  for (const std::size_t size : {1u, 4097u, 65'536u, 300'000u, 1'048'576u, 5'000'001u, 9'437'184u}) {
    const Bytes bytes = random_bytes(size, size);
    const auto content = ingest(bytes);
    EXPECT_EQ(content.oid, sha256(bytes).as<Oid>());
    EXPECT_EQ(restore(content), bytes) << size;
  }
}

TEST_F(IngestTest, RestoresAnEmptyFile) {
  EXPECT_EQ(restore(ingest({})), Bytes{});
}

TEST_F(IngestTest, RestoresAFileWithTensors) {
  const auto layout = layout_of(999, {100, 3'000'000, 65'536, 10, 0, 70'000});
  const Bytes bytes = random_bytes(999 + 3'135'646, 1);
  EXPECT_EQ(restore(ingest(bytes, layout)), bytes);
}

TEST_F(IngestTest, NamesTensorsByTheirContent) {
  const auto layout = layout_of(500, {100, 2'000'000});
  const Bytes bytes = random_bytes(500 + 2'000'100, 2);
  const auto recipe = store->recipe(ingest(bytes, layout).oid)->recipe;
  EXPECT_EQ(recipe.tensors[0].id, sha256(ByteSpan(bytes).subspan(500, 100)).as<TensorId>());
  EXPECT_EQ(recipe.tensors[1].id, large_tensor_id(chunks_of(recipe, recipe.tensors[1]), 2'000'000));
}

TEST_F(IngestTest, ASmallTensorAcrossChunksKeepsItsId) {
  // Runs of small tensors form one plain span of 3 MiB, which is cut in the middle of some.
  const auto layout = layout_of(0, std::vector<std::uint64_t>(60, 52'000));
  const Bytes bytes = random_bytes(60 * 52'000, 3);
  const auto recipe = store->recipe(ingest(bytes, layout).oid)->recipe;
  ASSERT_GT(recipe.chunks.size(), 3u);
  for (const auto& tensor : recipe.tensors) {
    EXPECT_EQ(tensor.id, sha256(ByteSpan(bytes).subspan(tensor.offset, tensor.length)).as<TensorId>());
  }
}

TEST_F(IngestTest, StoresKnownContentOnce) {
  const Bytes bytes = random_bytes(3'000'000, 4);
  ingest(bytes);
  ingest(bytes);
  EXPECT_EQ(last_totals.frames, 0u);
}

TEST_F(IngestTest, AnEditedHeaderMovesNoTensor) {
  const Bytes weights = random_bytes(4'000'000, 5);
  Bytes first(1000, std::byte{1}), second(1072, std::byte{2});
  append(first, weights);
  append(second, weights);
  ingest(first, layout_of(1000, {4'000'000}));
  ingest(second, layout_of(1072, {4'000'000}));
  EXPECT_LT(last_totals.raw, 3000u);  // header and recipe
}

TEST_F(IngestTest, StoresAChangedTensorAsADifference) {
  Bytes bytes = random_bytes(2'000'000, 6);
  const auto layout = layout_of(0, {2'000'000});
  const auto parent = ingest(bytes, layout);
  const auto full = last_totals.stored;
  for (std::size_t i = 0; i < bytes.size(); i += 64) bytes[i] ^= std::byte{1};
  DeltaBases bases;
  bases.add(store->recipe(parent.oid)->recipe);
  const auto child = ingest(bytes, layout, bases);
  EXPECT_LT(last_totals.stored, full / 4);
  EXPECT_EQ(restore(child), bytes);
}

TEST_F(IngestTest, ADifferenceIsNeverTakenToADifference) {
  Bytes bytes = random_bytes(1'000'000, 7);
  const auto layout = layout_of(0, {1'000'000});
  auto content = ingest(bytes, layout);
  for (int version = 0; version < 3; ++version) {
    DeltaBases bases;
    bases.add(store->recipe(content.oid)->recipe);
    bytes[static_cast<std::size_t>(version) * 100] ^= std::byte{1};
    content = ingest(bytes, layout, bases);
  }
  for (const auto& pack : store->index().packs()) {
    for (const auto& frame : store->index().frames_of(pack.id)) {
      if (frame.stands_alone()) continue;
      EXPECT_TRUE(store->index().find(frame.aux.as<FrameId>())->entry.stands_alone());
    }
  }
  EXPECT_EQ(restore(content), bytes);
}

TEST_F(IngestTest, AFileThatShrinksWhileItIsReadFails) {
  const Bytes bytes = random_bytes(100'000, 8);
  auto file = source(bytes);
  ContentWriter writer(*store);
  IngestPool pool(writer, *store, 2, no_progress(), cancel);
  const auto run = [&] {
    pool.run(1, [&](std::size_t, IngestWorker& worker) { worker.ingest(*file, bytes.size() + 1, {}, {}); });
  };
  EXPECT_THROW(run(), Error);
}

TEST_F(IngestTest, UnpublishedContentLeavesNothing) {
  const Bytes bytes = random_bytes(100'000, 9);
  {
    auto file = source(bytes);
    ContentWriter writer(*store);
    IngestPool pool(writer, *store, 2, no_progress(), cancel);
    pool.run(1, [&](std::size_t, IngestWorker& worker) { worker.ingest(*file, bytes.size(), {}, {}); });
    writer.finish();
  }
  EXPECT_TRUE(fs::posix().list(folder / "tmp").empty());
  EXPECT_TRUE(store->packs_in_folder().empty());
}

TEST_F(IngestTest, ManyFilesAtOnceShareOnePack) {
  std::vector<Bytes> files;
  for (std::uint64_t i = 0; i < 50; ++i) files.push_back(random_bytes(5'000 + i * 1'000, 100 + i));
  ContentWriter writer(*store);
  IngestPool pool(writer, *store, 3, no_progress(), cancel);
  std::vector<FileContent> contents(files.size());
  pool.run(files.size(),
           [&](std::size_t i, IngestWorker& worker) { contents[i] = worker.ingest_small(files[i]); });
  writer.finish();
  EXPECT_EQ(writer.publish().size(), 1u);
  for (std::size_t i = 0; i < files.size(); ++i) EXPECT_EQ(restore(contents[i]), files[i]);
}

using RestoreTest = ContentFixture;

TEST_F(RestoreTest, AFlippedBitInAPackIsAnIntegrityError) {
  const Bytes bytes = random_bytes(200'000, 10);
  const auto content = ingest(bytes);
  flip_byte(store->pack_path(store->packs_in_folder()[0]), 100'000);
  try {
    restore(content);
    FAIL() << "damage was not seen";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::integrity);
  }
}

TEST_F(RestoreTest, ALyingRecipeIsSkipped) {
  const Bytes bytes = random_bytes(200'000, 11), other = random_bytes(200'000, 12);
  // A recipe that promises `bytes` and makes `other`; it sorts anywhere among the recipes of the file.
  Recipe lie = store->recipe(ingest(other).oid)->recipe;
  lie.oid = sha256(bytes).as<Oid>();
  const auto content = plant_recipe(lie);
  EXPECT_THROW(restore(content), Error);  // nothing but the lie
  ingest(bytes);
  EXPECT_EQ(restore(content), bytes);
}

TEST_F(RestoreTest, ARecipeFiledUnderAnotherFileIsPassedOver) {
  const auto other = sha256(random_bytes(9'000, 18)).as<Oid>();
  plant_recipe_under(other);
  EXPECT_FALSE(store->recipe(other));
}

TEST_F(RestoreTest, AChunkWithOtherBytesIsNamed) {
  const auto content = plant_wrong_chunk(random_bytes(9'000, 20), random_bytes(9'000, 21));
  try {
    restore(content);
    FAIL() << "wrong bytes were handed out";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::integrity);
    EXPECT_NE(error.causes().at(0).find(content.oid.short_hex()), std::string::npos);
  }
}

TEST_F(RestoreTest, AnObjectWithOtherBytesIsNotRead) {
  const auto content = plant_wrong_chunk(random_bytes(9'000, 22), random_bytes(9'000, 23));
  EXPECT_THROW(store->read_object(content.oid.as<FrameId>()), Error);
}

TEST_F(RestoreTest, ARangeOfAChunkWithOtherBytesIsNotRead) {
  const auto content = plant_wrong_chunk(random_bytes(9'000, 24), random_bytes(9'000, 25));
  const auto recipe = store->recipe(content.oid)->recipe;
  Bytes range(10);
  ContentStore::Scratch scratch;
  EXPECT_THROW(read_file_range(*store, recipe, 0, range, scratch), Error);
}

TEST_F(RestoreTest, ALostIndexIsRebuilt) {
  const Bytes bytes = random_bytes(300'000, 13);
  const auto content = ingest(bytes);
  store.reset();
  fs::posix().remove(folder / "index.db");
  open();
  EXPECT_EQ(restore(content), bytes);
}

TEST_F(RestoreTest, AForeignIndexIsRebuilt) {
  const Bytes bytes = random_bytes(300'000, 14);
  const auto content = ingest(bytes);
  store.reset();
  for (const char* name : {"index.db", "index.db-wal", "index.db-shm"})
    fs::remove_all(fs::posix(), folder / name);
  fs::write_file_atomically(fs::posix(), folder / "index.db", random_bytes(8192, 15));
  open();
  EXPECT_EQ(restore(content), bytes);
}

TEST_F(RestoreTest, APackThatAnotherProcessPublishedIsFound) {
  ContentStore other(fs::posix(), paths(), StoreAccess::read_write, random);
  const Bytes bytes = random_bytes(300'000, 16);
  const auto content = ingest(bytes);
  // The other's index is the same file; forget the pack there to see the miss rule at work.
  const auto packs = store->packs_in_folder();
  store->index().remove_packs(packs);
  EXPECT_TRUE(other.recipe(content.oid));
}

TEST_F(RestoreTest, ReadsARangeOfAFile) {
  const Bytes bytes = random_bytes(3'000'000, 17);
  const auto recipe = store->recipe(ingest(bytes).oid)->recipe;
  Bytes range(1'500'000);
  ContentStore::Scratch scratch;
  read_file_range(*store, recipe, 1'234'567, range, scratch);
  EXPECT_TRUE(std::equal(range.begin(), range.end(), bytes.begin() + 1'234'567));
}

}  // namespace
}  // namespace axon::content

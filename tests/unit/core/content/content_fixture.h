// What tests of the content store stand on: a store in a temporary folder, files to put in, ways to damage
// it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/ingest.h"
#include "core/content/maintenance.h"
#include "core/content/restore.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::content {

class ContentFixture : public testing::Test {
 protected:
  ContentFixture() {
    fs::make_directories(fs::posix(), folder / "packs");
    fs::make_directories(fs::posix(), folder / "tmp");
    open();
  }

  ContentPaths paths() const { return {folder / "packs", folder / "index.db", folder / "tmp"}; }
  void open() {
    store.reset();
    store = std::make_unique<ContentStore>(fs::posix(), paths(), StoreAccess::read_write, random);
  }

  static Bytes random_bytes(std::size_t size, std::uint64_t seed) {
    Bytes bytes(size);
    test::SeededRandom(seed).fill(bytes);
    return bytes;
  }

  std::unique_ptr<fs::File> source(const Bytes& bytes) {
    const auto path = fs::unique_path(folder.path(), "source-");
    fs::write_file_atomically(fs::posix(), path, bytes);
    return fs::posix().open(path, {});
  }

  FileContent ingest(const Bytes& bytes, const FileLayout& layout = {}, const DeltaBases& bases = {}) {
    auto file = source(bytes);
    ContentWriter writer(*store);
    IngestPool pool(writer, *store, 2, no_progress(), cancel);
    FileContent content;
    pool.run(1, [&](std::size_t, IngestWorker& worker) {
      content = worker.ingest(*file, bytes.size(), layout, bases);
    });
    last_totals = writer.totals();
    writer.finish();
    writer.publish();
    return content;
  }

  Bytes restore(const FileContent& content) {
    const auto path = fs::unique_path(folder.path(), "restored-");
    fs::OpenOptions options;
    options.access = fs::Access::create;
    auto file = fs::posix().open(path, options);
    RestorePool pool(*store, 2, no_progress(), cancel);
    pool.run(1,
             [&](std::size_t, RestoreWorker& worker) { worker.restore(content.oid, content.size, *file); });
    return fs::read_file(fs::posix(), path, std::uint64_t{1} << 30);
  }

  // A bf16-like tensor table over `bytes`: a header of `header` bytes, then tensors of these lengths.
  static FileLayout layout_of(std::size_t header, const std::vector<std::uint64_t>& lengths) {
    FileLayout layout;
    std::uint64_t offset = header;
    for (const auto length : lengths) {
      layout.tensors.push_back(
          {"t" + std::to_string(layout.tensors.size()), "BF16", Element::bf16, {length / 2}, offset, length});
      offset += length;
    }
    return layout;
  }

  // Publishes a sound frame whose bytes are not what its id says: what only a hash can see.
  void plant(const FrameId& id, FrameKind kind, const Bytes& bytes, const Digest& aux = {}) {
    ContentWriter writer(*store);
    FrameEntry entry;
    entry.id = id;
    entry.kind = kind;
    entry.raw = static_cast<std::uint32_t>(bytes.size());
    entry.aux = aux;
    writer.add(entry, bytes);
    writer.finish();
    writer.publish();
  }

  // A file of one chunk whose frame holds other bytes of the same length.
  FileContent plant_wrong_chunk(const Bytes& promised, const Bytes& held) {
    Recipe recipe;
    recipe.oid = sha256(promised).as<Oid>();
    recipe.size = promised.size();
    recipe.chunks = {{recipe.oid.as<ChunkId>(), static_cast<std::uint32_t>(promised.size())}};
    plant(recipe.oid.as<FrameId>(), FrameKind::chunk, held);
    return plant_recipe(recipe);
  }
  FileContent plant_recipe(const Recipe& recipe) {
    const Bytes encoded = encode_recipe(recipe);
    plant(recipe_id(encoded).as<FrameId>(), FrameKind::recipe, encoded, recipe.oid.as<Digest>());
    return {recipe.oid, recipe.size, recipe_id(encoded), {}};
  }
  // A recipe that is true, but that its pack files under `oid`, which is another file's.
  RecipeId plant_recipe_under(const Oid& oid) {
    Recipe recipe = store->recipe(ingest(random_bytes(9'000, 0xf11e)).oid)->recipe;
    recipe.oid = sha256(random_bytes(1, 0xf11e)).as<Oid>();  // so that the store has not this one already
    const Bytes encoded = encode_recipe(recipe);
    plant(recipe_id(encoded).as<FrameId>(), FrameKind::recipe, encoded, oid.as<Digest>());
    return recipe_id(encoded);
  }
  // Puts the pack of `bytes` in place of the one of `others`, and returns the name under which it now lies.
  PackId plant_pack_under_others_name(const Bytes& bytes, const Bytes& others) {
    ingest(bytes);
    const auto pack = store->packs_in_folder().at(0);
    ingest(others);
    auto packs = store->packs_in_folder();
    std::erase(packs, pack);
    fs::write_file_atomically(fs::posix(), store->pack_path(packs.at(0)),
                              fs::read_file(fs::posix(), store->pack_path(pack), 1 << 20));
    open();
    return packs.at(0);
  }

  void flip_byte(const fs::Path& path, std::uint64_t offset) {
    fs::OpenOptions options;
    options.access = fs::Access::read_write;
    auto file = fs::posix().open(path, options);
    std::byte byte;
    file->read_at(offset, {&byte, 1});
    byte ^= std::byte{0x40};
    file->write_at(offset, {&byte, 1});
  }

  test::TempDir folder;
  test::SeededRandom random;
  CancelToken cancel;
  std::unique_ptr<ContentStore> store;
  ContentWriter::Totals last_totals;
};

}  // namespace axon::content

#include "core/store/compare.h"

#include <gmock/gmock.h>

#include "core/content/hash.h"
#include "core/content/ingest.h"
#include "core/history/pointer.h"
#include "tests/unit/core/store/store_fixture.h"

namespace axon::store {
namespace {

VersionFile file(const std::string& path, const std::string& content,
                 history::EntryMode mode = history::EntryMode::file) {
  VersionFile made;
  made.path = path;
  made.mode = mode;
  made.size = content.size();
  made.sha256 = content::sha256(as_bytes(content));
  return made;
}

std::string told(const std::vector<FileDifference>& differences) {
  std::string text;
  for (const auto& each : differences) {
    switch (each.kind) {
      case FileDifferenceKind::added:
        text += "+" + each.path() + " ";
        break;
      case FileDifferenceKind::removed:
        text += "-" + each.path() + " ";
        break;
      case FileDifferenceKind::changed:
        text += "~" + each.path() + " ";
        break;
      case FileDifferenceKind::renamed:
        text += each.before->path + ">" + each.after->path + " ";
        break;
    }
  }
  return text;
}

TEST(CompareFiles, TellsWhatWasAddedRemovedAndChanged) {
  EXPECT_EQ(told(compare_files({file("a", "1"), file("b", "1"), file("c", "1")},
                               {file("b", "2"), file("c", "1"), file("d", "4")})),
            "-a ~b +d ");
}

TEST(CompareFiles, OfEqualVersionsIsEmpty) {
  EXPECT_EQ(told(compare_files({file("a", "1")}, {file("a", "1")})), "");
  EXPECT_EQ(told(compare_files({}, {})), "");
}

TEST(CompareFiles, SeesAModeThatChangedAlone) {
  EXPECT_EQ(told(compare_files({file("a", "1")}, {file("a", "1", history::EntryMode::executable)})), "~a ");
}

TEST(CompareFiles, FindsRenamedFiles) {
  EXPECT_EQ(told(compare_files({file("model.bin", "w"), file("z", "1")},
                               {file("weights.bin", "w"), file("z", "1")})),
            "model.bin>weights.bin ");
}

TEST(CompareFiles, PairsEachRemovedFileWithOneAddedFileOnly) {
  EXPECT_EQ(told(compare_files({file("a", "w")}, {file("b", "w"), file("c", "w")})), "a>b +c ");
}

TEST(CompareFiles, DoesNotCallEmptyFilesRenamed) {
  EXPECT_EQ(told(compare_files({file("a", "")}, {file("b", "")})), "-a +b ");
}

// A file of two tensors in the content store: 100,000 bytes of 'a', then 300 of 'b'.
class TensorsTest : public StoreFixture {
 protected:
  TensorsTest() {
    content = std::string(100'000, 'a') + std::string(300, 'b');
    content::FileLayout layout;
    layout.tensors = {{"big", "U8", content::Element::bytes, {100'000}, 0, 100'000},
                      {"small", "U8", content::Element::bytes, {300}, 100'000, 300}};
    const auto path = folder / "model.bin";
    fs::write_file_atomically(fs::posix(), path, as_bytes(content));
    Transaction transaction(*store, cancel);
    content::IngestPool pool(transaction.content(), store->content(), 1, no_progress(), cancel);
    pool.run(1, [&](std::size_t, content::IngestWorker& worker) {
      auto opened = fs::posix().open(path, {});
      const auto made = worker.ingest(*opened, content.size(), layout, {});
      VersionFile version_file = file("model.bin", content);
      version_file.pointer = true;
      version_file.sha256 = made.oid.as<Digest>();
      files = {file("config.json", "{}"), version_file};
    });
    transaction.publish_objects();
  }
  std::string content;
  std::vector<VersionFile> files;
};

TEST_F(TensorsTest, AreThoseOfAllRecipes) {
  const auto tensors = read_tensors(*store, files);
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].name, "big");
  EXPECT_EQ(tensors[0].file, "model.bin");
  EXPECT_EQ(tensors[1].name, "small");
  EXPECT_EQ(tensors[1].length, 300u);
  EXPECT_EQ(tensors[1].id, content::sha256(as_bytes(std::string(300, 'b'))).as<TensorId>());
}

TEST_F(TensorsTest, AreReadBlockByBlock) {
  const auto tensors = read_tensors(*store, files);
  const auto reader = tensor_reader(*store, files, tensors[0]);
  std::string read;
  Bytes block(30'000);
  while (const std::size_t count = reader(block)) read += as_text(ByteSpan(block).first(count));
  EXPECT_EQ(read, std::string(100'000, 'a'));
}

TEST_F(TensorsTest, OfAFileWithoutARecipeAreAnError) {
  auto lost = files;
  lost[1].sha256 = content::sha256(as_bytes("never stored"));
  EXPECT_THROW(read_tensors(*store, lost), Error);
}

}  // namespace
}  // namespace axon::store

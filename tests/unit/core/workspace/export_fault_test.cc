// Whatever fails while a version is exported: every file that stands in the folder is whole, what was
// acknowledged is there, and the same export, told to write over what it left, succeeds.

#include "tests/unit/core/workspace/fault_loop.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

class ExportFaultTest : public testing::Test {
 protected:
  ExportFaultTest() {
    files_ = {{"config.json", "one"},
              {"deep/er/file", "deep"},
              {"deep/model.bin", noise(200'000, 1)},
              {"empty", ""},
              {"vocab.bin", noise(9'000, 2)}};
    loop_.prepare = [this](const fs::Path& folder) {
      auto session = open(fs::posix(), folder);
      for (const auto& [path, text] : files_) write_file(session.root, path, text);
      id_ = session.commit().id;
    };
    loop_.act = [this](fs::FileSystem& fs, const fs::Path& folder) { run(fs, folder, Overwrite::no); };
    loop_.check = [this](const fs::Path& folder, bool acted) { check(folder, acted); };
  }

  Session open(fs::FileSystem& fs, const fs::Path& folder) {
    return {fs, system_clock(), random_, folder / "home", folder / "work", 1};
  }
  CheckoutResult run(fs::FileSystem& fs, const fs::Path& folder, Overwrite overwrite) {
    const store::Environment environment{fs, system_clock(), random_};
    store::StoreOptions options;
    options.threads = 1;
    store::Store store(environment, folder / "home", options);
    return export_version(store, id_, folder / "out", {}, overwrite, no_progress(), CancelToken());
  }

  // What stands in the folder, but for the staging folder of an export that the power cut short.
  static FileTexts exported(const fs::Path& folder) {
    if (!std::filesystem::exists(folder / "out")) return {};
    auto files = read_files(folder / "out");
    std::erase_if(files, [](const auto& file) { return file.first.starts_with(".axon-partial-"); });
    return files;
  }

  void check(const fs::Path& folder, bool acted) {
    const auto left = exported(folder);
    if (acted) {
      EXPECT_EQ(left, files_);
    }
    for (const auto& [path, text] : left) {
      ASSERT_TRUE(files_.contains(path)) << path;
      EXPECT_EQ(text, files_.at(path)) << path;
    }
    run(fs::posix(), folder, Overwrite::yes);
    EXPECT_EQ(exported(folder), files_);
  }

  // After a failure, as opposed to a power cut, nothing stays but what has its name.
  void expect_clean_failures() {
    loop_.check = [this](const fs::Path& folder, bool acted) {
      if (std::filesystem::exists(folder / "out")) {
        for (const auto& entry : std::filesystem::directory_iterator(folder / "out"))
          EXPECT_FALSE(entry.path().filename().string().starts_with(".axon-partial-")) << entry.path();
      }
      check(folder, acted);
    };
  }

  FileTexts files_;
  GitId id_;
  test::SeededRandom random_;
  FaultLoop loop_;
};

TEST_F(ExportFaultTest, AnyCallFails) {
  loop_.fail(test::Fault::io_error, 12);
}
TEST_F(ExportFaultTest, TheDiskIsFull) {
  expect_clean_failures();
  loop_.fail(test::Fault::no_space, 6);
  loop_.fail(test::Fault::no_space, 4, test::Repeat::sticky);
}
TEST_F(ExportFaultTest, AWriteIsCutShort) {
  expect_clean_failures();
  loop_.fail(test::Fault::short_write, 4);
}
TEST_F(ExportFaultTest, ASyncFails) {
  expect_clean_failures();
  loop_.fail(test::Fault::fsync_failure, 6);
}
TEST_F(ExportFaultTest, ThePowerGoes) {
  loop_.cut_power(test::Unsynced::lost, 8);
}
TEST_F(ExportFaultTest, ThePowerGoesAndNamesSurvive) {
  loop_.cut_power(test::Unsynced::entries_survive, 8);
}
TEST_F(ExportFaultTest, ThePowerGoesAndDataSurvive) {
  loop_.cut_power(test::Unsynced::data_survives, 6);
}
TEST_F(ExportFaultTest, AnAcknowledgedExportSurvivesThePowerCut) {
  loop_.cut_power_afterwards(test::Unsynced::lost);
  loop_.cut_power_afterwards(test::Unsynced::entries_survive);
  loop_.cut_power_afterwards(test::Unsynced::data_survives);
}

}  // namespace
}  // namespace axon::workspace

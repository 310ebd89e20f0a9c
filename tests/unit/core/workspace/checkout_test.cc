#include "core/workspace/checkout.h"

#include <filesystem>

#include "core/workspace/stat_cache.h"
#include "core/workspace/status.h"
#include "tests/unit/core/store/store_fixture.h"
#include "tests/unit/core/store/version_maker.h"

namespace axon::workspace {
namespace {

using store::FileMap;
using store::noise;

Bytes text(std::string_view words) {
  return {as_bytes(words).begin(), as_bytes(words).end()};
}

class CheckoutTest : public store::StoreFixture {
 protected:
  CheckoutTest() {
    first = {{"large.bin", noise(300'000, 1)}, {"note", text("one")}, {"sub/deep/file", text("deep")}};
    second = {{"large.bin", noise(300'000, 2)}, {"note", text("one")}, {"other", text("new")}};
    first_id = store::commit_version(*store, "refs/heads/a/b", first, folder.path(), std::nullopt, cancel);
    second_id = store::commit_version(*store, "refs/heads/a/b", second, folder.path(), first_id, cancel);
    fs::make_directories(fs::posix(), root_path());
    WorkspaceState state{
        root(),      {model("a/b"), std::nullopt}, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
        std::nullopt};
    Workspace::create(real, root_path(), state);
    workspace.emplace(real, root_path());
  }

  fs::Path root_path() const { return folder / "work"; }

  CheckoutResult go(const GitId& commit, Overwrite overwrite = Overwrite::no,
                    const std::vector<std::string>& paths = {}) {
    return checkout(*store, *workspace, commit, paths, std::nullopt, overwrite, no_progress(), cancel);
  }

  FileMap files() const {
    FileMap found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_path())) {
      const auto path = entry.path().lexically_relative(root_path()).string();
      if (path.starts_with(".axon") || !entry.is_regular_file()) continue;
      found[path] = fs::read_file(fs::posix(), entry.path(), std::uint64_t{1} << 30);
    }
    return found;
  }
  void put(const std::string& path, std::string_view content) {
    fs::make_directories(fs::posix(), (root_path() / path).parent_path());
    fs::write_file_atomically(fs::posix(), root_path() / path, as_bytes(content));
  }

  store::Environment real{fs::posix(), system_clock(), random};
  FileMap first, second;
  GitId first_id, second_id;
  std::optional<Workspace> workspace;
};

TEST_F(CheckoutTest, BringsAVersion) {
  const auto result = go(first_id);
  EXPECT_EQ(files(), first);
  EXPECT_EQ(result.written.size(), 3u);
  EXPECT_EQ(workspace->state().base, first_id);
}

TEST_F(CheckoutTest, GoesBackAndForth) {
  go(first_id);
  go(second_id);
  EXPECT_EQ(files(), second);
  go(first_id);
  EXPECT_EQ(files(), first);
}

TEST_F(CheckoutTest, DoesNotTouchWhatIsThere) {
  go(first_id);
  const auto before = fs::posix().stat(root_path() / "note")->inode;
  const auto result = go(second_id);
  EXPECT_EQ(fs::posix().stat(root_path() / "note")->inode, before);
  EXPECT_EQ(result.unchanged, 1u);
  EXPECT_EQ(result.removed, std::vector<std::string>{"sub/deep/file"});
}

TEST_F(CheckoutTest, RemovesFoldersThatBecomeEmpty) {
  go(first_id);
  go(second_id);
  EXPECT_FALSE(std::filesystem::exists(root_path() / "sub"));
}

TEST_F(CheckoutTest, LeavesNothingForTheNextStatusToOpen) {
  go(first_id);
  StatCache cache(fs::posix(), workspace->layout().stat_cache());
  for (const auto& [path, content] : first) {
    EXPECT_NE(cache.unchanged(path, *fs::posix().stat(root_path() / path)), nullptr) << path;
  }
}

TEST_F(CheckoutTest, RefusesToLoseAChange) {
  go(first_id);
  put("large.bin", "mine");
  EXPECT_THROW(go(second_id), Error);
  EXPECT_EQ(files()["large.bin"], text("mine"));
  EXPECT_EQ(workspace->state().base, first_id);
}

TEST_F(CheckoutTest, RefusesToRemoveAChangedFile) {
  go(first_id);
  put("sub/deep/file", "mine");
  EXPECT_THROW(go(second_id), Error);
}

TEST_F(CheckoutTest, RefusesToOverwriteAFileThatIsInNoVersion) {
  go(first_id);
  put("other", "mine");
  EXPECT_THROW(go(second_id), Error);
  EXPECT_EQ(files()["other"], text("mine"));
}

TEST_F(CheckoutTest, ForceOverwrites) {
  go(first_id);
  put("large.bin", "mine");
  go(second_id, Overwrite::yes);
  EXPECT_EQ(files(), second);
}

TEST_F(CheckoutTest, KeepsFilesThatAreInNoVersion) {
  go(first_id);
  put("scratch/mine", "mine");
  go(second_id);
  EXPECT_EQ(files()["scratch/mine"], text("mine"));
}

TEST_F(CheckoutTest, KeepsAChangeWhereBothVersionsAgree) {
  go(first_id);
  put("note", "mine");
  const auto result = go(second_id);
  auto expected = second;
  expected["note"] = text("mine");
  EXPECT_EQ(files(), expected);
  EXPECT_EQ(result.kept, std::vector<std::string>{"note"});
  EXPECT_EQ(workspace->state().base, second_id);
  const auto changes = status(*store, *workspace, no_progress(), cancel).changes;
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].path, "note");
}

TEST_F(CheckoutTest, ForceOverwritesAChangeWhereBothVersionsAgree) {
  go(first_id);
  put("note", "mine");
  EXPECT_EQ(go(second_id, Overwrite::yes).kept, std::vector<std::string>{});
  EXPECT_EQ(files(), second);
}

TEST_F(CheckoutTest, KeepsAChangeOfTheModeWhereBothVersionsAgree) {
  go(first_id);
  std::filesystem::permissions(root_path() / "note", std::filesystem::perms(0755));
  EXPECT_EQ(go(second_id).kept, std::vector<std::string>{"note"});
  EXPECT_EQ(fs::posix().stat(root_path() / "note")->mode & 0777, 0755u);
}

TEST_F(CheckoutTest, OneConflictKeepsAllAsItIs) {
  go(first_id);
  put("note", "mine");
  put("large.bin", "mine, too");
  EXPECT_THROW(go(second_id), Error);
  EXPECT_EQ(files()["note"], text("mine"));
  EXPECT_EQ(workspace->state().base, first_id);
}

TEST_F(CheckoutTest, AChangeIsNotKeptWhereItsPathIsNamed) {
  go(first_id);
  put("note", "mine");
  EXPECT_THROW(go(second_id, Overwrite::no, {"note"}), Error);
  go(second_id, Overwrite::yes, {"note"});
  EXPECT_EQ(files()["note"], text("one"));
}

TEST_F(CheckoutTest, BringsBackAFileThatWasRemoved) {
  go(first_id);
  std::filesystem::remove(root_path() / "note");
  go(second_id);
  EXPECT_EQ(files(), second);
}

TEST_F(CheckoutTest, AChangeThatIsTheWantedContentIsNoConflict) {
  go(first_id);
  fs::write_file_atomically(fs::posix(), root_path() / "large.bin", second["large.bin"]);
  go(second_id);
  EXPECT_EQ(files(), second);
}

TEST_F(CheckoutTest, RestoresSinglePaths) {
  go(second_id);
  const auto result = go(first_id, Overwrite::yes, {"sub"});
  EXPECT_EQ(result.written, std::vector<std::string>{"sub/deep/file"});
  EXPECT_EQ(workspace->state().base, second_id);
  EXPECT_EQ(files()["large.bin"], second["large.bin"]);
}

TEST_F(CheckoutTest, APathThatNamesNothingIsAnError) {
  go(first_id);
  EXPECT_THROW(go(second_id, Overwrite::yes, {"nothing"}), Error);
}

TEST_F(CheckoutTest, NeverWritesThroughALink) {
  std::filesystem::create_directory(folder / "outside");
  std::filesystem::create_directory_symlink(folder / "outside", root_path() / "sub");
  EXPECT_THROW(go(first_id, Overwrite::yes), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "outside"));
}

TEST_F(CheckoutTest, DamageInTheStoreChangesNothing) {
  go(second_id);
  for (const auto& pack : store->content().packs_in_folder()) {
    const auto path = store->content().pack_path(pack);
    const auto bytes = fs::read_file(fs::posix(), path, std::uint64_t{1} << 30);
    Bytes damaged = bytes;
    for (std::size_t at = 4096; at + 4096 < damaged.size(); at += 4096) damaged[at] ^= std::byte{1};
    fs::write_file_atomically(fs::posix(), path, damaged);
    store->content().forget_pack(pack);
  }
  EXPECT_THROW(go(first_id), Error);
  EXPECT_EQ(files(), second);
  EXPECT_FALSE(std::filesystem::exists(workspace->layout().temporary()));
}

TEST_F(CheckoutTest, AFileMayBecomeAFolder) {
  const FileMap file{{"thing", text("a file")}}, inside{{"thing/part", text("a folder")}};
  const auto one = store::commit_version(*store, "refs/heads/a/c", file, folder.path(), std::nullopt, cancel);
  const auto two = store::commit_version(*store, "refs/heads/a/c", inside, folder.path(), one, cancel);
  go(one);
  go(two);
  EXPECT_EQ(files(), inside);
  go(one);
  EXPECT_EQ(files(), file);
}

TEST_F(CheckoutTest, AVersionThatIsNotWhatItsCommitSaysChangesNothing) {
  go(second_id);
  const auto lie = store::commit_lie(*store, "refs/heads/a/b", second_id, cancel);
  EXPECT_THROW(go(lie), Error);
  EXPECT_EQ(files(), second);
  EXPECT_EQ(workspace->state().base, second_id);
}

// What stands in the way is found before a file is staged: here that would fail.
class ObstacleTest : public CheckoutTest {
 protected:
  ObstacleTest() {
    go(second_id);
    file = {{"large.bin", noise(300'000, 3)}, {"thing", text("a file")}};
    inside = {{"large.bin", noise(300'000, 4)}, {"thing/part/x", text("x")}};
    file_id = store::commit_version(*store, "refs/heads/a/b", file, folder.path(), second_id, cancel);
    folder_id = store::commit_version(*store, "refs/heads/a/b", inside, folder.path(), file_id, cancel);
  }

  void lose_content() {
    for (const auto& pack : store->content().packs_in_folder()) {
      std::filesystem::remove(store->content().pack_path(pack));
      store->content().forget_pack(pack);
    }
  }

  void expect_obstacle(const GitId& commit, Overwrite overwrite, const std::string& cause,
                       const std::string& hint) {
    lose_content();
    const auto before = files();
    const auto base = workspace->state().base;
    try {
      go(commit, overwrite);
      ADD_FAILURE() << "it was done";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::failed);
      ASSERT_FALSE(error.causes().empty());
      EXPECT_EQ(error.causes().front(), cause);
      EXPECT_EQ(error.hints(), std::vector{hint});
    }
    EXPECT_EQ(files(), before);
    EXPECT_EQ(workspace->state().base, base);
    EXPECT_FALSE(workspace->state().restoring);
  }

  FileMap file, inside;
  GitId file_id, folder_id;
};

TEST_F(ObstacleTest, AFileWhereTheVersionHasAFolder) {
  put("thing", "mine");
  for (const auto overwrite : {Overwrite::no, Overwrite::yes}) {
    expect_obstacle(folder_id, overwrite, "'thing' is no folder, and the version has 'thing/part/x'",
                    "move 'thing' away and try again");
  }
}

TEST_F(ObstacleTest, ALinkWhereTheVersionHasAFolder) {
  std::filesystem::create_directory_symlink(folder.path(), root_path() / "thing");
  expect_obstacle(folder_id, Overwrite::yes, "'thing' is a link, and the version has 'thing/part/x'",
                  "move 'thing' away and try again");
}

TEST_F(ObstacleTest, AFolderWithFilesOfTheUserWhereTheVersionHasAFile) {
  put("thing/deep/mine", "mine");
  for (const auto overwrite : {Overwrite::no, Overwrite::yes}) {
    expect_obstacle(file_id, overwrite, "'thing' is a folder, and 'thing/deep/mine' in it is in no version",
                    "move 'thing' away and try again");
  }
}

TEST_F(ObstacleTest, AFileOfTheUserInAFolderThatBecomesAFile) {
  go(folder_id);
  put("thing/part/mine", "mine");
  expect_obstacle(file_id, Overwrite::no, "'thing' is a folder, and 'thing/part/mine' in it is in no version",
                  "move 'thing' away and try again");
}

TEST_F(ObstacleTest, AnIgnoredFileInAFolderThatBecomesAFile) {
  go(folder_id);
  put("thing/part/mine~", "mine");
  expect_obstacle(file_id, Overwrite::no,
                  "'thing' is a folder, and 'thing/part/mine~' in it is in no version",
                  "move 'thing' away and try again");
}

TEST_F(ObstacleTest, EmptyFoldersAreNone) {
  std::filesystem::create_directories(root_path() / "thing/empty/too");
  go(file_id);
  EXPECT_EQ(files(), file);
}

TEST_F(ObstacleTest, AChangedFileThatHasToGoIsAConflict) {
  go(file_id);
  put("thing", "mine");
  EXPECT_THROW(go(folder_id), Error);
  go(folder_id, Overwrite::yes);
  EXPECT_EQ(files(), inside);
}

TEST_F(ObstacleTest, AnExportFindsThemToo) {
  const auto place = folder / "elsewhere";
  std::filesystem::create_directories(place / "thing");
  fs::write_file_atomically(fs::posix(), place / "thing/mine", as_bytes("mine"));
  const auto run = [&](const GitId& id) {
    export_version(*store, id, place, {}, Overwrite::yes, no_progress(), cancel);
  };
  EXPECT_THROW(run(file_id), Error);
  run(folder_id);
  EXPECT_TRUE(std::filesystem::exists(place / "thing/part/x"));
  EXPECT_TRUE(std::filesystem::exists(place / "thing/mine"));
}

using ExportTest = CheckoutTest;

TEST_F(ExportTest, MaterialisesAVersionAnywhere) {
  const auto place = folder / "elsewhere" / "deep";
  const auto result = export_version(*store, first_id, place, {}, Overwrite::no, no_progress(), cancel);
  EXPECT_EQ(fs::read_file(fs::posix(), place / "large.bin", 1 << 30), first["large.bin"]);
  EXPECT_EQ(result.written.size(), 3u);
  for (const auto& entry : std::filesystem::directory_iterator(place)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".axon"));
  }
}

TEST_F(ExportTest, RefusesAVersionThatIsNotWhatItsCommitSays) {
  const auto lie = store::commit_lie(*store, "refs/heads/a/b", second_id, cancel);
  const auto place = folder / "elsewhere";
  EXPECT_THROW(export_version(*store, lie, place, {}, Overwrite::no, no_progress(), cancel), Error);
  EXPECT_TRUE(!std::filesystem::exists(place) || std::filesystem::is_empty(place));
}

TEST_F(ExportTest, RefusesAFolderThatIsNotEmpty) {
  EXPECT_THROW(export_version(*store, first_id, root(), {}, Overwrite::no, no_progress(), cancel), Error);
}

TEST(WorkspacePath, IsRelativeToTheWorkspace) {
  EXPECT_EQ(workspace_path("/w", "/w/sub", "file"), "sub/file");
  EXPECT_EQ(workspace_path("/w", "/w/sub", "../x/"), "x");
  EXPECT_EQ(workspace_path("/w", "/w", "."), "");
  EXPECT_EQ(workspace_path("/w", "/elsewhere", "/w/a"), "a");
}

TEST(WorkspacePath, RefusesToLeaveTheWorkspace) {
  EXPECT_THROW(workspace_path("/w", "/w", "../x"), Error);
  EXPECT_THROW(workspace_path("/w", "/w", "/wx/a"), Error);
}

}  // namespace
}  // namespace axon::workspace

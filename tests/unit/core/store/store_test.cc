#include "core/store/store.h"

#include <sys/wait.h>
#include <unistd.h>

#include "core/history/trailers.h"
#include "core/store/snapshot.h"
#include "tests/unit/core/store/store_fixture.h"

namespace axon::store {
namespace {

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::failed;
}

using StoreTest = StoreFixture;

TEST_F(StoreTest, CreatingTwiceChangesNothing) {
  const auto id = commit("refs/heads/a/b", {{"x", "1"}});
  Store::create(environment, root());
  open();
  EXPECT_EQ(store->history().ref("refs/heads/a/b")->commit, id);
}

TEST_F(StoreTest, ManyProcessesMayCreateTheSameStore) {
  const auto place = folder / "shared";
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        Store::create(environment, place);
        Store opened(environment, place, {});
        _exit(0);
      } catch (const std::exception&) {
        _exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

TEST_F(StoreTest, APlaceThatHoldsOtherThingsIsRefused) {
  const auto place = folder / "documents";
  fs::make_directories(fs::posix(), place);
  fs::write_file_atomically(fs::posix(), place / "letter.txt", as_bytes("dear"));
  EXPECT_EQ(code_of([&] { Store::create(environment, place); }), ErrorCode::already_exists);
}

TEST_F(StoreTest, ACreationThatWasCutShortIsFinished) {
  const auto place = folder / "torn";
  fs::make_directories(fs::posix(), place / "git");
  fs::write_file_atomically(fs::posix(), place / "git" / "HEAD", as_bytes("ref: nowhere"));
  Store::create(environment, place);
  EXPECT_NO_THROW(Store(environment, place, {}));
}

TEST_F(StoreTest, ACreationThatWasCutShortAtItsLastFileIsFinished) {
  const auto place = folder / "torn";
  fs::make_directories(fs::posix(), place / "packs");
  fs::write_file_atomically(fs::posix(), place / ".tmp-0123456789abcdef", as_bytes("{"));
  Store::create(environment, place);
  EXPECT_NO_THROW(Store(environment, place, {}));
}

TEST_F(StoreTest, AMissingStoreSaysSo) {
  EXPECT_EQ(code_of([&] { Store(environment, folder / "none", {}); }), ErrorCode::not_a_workspace);
}

TEST_F(StoreTest, AStoreOfANewerFormatIsRefused) {
  fs::write_file_atomically(fs::posix(), root() / "axon.json", as_bytes(R"({"format":2,"kind":"local"})"));
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::unsupported);
}

TEST_F(StoreTest, ARemoteIsNoStore) {
  fs::write_file_atomically(fs::posix(), root() / "axon.json", as_bytes(R"({"format":1,"kind":"remote"})"));
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::not_a_workspace);
}

TEST_F(StoreTest, DeletionWaitsForReaders) {
  const auto reading = store->lock_content(cancel);
  EXPECT_FALSE(store->try_lock_for_deletion());
}

TEST_F(StoreTest, ReadersDoNotWaitForEachOther) {
  const auto one = store->lock_content(cancel);
  EXPECT_NO_THROW(store->lock_content(cancel));
}

TEST_F(StoreTest, ALockThatIsHeldTooLongIsAnError) {
  StoreOptions impatient;
  impatient.lock_timeout = std::chrono::milliseconds(50);
  Store other(environment, root(), impatient);
  const auto held = store->lock_publish(cancel);
  EXPECT_EQ(code_of([&] { other.lock_publish(cancel); }), ErrorCode::locked);
}

using TransactionTest = StoreFixture;

TEST_F(TransactionTest, ALostRaceMovesNothing) {
  const auto first = commit("refs/heads/a/b", {{"x", "1"}});
  EXPECT_EQ(code_of([&] { commit("refs/heads/a/b", {{"x", "2"}}); }), ErrorCode::moved);
  EXPECT_EQ(store->history().ref("refs/heads/a/b")->commit, first);
}

TEST_F(TransactionTest, TidyingKeepsEverything) {
  std::optional<GitId> tip;
  for (int i = 0; i < 30; ++i) tip = commit("refs/heads/a/b", {{"x", std::to_string(i)}}, tip);
  tidy(*store, cancel);
  EXPECT_EQ(store->history().walk(std::vector{*tip}, {}).size(), 30u);
  std::size_t packs = 0;
  for (const auto& file : fs::posix().list(root() / "git/objects/pack"))
    packs += file.name.ends_with(".pack");
  EXPECT_LT(packs, 15u);
}

using SnapshotTest = StoreFixture;

TEST_F(SnapshotTest, ResolvesPointers) {
  const std::string oid(64, '5');
  const auto id =
      commit("refs/heads/a/b",
             {{"big", "version https://git-lfs.github.com/spec/v1\noid sha256:" + oid + "\nsize 123456\n"},
              {"small", "text"}});
  const auto files = read_version(*store, id);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_TRUE(files[0].pointer);
  EXPECT_EQ(files[0].size, 123456u);
  EXPECT_EQ(files[0].sha256.hex(), oid);
  EXPECT_FALSE(files[1].pointer);
  EXPECT_EQ(files[1].size, 4u);
}

TEST_F(SnapshotTest, ATreeThatIsNotWhatTheCommitPromisedIsRefused) {
  const auto id = commit("refs/heads/a/b", {{"small", "text"}});
  const auto files = read_version(*store, id);
  auto made = store->history().commit(id);
  made.message = history::append_trailers("version\n", {files_digest(files), std::nullopt});
  EXPECT_NO_THROW(check_files_digest(*store, made, files));
  auto other = files;
  other[0].sha256 = Digest{};
  EXPECT_THROW(check_files_digest(*store, made, other), Error);
}

TEST_F(SnapshotTest, HidesTheManagedPartOfGitattributes) {
  const auto id =
      commit("refs/heads/a/b", {{".gitattributes",
                                 "*.txt text\n\n# --- axon: managed below, do not edit ---\n/big filter=lfs "
                                 "diff=lfs merge=lfs -text\n"}});
  const auto files = read_version(*store, id);
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(as_text(read_text(*store, files[0])), "*.txt text\n");
}

TEST_F(SnapshotTest, AGitattributesThatTheUserHasNotIsNoFile) {
  const auto id =
      commit("refs/heads/a/b", {{".gitattributes",
                                 "# --- axon: managed below, do not edit ---\n/big filter=lfs diff=lfs "
                                 "merge=lfs -text\n"}});
  EXPECT_TRUE(read_version(*store, id).empty());
}

}  // namespace
}  // namespace axon::store

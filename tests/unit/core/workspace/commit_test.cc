#include "core/workspace/commit.h"

#include <chrono>
#include <thread>

#include "core/base/error.h"
#include "core/history/attributes.h"
#include "core/history/pointer.h"
#include "core/history/trailers.h"
#include "core/store/resolve.h"
#include "core/store/snapshot.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CommitTest : public WorkspaceFixture {
 protected:
  void write_model() {
    write(first(), "config.json", "{\"layers\": 2}\n");
    write(first(), "model.bin", noise(300'000, 1));
    write(first(), "sub/vocab.txt", "a\nb\n");
  }
  std::vector<store::VersionFile> version(const GitId& id) { return store::read_version(*first().store, id); }
  std::string blob(const GitId& commit, const std::string& path) {
    for (const auto& entry : first().store->history().entries(commit)) {
      if (entry.path == path) {
        return std::string(as_text(first().store->history().blob(entry.id, 1 << 20)));
      }
    }
    return "(absent)";
  }
};

TEST_F(CommitTest, StoresEveryFileAndMovesTheLine) {
  write_model();
  const auto result = first().commit();
  EXPECT_TRUE(result.committed);
  EXPECT_EQ(result.added, 3U);
  EXPECT_EQ(result.files, 3U);
  EXPECT_EQ(result.bytes, 300'000U + 14 + 4);
  EXPECT_EQ(result.bytes_read, result.bytes);
  EXPECT_EQ(first().workspace->state().base, result.id);
  EXPECT_EQ(first().store->history().ref("refs/heads/hf/bert")->commit, result.id);
  EXPECT_EQ(first().store->history().head(), "refs/heads/hf/bert");
  const auto files = version(result.id);
  ASSERT_EQ(files.size(), 3U);
  EXPECT_FALSE(files[0].pointer);
  EXPECT_TRUE(files[1].pointer);
  EXPECT_EQ(files[1].size, 300'000U);
}

TEST_F(CommitTest, TheTrailerTellsTheTruth) {
  write_model();
  const auto id = first().commit().id;
  const auto commit = first().store->history().commit(id);
  EXPECT_TRUE(history::parse_trailers(commit.message).files);
  store::check_files_digest(*first().store, commit, version(id));
}

TEST_F(CommitTest, NothingChangedIsNoCommitAndOpensNothing) {
  write_model();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));  // younger files are read again
  const auto id = first().commit().id;
  const auto again = first().commit();
  EXPECT_FALSE(again.committed);
  EXPECT_EQ(again.id, id);
  EXPECT_EQ(again.bytes_read, 0U);
  EXPECT_EQ(first().store->history().ref("refs/heads/hf/bert")->commit, id);
}

TEST_F(CommitTest, AnEmptyCommitIsMadeWhenAllowed) {
  write_model();
  first().commit();
  CommitOptions options;
  options.empty = EmptyCommit::allow;
  EXPECT_TRUE(first().commit(options).committed);
}

TEST_F(CommitTest, TheSecondVersionReadsOnlyWhatChanged) {
  write_model();
  first().commit();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  first().status();  // knows by now what was too young to be trusted
  write(first(), "config.json", "{\"layers\": 3}\n");
  remove(first(), "sub/vocab.txt");
  write(first(), "new.txt", "new");
  const auto result = first().commit();
  EXPECT_EQ(result.added, 1U);
  EXPECT_EQ(result.changed, 1U);
  EXPECT_EQ(result.removed, 1U);
  EXPECT_EQ(result.bytes_read, 14U + 3);
  EXPECT_EQ(first().store->history().commit(result.id).parents.size(), 1U);
}

TEST_F(CommitTest, ATouchedFileIsNoChange) {
  write_model();
  first().commit();
  write_model();
  EXPECT_FALSE(first().commit().committed);
}

TEST_F(CommitTest, WhatLooksLikeAPointerIsStoredAsContent) {
  const auto pointer = history::encode_pointer({Oid{}, 12});
  write(first(), "pointer.txt", pointer);
  write(first(), "odd.txt",
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 5\n\n");
  const auto id = first().commit().id;
  for (const auto& file : version(id)) EXPECT_TRUE(file.pointer) << file.path;
  EXPECT_NE(blob(id, "pointer.txt"), pointer);
}

TEST_F(CommitTest, SmallFilesAndTextAreBlobs) {
  write(first(), "small.bin", noise(4096, 1));
  write(first(), "medium.bin", noise(4097, 2));
  write(first(), "text.txt", std::string(128 * 1024, 'x'));
  write(first(), "long.txt", std::string(128 * 1024 + 1, 'x'));
  write(first(), "empty", "");
  std::map<std::string, bool> pointers;
  for (const auto& file : version(first().commit().id)) pointers[file.path] = file.pointer;
  EXPECT_EQ(pointers, (std::map<std::string, bool>{{"small.bin", false},
                                                   {"medium.bin", true},
                                                   {"text.txt", false},
                                                   {"long.txt", true},
                                                   {"empty", false}}));
}

TEST_F(CommitTest, AttributesNameThePointersAndKeepTheUsersBytes) {
  write(first(), ".gitattributes", "*.txt text\n");
  write(first(), "model.bin", noise(10'000, 1));
  const auto id = first().commit().id;
  const auto stored = blob(id, ".gitattributes");
  EXPECT_THAT(stored, testing::StartsWith("*.txt text\n"));
  EXPECT_THAT(stored, HasSubstr("/model.bin filter=lfs"));
  EXPECT_EQ(files(first())[".gitattributes"], "*.txt text\n");
  EXPECT_THAT(changes_of(first().status()), IsEmpty());
  EXPECT_FALSE(first().commit().committed);
}

TEST_F(CommitTest, AttributesThatNoVersionHasAreNotInTheWayOfACheckout) {
  write(first(), "model.bin", noise(10'000, 1));  // so that each version has attributes, but none of the user
  const auto id = first().commit().id;
  write(first(), "model.bin", noise(10'000, 2));
  first().commit();
  write(first(), ".gitattributes", "*.txt text\n");
  first().checkout(id);
  EXPECT_EQ(files(first())[".gitattributes"], "*.txt text\n");
  EXPECT_THAT(changes_of(first().status()), ElementsAre("added .gitattributes"));
}

TEST_F(CommitTest, AttributesWithTheMarkerAreRefused) {
  write(first(), ".gitattributes", std::string(history::kAttributesMarker) + "\n");
  EXPECT_EQ(code_of([&] { first().commit(); }), ErrorCode::usage);
}

TEST_F(CommitTest, ModesAndLinksAreKept) {
  write(first(), "run.sh", "#!/bin/sh\n");
  std::filesystem::permissions(first().root / "run.sh", std::filesystem::perms(0755));
  std::filesystem::create_symlink("run.sh", first().root / "link");
  const auto id = first().commit().id;
  const auto files = version(id);
  EXPECT_EQ(files[0].mode, history::EntryMode::symlink);
  EXPECT_EQ(files[0].size, 6U);
  EXPECT_EQ(files[1].mode, history::EntryMode::executable);
  std::filesystem::permissions(first().root / "run.sh", std::filesystem::perms(0644));
  EXPECT_THAT(changes_of(first().status()), ElementsAre("changed run.sh"));
  EXPECT_EQ(first().commit().changed, 1U);
}

TEST_F(CommitTest, NamedPathsAloneAreCommitted) {
  write_model();
  CommitOptions options;
  options.paths = {"sub"};
  EXPECT_EQ(first().commit(options).files, 1U);
  EXPECT_THAT(changes_of(first().status()), ElementsAre("added config.json", "added model.bin"));
  options.paths = {"missing"};
  EXPECT_EQ(code_of([&] { first().commit(options); }), ErrorCode::not_found);
}

TEST_F(CommitTest, AMovedLineIsRefused) {
  write_model();
  first().commit();
  write(second(), "other", "x");
  EXPECT_EQ(code_of([&] { second().commit(); }), ErrorCode::moved);
}

TEST_F(CommitTest, AMovedLineIsNoMatterWhenNothingChanged) {
  write_model();
  const auto base = first().commit().id;
  second().checkout(base);
  write(first(), "more", "x");
  first().commit();
  write(second(), "config.json", files(second())["config.json"]);  // touched
  EXPECT_FALSE(second().commit().committed);
}

TEST_F(CommitTest, OnLatestAppliesTheChangesToTheTipAndBringsInTheOthers) {
  write_model();
  const auto base = first().commit().id;
  second().checkout(base);
  write(first(), "config.json", "{\"layers\": 9}\n");
  remove(first(), "sub/vocab.txt");
  write(first(), "fresh/file", "fresh");
  const auto tip = first().commit().id;
  write(second(), "mine", "mine");
  const auto result = second().commit_on_latest();
  EXPECT_EQ(first().store->history().commit(result.id).parents, std::vector{tip});
  EXPECT_EQ(result.added, 1U);
  auto expected = files(first());
  expected["mine"] = "mine";
  EXPECT_EQ(files(second()), expected);
  EXPECT_EQ(second().workspace->state().base, result.id);
  EXPECT_THAT(changes_of(second().status()), IsEmpty());
}

TEST_F(CommitTest, OnLatestRefusesAPathThatBothChanged) {
  write_model();
  const auto base = first().commit().id;
  second().checkout(base);
  write(first(), "config.json", "theirs");
  const auto tip = first().commit().id;
  write(second(), "config.json", "mine");
  try {
    second().commit_on_latest();
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::moved);
    EXPECT_THAT(error.causes(), testing::Contains(HasSubstr("'config.json'")));
  }
  EXPECT_EQ(files(second())["config.json"], "mine");
  EXPECT_EQ(first().store->history().ref("refs/heads/hf/bert")->commit, tip);
}

TEST_F(CommitTest, OnLatestTakesTheSameChangeAsDone) {
  write_model();
  const auto base = first().commit().id;
  second().checkout(base);
  write(first(), "config.json", "same");
  const auto tip = first().commit().id;
  write(second(), "config.json", "same");
  const auto result = second().commit_on_latest();
  EXPECT_FALSE(result.committed);
  EXPECT_EQ(second().workspace->state().base, tip);
  EXPECT_THAT(changes_of(second().status()), IsEmpty());
}

TEST_F(CommitTest, OnLatestKeepsAFileThatIsInNoVersion) {
  write_model();
  const auto base = first().commit().id;
  second().checkout(base);
  write(first(), "notes~", "ignored in both");
  write(first(), ".axonignore", "!notes~\n");
  first().commit();
  write(second(), "notes~", "my own");
  write(second(), "mine", "mine");
  const auto result = second().commit_on_latest();
  EXPECT_EQ(files(second())["notes~"], "my own");
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("'notes~'")));
}

TEST_F(CommitTest, AFileThatIsAFolderElsewhereIsAConflict) {
  write_model();
  const auto base = first().commit().id;
  second().checkout(base);
  write(first(), "thing", "a file");
  first().commit();
  write(second(), "thing/inside", "a folder");
  EXPECT_EQ(code_of([&] { second().commit_on_latest(); }), ErrorCode::moved);
}

TEST_F(CommitTest, ACommitThatWasCutShortBehindItsCommitPointIsTakenOver) {
  write_model();
  auto state = first().workspace->state();
  const auto id = first().commit().id;
  state.publishing = Publishing{id};
  first().workspace->save(state);  // as if the power went before the base was saved
  EXPECT_THAT(changes_of(first().status()), IsEmpty());
  write(first(), "more", "x");
  const auto next = first().commit();
  EXPECT_EQ(first().store->history().commit(next.id).parents, std::vector{id});
  EXPECT_EQ(next.added, 1U);
}

TEST_F(CommitTest, ACommitThatWasCutShortBeforeItIsForgotten) {
  write_model();
  const auto id = first().commit().id;
  auto state = first().workspace->state();
  state.publishing = Publishing{*GitId::parse(std::string(40, '1'))};
  first().workspace->save(state);
  write(first(), "more", "x");
  EXPECT_EQ(first().store->history().commit(first().commit().id).parents, std::vector{id});
  EXPECT_FALSE(first().workspace->state().publishing);
}

TEST_F(CommitTest, ATagIsMadeWithTheCommitOrNotAtAll) {
  write_model();
  CommitOptions options;
  options.tag = VersionName::parse("v1");
  const auto id = first().commit(options).id;
  EXPECT_EQ(first().store->history().ref("refs/tags/hf/bert@v1")->commit, id);
  write(first(), "more", "x");
  EXPECT_EQ(code_of([&] { first().commit(options); }), ErrorCode::already_exists);
  options.tag = VersionName::parse("v2");
  first().commit(options);
  options.tag = VersionName::parse("v3");
  EXPECT_EQ(code_of([&] { first().commit(options); }), ErrorCode::failed);
}

TEST_F(CommitTest, LineageOfTheFirstCommitIsRecorded) {
  write_model();
  const auto origin = first().commit().id;
  second();
  auto state = second().workspace->state();
  state.line = {ModelName::parse("hf/tuned"), std::nullopt};
  state.lineage = origin;
  second().workspace->save(state);
  write(second(), "model.bin", noise(1000, 1));
  const auto id = second().commit().id;
  EXPECT_EQ(history::parse_trailers(first().store->history().commit(id).message).base, origin);
  write(second(), "model.bin", noise(1000, 2));
  const auto next = second().commit().id;
  EXPECT_FALSE(history::parse_trailers(first().store->history().commit(next).message).base);
}

TEST_F(CommitTest, ANameThatIsAFolderOfAnotherModelsIsRefused) {
  write_model();
  first().commit();
  auto state = second().workspace->state();
  state.line = {ModelName::parse("hf/bert/base"), std::nullopt};
  second().workspace->save(state);
  write(second(), "x", "x");
  EXPECT_EQ(code_of([&] { second().commit(); }), ErrorCode::usage);
}

TEST_F(CommitTest, MessagesTellWhatChanged) {
  write_model();
  EXPECT_EQ(first().commit().message, "add 3 files");
  write(first(), "config.json", "{}");
  EXPECT_EQ(first().commit().message, "change config.json");
  write(first(), "a", "1");
  remove(first(), "sub/vocab.txt");
  EXPECT_EQ(first().commit().message, "add a, remove sub/vocab.txt");
  CommitOptions options;
  options.message = "my words";
  options.empty = EmptyCommit::allow;
  EXPECT_EQ(first().commit(options).message, "my words");
}

TEST_F(CommitTest, ACancelledCommitThrowsAndChangesNothing) {
  write_model();
  first().cancel.cancel();
  EXPECT_EQ(code_of([&] { first().commit(); }), ErrorCode::interrupted);
  EXPECT_FALSE(first().store->history().ref("refs/heads/hf/bert"));
  EXPECT_FALSE(first().workspace->state().base);
}

TEST_F(CommitTest, TwinsAndBadNamesAreRefused) {
  write(first(), "Readme", "x");
  write(first(), "README", "x");
  EXPECT_EQ(code_of([&] { first().commit(); }), ErrorCode::failed);
}

}  // namespace
}  // namespace axon::workspace

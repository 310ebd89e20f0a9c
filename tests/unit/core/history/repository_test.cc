#include "core/history/repository.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "core/history/tree_object.h"
#include "tests/support/faulty_file_system.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

using RepositoryTest = HistoryFixture;

std::vector<std::string> paths_of(const std::vector<TreeEntry>& entries) {
  std::vector<std::string> paths;
  for (const auto& entry : entries) paths.push_back(entry.path);
  return paths;
}

TEST_F(RepositoryTest, IsBareAndWholeToGit) {
  EXPECT_EQ(git({"rev-parse", "--is-bare-repository"}), "true");
  EXPECT_EQ(git({"symbolic-ref", "HEAD"}), "refs/heads/main");
  EXPECT_EQ(git({"config", "core.logAllRefUpdates"}), "always");
  git({"fsck", "--strict"});
}

TEST_F(RepositoryTest, GivesACommitBack) {
  const auto first = commit({{"a", "1"}}, {}, "first\n");
  const auto second = commit({{"a", "2"}}, {first}, "second\n");
  const auto read = open().commit(second);
  EXPECT_EQ(read.parents, std::vector<GitId>{first});
  EXPECT_EQ(read.author, kAda);
  EXPECT_EQ(read.message, "second\n");
  EXPECT_EQ(git({"log", "--format=%H %s", second.hex()}),
            second.hex() + " second\n" + first.hex() + " first");
}

TEST_F(RepositoryTest, FlattensATree) {
  const Files files{{"a", "1"}, {"a.b/c", "2"}, {"a-b", "3"}, {"b/c/d", "4"}, {"b/c.d", "5"}};
  const auto id = commit(files);
  const auto entries = open().entries(id);
  std::vector<std::string> expected;
  for (const auto& [path, content] : files) expected.push_back(path);
  EXPECT_EQ(paths_of(entries), expected);
  for (const auto& entry : entries)
    EXPECT_EQ(as_text(open().blob(entry.id, 100)), files.at(entry.path)) << entry.path;
  git({"fsck", "--strict"});
}

TEST_F(RepositoryTest, KeepsModes) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto blob = writer.add(ObjectType::blob, as_bytes("x"));
  const std::vector<TreeEntry> entries{{"link", EntryMode::symlink, blob},
                                       {"run.sh", EntryMode::executable, blob},
                                       {"text", EntryMode::file, blob}};
  const auto tree = write_trees(writer, entries);
  writer.finish();
  EXPECT_EQ(open().entries(tree), entries);
}

TEST_F(RepositoryTest, HasAnEmptyTree) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto tree = write_trees(writer, {});
  writer.finish();
  EXPECT_EQ(tree.hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  EXPECT_TRUE(open().entries(tree).empty());
}

TEST_F(RepositoryTest, HandlesTwentyThousandFiles) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto blob = writer.add(ObjectType::blob, as_bytes("x"));
  std::vector<TreeEntry> entries;
  for (int at = 0; at < 20'000; ++at) {
    const auto number = std::to_string(100'000 + at);
    entries.push_back({"part-" + number.substr(0, 4) + "/" + number, EntryMode::file, blob});
  }
  const auto tree = write_trees(writer, entries);
  writer.finish();
  EXPECT_EQ(open().entries(tree), entries);
}

TEST_F(RepositoryTest, RefusesABlobAboveTheLimit) {
  const auto id = commit({{"a", "12345"}});
  const auto blob = open().entries(id)[0].id;
  EXPECT_EQ(open().blob(blob, 5).size(), 5U);
  EXPECT_EQ(error_of([&] { open().blob(blob, 4); }), ErrorCode::failed);
}

TEST_F(RepositoryTest, SaysWhatIsMissing) {
  const auto nobody = object_id(ObjectType::blob, as_bytes("nobody has this"));
  EXPECT_FALSE(open().contains(nobody));
  EXPECT_EQ(error_of([&] { open().blob(nobody, 100); }), ErrorCode::integrity);
  EXPECT_EQ(error_of([&] { open().commit(nobody); }), ErrorCode::integrity);
  EXPECT_FALSE(open().peel_to_commit(nobody));
}

TEST_F(RepositoryTest, RefusesTheWrongKindOfObject) {
  const auto id = commit({{"a", "1"}});
  EXPECT_EQ(error_of([&] { open().blob(id, 1000); }), ErrorCode::integrity);
  EXPECT_EQ(error_of([&] { open().commit(open().commit(id).tree); }), ErrorCode::integrity);
}

TEST_F(RepositoryTest, SeesPacksThatOthersAdd) {
  const auto first = commit({{"a", "1"}});
  EXPECT_TRUE(open().contains(first));
  const auto second = commit({{"a", "2"}}, {first});
  EXPECT_EQ(open().commit(second).parents, std::vector<GitId>{first});
}

TEST_F(RepositoryTest, FindsCommitsByPrefixAndNothingElse) {
  std::vector<GitId> commits;
  for (int at = 0; at < 40; ++at) commits.push_back(commit({{"a", std::to_string(at)}}));
  for (const auto& id : commits) {
    EXPECT_EQ(open().find_commits(id.hex()), std::vector<GitId>{id});
    EXPECT_EQ(open().find_commits(id.hex().substr(0, 12)), std::vector<GitId>{id});
  }
  EXPECT_TRUE(open().find_commits(open().commit(commits[0]).tree.hex()).empty());
  EXPECT_EQ(error_of([&] { open().find_commits("abc"); }), ErrorCode::usage);
  EXPECT_EQ(error_of([&] { open().find_commits("main"); }), ErrorCode::usage);
}

TEST_F(RepositoryTest, FollowsTags) {
  const auto id = commit({{"a", "1"}});
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto tag =
      writer.add(ObjectType::tag, as_bytes(encode_tag({id, ObjectType::commit, "v1", kAda, "first", ""})));
  const auto outer =
      writer.add(ObjectType::tag, as_bytes(encode_tag({tag, ObjectType::tag, "v1b", kAda, "again", ""})));
  writer.finish();
  EXPECT_EQ(open().peel_to_commit(outer), id);
  set_ref("refs/tags/hf/bert@v1", outer);
  const auto ref = open().ref("refs/tags/hf/bert@v1");
  ASSERT_TRUE(ref);
  EXPECT_EQ(ref->target, outer);
  EXPECT_EQ(ref->commit, id);
}

TEST_F(RepositoryTest, ReadsOnManyThreads) {
  Files files;
  for (int at = 0; at < 200; ++at)
    files["file" + std::to_string(at)] = std::string(3000, 'x') + std::to_string(at);
  const auto id = commit(files);
  const auto entries = open().entries(id);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (const auto& entry : entries)
        if (as_text(open().blob(entry.id, 10'000)) != files[entry.path]) ++wrong;
      if (open().walk(std::vector{id}, {}).size() != 1) ++wrong;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(RepositoryTest, ReadsWhatGitRepacksWithDeltas) {
  std::vector<GitId> commits;
  std::string text(20'000, 'x');
  for (int at = 0; at < 20; ++at) {
    text.replace(static_cast<std::size_t>(at) * 100, 3, std::to_string(100 + at));
    commits.push_back(
        commit({{"file", text}}, commits.empty() ? std::vector<GitId>{} : std::vector{commits.back()}));
  }
  set_ref("refs/heads/hf/bert", commits.back());
  git({"-c", "gc.auto=0", "repack", "-adf", "--depth=50"});
  ASSERT_NE(
      git({"verify-pack", "-v", "objects/pack/" + packs().at(0).stem().string() + ".idx"}).find("chain"),
      std::string::npos);
  reopen();
  for (const auto& id : commits) {
    const auto entries = open().entries(id);
    EXPECT_EQ(open().blob(entries[0].id, 30'000).size(), 20'000U);
  }
  EXPECT_EQ(open().walk(std::vector{commits.back()}, {}).size(), 20U);
}

TEST_F(RepositoryTest, TakesNoNoticeOfTheUsersConfiguration) {
  commit({{"a", "1"}});
  ::setenv("HOME", dir.path().c_str(), 1);
  std::ofstream(dir / ".gitconfig") << "[core\nbroken";
  EXPECT_NO_THROW(open().refs("refs/"));
}

TEST_F(RepositoryTest, SaysSoWhenReadingFails) {
  const auto id = commit({{"a", "1"}, {"b/c", "2"}});
  set_ref("refs/heads/hf/bert", id);
  for (std::uint64_t n = 1;; ++n) {
    test::FaultyFileSystem faulty(fs::posix(), dir.path());
    faulty.fail_at(n, test::Fault::io_error);
    const auto code = error_of([&] {
      Repository repository(faulty, git_dir);
      EXPECT_EQ(repository.refs("refs/").size(), 1U);
      EXPECT_EQ(repository.entries(id).size(), 2U);
      EXPECT_EQ(repository.walk(std::vector{id}, {}).size(), 1U);
    });
    if (!faulty.fired()) break;
    EXPECT_TRUE(code == ErrorCode::io || code == ErrorCode::integrity) << n;
    EXPECT_EQ(open().walk(std::vector{id}, {}).size(), 1U) << n;
  }
}

TEST_F(RepositoryTest, IsDurableOnceCreated) {
  for (std::uint64_t n = 1;; ++n) {
    const test::TempDir place;
    test::FaultyFileSystem faulty(fs::posix(), place.path());
    faulty.cut_power_at(n);
    try {
      Repository::create(faulty, place / "git");
    } catch (const test::PowerCut&) {
    }
    if (faulty.fired()) continue;
    faulty.restore_durable_state();
    const auto status = run({"git", "-C", (place / "git").string(), "fsck", "--strict"});
    EXPECT_EQ(status.exit_code, 0) << status.standard_error;
    EXPECT_EQ(Repository(fs::posix(), place / "git").head(), "refs/heads/main");
    break;
  }
}

// --- trees that no honest program writes ---

class HostileTrees : public HistoryFixture {
 protected:
  struct Item {
    std::string mode, name;
    GitId id;
  };
  GitId tree_of(const std::vector<Item>& items) {
    Bytes tree;
    for (const auto& item : items) append_tree_item(tree, item.mode, item.name, item.id);
    GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
    const auto id = writer.add(ObjectType::tree, tree);
    writer.finish();
    return id;
  }
  GitId blob() {
    GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
    const auto id = writer.add(ObjectType::blob, as_bytes("x"));
    writer.finish();
    return id;
  }
};

TEST_F(HostileTrees, AreRefusedForTheirNames) {
  const auto x = blob();
  for (const std::string name : {"..", ".", ".git", ".GIT", ".axon", "a\nb", "git~1", ".g\u200cit", "\xff"})
    EXPECT_EQ(error_of([&] {
                open().entries(tree_of({{"100644", name, x}}));
              }),
              ErrorCode::integrity)
        << name;
}

TEST_F(HostileTrees, AreRefusedForTheNamesOfFolders) {
  const auto inner = tree_of({{"100644", "config", blob()}});
  for (const std::string name : {"..", ".git", ".axon"})
    EXPECT_EQ(error_of([&] {
                open().entries(tree_of({{"40000", name, inner}}));
              }),
              ErrorCode::integrity)
        << name;
}

TEST_F(HostileTrees, AreRefusedForTwinsAndDisorder) {
  const auto x = blob();
  const auto inner = tree_of({{"100644", "x", x}});
  for (const auto& items : std::vector<std::vector<Item>>{{{"100644", "A", x}, {"100644", "a", x}},
                                                          {{"100644", "b", x}, {"100644", "a", x}},
                                                          {{"100644", "a", x}, {"100644", "a", x}},
                                                          {{"100644", "a", x}, {"40000", "a", inner}}})
    EXPECT_EQ(error_of([&] { open().entries(tree_of(items)); }), ErrorCode::integrity);
}

TEST_F(HostileTrees, AreRefusedForTheirModes) {
  for (const std::string mode : {"160000", "100600", "020000", "0", "99", "1234567890", "-1"})
    EXPECT_EQ(error_of([&] {
                open().entries(tree_of({{mode, "a", blob()}}));
              }),
              ErrorCode::integrity)
        << mode;
}

TEST_F(HostileTrees, AreRefusedWhenTheyGrowWithoutEnd) {
  auto tree = tree_of({{"100644", "x", blob()}});
  for (int level = 0; level < 30; ++level) tree = tree_of({{"40000", "a", tree}, {"40000", "b", tree}});
  EXPECT_EQ(error_of([&] { open().entries(tree); }), ErrorCode::integrity);
}

TEST_F(HostileTrees, AreRefusedWhenTooDeep) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  auto tree = writer.add(ObjectType::tree, {});
  for (int level = 0; level < 20'000; ++level) {
    Bytes bytes;
    append_tree_item(bytes, "40000", "a", tree);
    tree = writer.add(ObjectType::tree, bytes);
  }
  writer.finish();
  EXPECT_EQ(error_of([&] { open().entries(tree); }), ErrorCode::integrity);
}

TEST_F(HostileTrees, AreRefusedWhenCutShort) {
  Bytes good;
  append_tree_item(good, "100644", "name", blob());
  for (std::size_t size = 1; size < good.size(); ++size)
    EXPECT_EQ(error_of([&] { parse_tree(ByteSpan(good).first(size)); }), ErrorCode::integrity) << size;
}

// --- building ---

TEST_F(RepositoryTest, RefusesToBuildWhatItWouldNotRead) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  for (const auto& paths :
       std::vector<std::vector<std::string>>{{".."}, {"a", "a/b"}, {"b", "a"}, {"A", "a"}}) {
    std::vector<TreeEntry> entries;
    for (const auto& path : paths) entries.push_back({path, EntryMode::file, {}});
    EXPECT_EQ(error_of([&] { write_trees(writer, entries); }), ErrorCode::usage) << paths[0];
  }
}

}  // namespace
}  // namespace axon::history

#include <atomic>
#include <fstream>
#include <thread>

#include "core/base/fs/file_lock.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

class RefsTest : public HistoryFixture {
 protected:
  std::optional<ErrorCode> update(const std::vector<RefUpdate>& updates) {
    return error_of([&] { open().update_refs(updates, kAda, "commit: one"); });
  }
  std::vector<std::string> names(const std::string& prefix) {
    std::vector<std::string> found;
    for (const auto& ref : open().refs(prefix)) found.push_back(ref.name);
    return found;
  }
  std::optional<GitId> at(const std::string& name) {
    const auto ref = open().ref(name);
    return ref ? std::optional(ref->target) : std::nullopt;
  }

  GitId one = commit({{"a", "1"}});
  GitId two = commit({{"a", "2"}}, {one});
};

using Names = std::vector<std::string>;

TEST_F(RefsTest, AreMadeMovedAndDeleted) {
  EXPECT_FALSE(open().ref("refs/heads/hf/bert"));
  EXPECT_FALSE(update({{"refs/heads/hf/bert", {}, one}}));
  EXPECT_EQ(at("refs/heads/hf/bert"), one);
  EXPECT_FALSE(update({{"refs/heads/hf/bert", one, two}}));
  EXPECT_EQ(git({"rev-parse", "refs/heads/hf/bert"}), two.hex());
  EXPECT_FALSE(update({{"refs/heads/hf/bert", two, {}}}));
  EXPECT_FALSE(open().ref("refs/heads/hf/bert"));
  EXPECT_EQ(git({"for-each-ref"}), "");
}

TEST_F(RefsTest, MoveOnlyFromWhereTheyAreExpected) {
  EXPECT_EQ(update({{"refs/heads/hf/bert", one, two}}), ErrorCode::moved);
  update({{"refs/heads/hf/bert", {}, one}});
  EXPECT_EQ(update({{"refs/heads/hf/bert", {}, two}}), ErrorCode::moved);
  EXPECT_EQ(update({{"refs/heads/hf/bert", two, one}}), ErrorCode::moved);
  EXPECT_EQ(update({{"refs/heads/hf/bert", two, {}}}), ErrorCode::moved);
  EXPECT_EQ(at("refs/heads/hf/bert"), one);
}

TEST_F(RefsTest, NameTheRefThatMoved) {
  update({{"refs/heads/hf/bert", {}, one}});
  try {
    open().update_refs(std::vector<RefUpdate>{{"refs/heads/hf/bert", two, one}}, kAda, "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "'hf/bert' has moved");
    EXPECT_EQ(error.causes().at(0),
              "it is at " + one.short_hex() + ", and was expected at " + two.short_hex());
  }
}

TEST_F(RefsTest, MoveTogetherOrNotAtAll) {
  update({{"refs/heads/hf/a", {}, one}, {"refs/heads/hf/b", {}, one}});
  EXPECT_EQ(
      update({{"refs/heads/hf/a", one, two}, {"refs/heads/hf/b", two, one}, {"refs/tags/hf/a@v1", {}, one}}),
      ErrorCode::moved);
  EXPECT_EQ(at("refs/heads/hf/a"), one);
  EXPECT_FALSE(at("refs/tags/hf/a@v1"));
  EXPECT_FALSE(
      update({{"refs/heads/hf/a", one, two}, {"refs/heads/hf/b", one, {}}, {"refs/tags/hf/a@v1", {}, one}}));
  EXPECT_EQ(names("refs/"), (Names{"refs/heads/hf/a", "refs/tags/hf/a@v1"}));
}

// A folder where the log of one of them should be makes its write fail, after others have been written.
TEST_F(RefsTest, ArePutBackWhenOneOfThemFailsMidway) {
  std::vector<RefUpdate> updates;
  for (int at = 0; at < 8; ++at) updates.push_back({"refs/heads/hf/old" + std::to_string(at), {}, one});
  update(updates);
  for (auto& each : updates) each = {each.name, one, two};
  for (int at = 0; at < 8; ++at) updates.push_back({"refs/heads/hf/new" + std::to_string(at), {}, one});
  std::filesystem::create_directories(git_dir / "logs/refs/heads/hf/new3");
  std::ofstream(git_dir / "logs/refs/heads/hf/new3/x") << "in the way";
  EXPECT_TRUE(update(updates));
  EXPECT_EQ(open().refs("refs/").size(), 8U);
  std::size_t undone = 0;
  for (const auto& ref : open().refs("refs/")) {
    EXPECT_EQ(ref.target, one) << ref.name;
    undone += open().reflog(ref.name).front().message.starts_with("undone: ");
  }
  EXPECT_GT(undone, 0U);
  std::filesystem::remove_all(git_dir / "logs/refs/heads/hf/new3");
  EXPECT_FALSE(update(updates));
  EXPECT_EQ(open().refs("refs/").size(), 16U);
}

TEST_F(RefsTest, NeverNameWhatIsNotThere) {
  const auto nobody = object_id(ObjectType::commit, as_bytes("nobody"));
  EXPECT_EQ(update({{"refs/heads/hf/bert", {}, nobody}}), ErrorCode::integrity);
  EXPECT_FALSE(at("refs/heads/hf/bert"));
}

TEST_F(RefsTest, AreListedByPrefixInOrder) {
  for (const char* name : {"refs/heads/hf/b", "refs/heads/hf/a@x", "refs/heads/hf/a", "refs/tags/hf/a@1",
                           "refs/remotes/prod/heads/hf/a"})
    update({{name, {}, one}});
  EXPECT_EQ(names("refs/heads/"), (Names{"refs/heads/hf/a", "refs/heads/hf/a@x", "refs/heads/hf/b"}));
  EXPECT_EQ(names("refs/heads/hf/a"), (Names{"refs/heads/hf/a", "refs/heads/hf/a@x"}));
  EXPECT_EQ(names("refs/heads/hf/a@"), (Names{"refs/heads/hf/a@x"}));
  EXPECT_EQ(names("refs/nothing"), Names{});
  EXPECT_EQ(names("refs/").size(), 5U);
}

TEST_F(RefsTest, AreFoundWhenGitHasPackedThem) {
  update({{"refs/heads/hf/a", {}, one}, {"refs/tags/hf/a@1", {}, two}});
  git({"pack-refs", "--all"});
  reopen();
  EXPECT_EQ(names("refs/"), (Names{"refs/heads/hf/a", "refs/tags/hf/a@1"}));
  EXPECT_EQ(update({{"refs/heads/hf/a/x", {}, one}}), ErrorCode::usage);
  EXPECT_FALSE(update({{"refs/heads/hf/a", one, {}}}));
  EXPECT_EQ(names("refs/heads/"), Names{});
  EXPECT_FALSE(update({{"refs/tags/hf/a@1", two, one}}));
  EXPECT_EQ(git({"rev-parse", "refs/tags/hf/a@1"}), one.hex());
}

TEST_F(RefsTest, RefuseAFolderOfAnother) {
  update({{"refs/heads/hf/bert", {}, one}});
  EXPECT_EQ(update({{"refs/heads/hf/bert/x", {}, one}}), ErrorCode::usage);
  EXPECT_EQ(update({{"refs/heads/hf", {}, one}}), ErrorCode::usage);
  EXPECT_EQ(update({{"refs/heads/a/b", {}, one}, {"refs/heads/a/b/c", {}, one}}), ErrorCode::usage);
  EXPECT_FALSE(update({{"refs/heads/hf/bert-x", {}, one}}));
}

TEST_F(RefsTest, CanFollowInTheFolderOfADeletedOne) {
  update({{"refs/heads/hf/bert", {}, one}});
  update({{"refs/heads/hf/bert", one, {}}});
  EXPECT_FALSE(update({{"refs/heads/hf/bert/x", {}, one}}));
  update({{"refs/heads/hf/bert/x", one, {}}});
  EXPECT_FALSE(update({{"refs/heads/hf/bert", {}, two}}));
  EXPECT_EQ(at("refs/heads/hf/bert"), two);
}

TEST_F(RefsTest, RefuseBadAndDoubledNames) {
  for (const char* name :
       {"", "HEAD", "refs/heads/", "refs/heads/a b", "refs/heads/a..b", "refs/heads/x.lock", "refs/heads/~1",
        "/etc/passwd", "refs/../x", "refs/heads/a\nb"})
    EXPECT_EQ(update({{name, {}, one}}), ErrorCode::usage) << name;
  EXPECT_EQ(update({{"refs/heads/a", {}, one}, {"refs/heads/a", {}, two}}), ErrorCode::usage);
}

TEST_F(RefsTest, HaveALogWithTheGivenPersonAndTime) {
  update({{"refs/tags/hf/bert@v1", {}, one}});
  open().update_refs(std::vector<RefUpdate>{{"refs/tags/hf/bert@v1", one, two}}, kAda, "tag:\nmoved");
  const auto log = open().reflog("refs/tags/hf/bert@v1");
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[0].before, one);
  EXPECT_EQ(log[0].after, two);
  EXPECT_EQ(log[0].who, kAda);
  EXPECT_EQ(log[0].message, "tag: moved");
  EXPECT_TRUE(log[1].before.is_zero());
  EXPECT_EQ(git({"reflog", "show", "--format=%gs", "refs/tags/hf/bert@v1"}), "tag: moved\ncommit: one");
}

TEST_F(RefsTest, HaveNoLogBeforeTheyExistNorAfter) {
  EXPECT_TRUE(open().reflog("refs/heads/hf/bert").empty());
  EXPECT_FALSE(fs::exists(fs::posix(), git_dir / "logs/refs/heads/hf/bert"));
  update({{"refs/heads/hf/bert", {}, one}});
  update({{"refs/heads/hf/bert", one, {}}});
  EXPECT_TRUE(open().reflog("refs/heads/hf/bert").empty());
}

TEST_F(RefsTest, AreFreedOfLocksThatACrashLeft) {
  update({{"refs/heads/hf/bert", {}, one}});
  for (const char* name : {"refs/heads/hf/bert.lock", "packed-refs.lock", "HEAD.lock"})
    std::ofstream(git_dir / name) << "";
  EXPECT_FALSE(update({{"refs/heads/hf/bert", one, two}}));
  EXPECT_FALSE(update({{"refs/heads/hf/bert", two, {}}}));
  EXPECT_NO_THROW(open().set_head("refs/heads/hf/bert"));
}

TEST_F(RefsTest, AreReportedWhenDamaged) {
  update({{"refs/heads/hf/good", {}, one}, {"refs/heads/hf/bad", {}, one}});
  for (const std::string& content : {std::string(), std::string("x"), std::string(40, 'f') + "\n",
                                     std::string(39, '0') + "\n", one.hex() + "z\n"}) {
    std::ofstream(git_dir / "refs/heads/hf/bad") << content;
    reopen();
    EXPECT_EQ(error_of([&] { open().refs("refs/"); }), ErrorCode::integrity) << content;
    EXPECT_EQ(error_of([&] { open().ref("refs/heads/hf/bad"); }), ErrorCode::integrity) << content;
    const auto check = open().check_refs();
    ASSERT_EQ(check.bad.size(), 1U);
    EXPECT_EQ(check.bad[0].name, "refs/heads/hf/bad");
    ASSERT_EQ(check.good.size(), 1U);
    EXPECT_EQ(check.good[0].name, "refs/heads/hf/good");
    EXPECT_EQ(at("refs/heads/hf/good"), one);
  }
}

// Each flip is found, or changes nothing.
TEST_F(RefsTest, AreNeverReadAsSomethingElseAfterAFlippedBit) {
  update({{"refs/heads/hf/bert", {}, two}});
  const auto good = fs::read_file(fs::posix(), git_dir / "refs/heads/hf/bert", 100);
  const std::string text(as_text(good));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    auto bad = text;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(git_dir / "refs/heads/hf/bert", std::ios::binary) << bad;
    std::optional<Ref> ref;
    const auto code = error_of([&] { ref = open().ref("refs/heads/hf/bert"); });
    EXPECT_TRUE(code == ErrorCode::integrity || (ref && ref->target == two)) << bit;
  }
}

TEST_F(RefsTest, MakeHeadFollow) {
  EXPECT_EQ(open().head(), "refs/heads/main");
  open().set_head("refs/heads/hf/bert");
  EXPECT_EQ(open().head(), "refs/heads/hf/bert");
  update({{"refs/heads/hf/bert", {}, two}});
  EXPECT_EQ(git({"rev-parse", "HEAD"}), two.hex());
}

TEST_F(RefsTest, LoseNoMoveAmongThreads) {
  update({{"refs/heads/hf/bert", {}, one}});
  constexpr int kThreads = 4;
  constexpr int kMoves = 25;
  std::vector<GitId> targets;
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  for (int at = 0; at < kThreads * kMoves; ++at)
    targets.push_back(add_commit(writer, {{"a", std::to_string(at)}}, {}, "x"));
  writer.finish();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Repository own(fs::posix(), git_dir);
      for (int move = 0; move < kMoves;) {
        const CancelToken cancel;
        const fs::FileLock lock(fs::posix(), dir / "publish.lock", fs::LockMode::exclusive,
                                std::chrono::seconds(60), cancel);
        const auto& target = targets[static_cast<std::size_t>(t) * kMoves + static_cast<std::size_t>(move)];
        const auto now = own.ref("refs/heads/hf/bert")->target;
        own.update_refs(std::vector<RefUpdate>{{"refs/heads/hf/bert", now, target}}, kAda, "move");
        ++move;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto log = open().reflog("refs/heads/hf/bert");
  ASSERT_EQ(log.size(), kThreads * kMoves + 1U);
  for (std::size_t entry = 0; entry + 1 < log.size(); ++entry)
    EXPECT_EQ(log[entry].before, log[entry + 1].after);
}

TEST_F(RefsTest, LetOneOfManyThreadsWin) {
  auto& repository = open();
  for (int round = 0; round < 20; ++round) {
    const auto name = "refs/heads/hf/round" + std::to_string(round);
    std::atomic<int> won = 0;
    std::atomic<int> moved = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const auto code = error_of([&] {
          repository.update_refs(std::vector<RefUpdate>{{name, {}, one}}, kAda, "race");
        });
        ++(code == ErrorCode::moved ? moved : won);
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(moved, 3);
  }
}

}  // namespace
}  // namespace axon::history

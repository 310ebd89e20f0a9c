// Commits beside each other, files that change under a commit, and commits that are stopped.

#include "core/workspace/commit.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <utility>

#include "core/store/names.h"
#include "core/store/snapshot.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

using testing::HasSubstr;

std::size_t rounds() {
  const char* wanted = std::getenv("AXON_TEST_LONG");
  return wanted != nullptr && std::string(wanted) == "1" ? 50 : 4;
}

// Calls back at the first read of a file with this name.
class Meddling final : public Progress {
 public:
  explicit Meddling(std::function<void()> meddle) : meddle_(std::move(meddle)) {}
  void begin(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {
    if (meddle_) std::exchange(meddle_, nullptr)();
  }
  void end() override {}
  void warn(std::string_view) override {}

 private:
  std::function<void()> meddle_;
};

class CommitRaceTest : public WorkspaceFixture {
 protected:
  CommitOptions options() {
    CommitOptions options;
    options.author = options.committer = somebody();
    return options;
  }
};

TEST_F(CommitRaceTest, NoneOfManyCommitsOnOneLineIsLost) {
  constexpr std::size_t kWriters = 4;
  write(first(), "start", "x");
  first().commit();
  std::vector<std::thread> writers;
  std::atomic<int> failures{0};
  for (std::size_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      try {
        test::SeededRandom random(100 + writer);
        Session session(fs::posix(), system_clock(), random, home(), folder_ / ("w" + std::to_string(writer)),
                        1);
        for (std::size_t round = 0; round < rounds(); ++round) {
          write_file(session.root, "w" + std::to_string(writer) + "/" + std::to_string(round),
                     noise(5000, static_cast<std::uint32_t>(round)));
          if (!session.commit_on_latest().committed) ++failures;
        }
      } catch (const Error& error) {
        ADD_FAILURE() << error.message() << (error.causes().empty() ? "" : ": " + error.causes().back());
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(failures, 0);
  const auto tip = first().store->history().ref("refs/heads/hf/bert")->commit;
  const std::vector<GitId> tips{tip};
  EXPECT_EQ(first().store->history().walk(tips, {}).size(), 1 + kWriters * rounds());
  EXPECT_EQ(store::read_version(*first().store, tip).size(), 1 + kWriters * rounds());
}

// Makes the tag that the commit is to get, as another command would.
class Taking final : public store::Gate {
 public:
  explicit Taking(const GitId& commit) : commit_(commit) {}
  std::string name() const override { return "taking"; }
  store::Verdict check(const store::Change& change) override {
    if (asked_++ == 0) {
      store::create_tag(change.store, change.model, VersionName::parse("v1"), commit_, std::nullopt,
                        somebody(), CancelToken());
    }
    return {};
  }
  int asked() const { return asked_; }

 private:
  const GitId commit_;
  int asked_ = 0;
};

TEST_F(CommitRaceTest, ATagThatSomebodyTakesMeanwhileEndsACommitOnLatest) {
  write(first(), "start", "x");
  Taking taking(first().commit().id);
  const std::array<store::Gate*, 1> gates{&taking};
  write(first(), "more", "x");
  auto wanted = options();
  wanted.onto = CommitOnto::latest;
  wanted.tag = VersionName::parse("v1");
  wanted.gates = gates;
  EXPECT_EQ(code_of([&] { first().commit(wanted); }), ErrorCode::already_exists);
  EXPECT_EQ(taking.asked(), 1);
}

TEST_F(CommitRaceTest, AFileThatChangesWhileItIsReadFailsTheCommit) {
  write(first(), "model.bin", noise(9 << 20, 1));
  Meddling meddling([&] {
    const auto file =
        fs::posix().open(first().root / "model.bin",
                         {.access = fs::Access::read_write, .caching = {}, .links = {}, .mode = 0});
    file->write_at(8 << 20, as_bytes("changed"));
  });
  try {
    commit(*first().store, *first().workspace, options(), meddling, first().cancel);
    ADD_FAILURE() << "it was committed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failed);
    EXPECT_THAT(error.message(), HasSubstr("'model.bin'"));
  }
  EXPECT_FALSE(first().store->history().ref("refs/heads/hf/bert"));
  EXPECT_TRUE(first().commit().committed);
}

TEST_F(CommitRaceTest, AFileThatShrinksOrVanishesFailsTheCommit) {
  write(first(), "a.bin", noise(9 << 20, 1));
  write(first(), "b.bin", noise(5000, 2));
  Session one_thread(fs::posix(), system_clock(), random_, home(), folder_ / "first", 1);
  Meddling shrinking([&] { std::filesystem::resize_file(first().root / "a.bin", 1 << 20); });
  EXPECT_EQ(code_of([&] {
              commit(*one_thread.store, *one_thread.workspace, options(), shrinking, one_thread.cancel);
            }),
            ErrorCode::failed);
  Meddling vanishing([&] { std::filesystem::remove(first().root / "b.bin"); });
  EXPECT_EQ(code_of([&] {
              commit(*one_thread.store, *one_thread.workspace, options(), vanishing, one_thread.cancel);
            }),
            ErrorCode::failed);
  EXPECT_EQ(first().commit().files, 1U);
}

TEST_F(CommitRaceTest, WhatAStoppedCommitHasStoredIsKept) {
  // More than the pipeline holds at once: some of it is in packs when the stop comes.
  write(first(), "a.bin", noise(40 << 20, 1));
  std::uint64_t seen = 0;
  class Stopping final : public Progress {
   public:
    Stopping(CancelToken& cancel, std::uint64_t& seen) : cancel_(cancel), seen_(seen) {}
    void begin(std::string_view, std::uint64_t) override {}
    void advance(std::uint64_t amount) override {
      seen_ += amount;
      if (seen_ >= 38U << 20) cancel_.cancel();
    }
    void end() override {}
    void warn(std::string_view) override {}

   private:
    CancelToken& cancel_;
    std::uint64_t& seen_;
  };
  Session session(fs::posix(), system_clock(), random_, home(), folder_ / "first", 1);
  Stopping stopping(session.cancel, seen);
  EXPECT_EQ(code_of([&] { commit(*session.store, *session.workspace, options(), stopping, session.cancel); }),
            ErrorCode::interrupted);
  const auto result = first().commit();
  EXPECT_TRUE(result.committed);
  EXPECT_LT(result.bytes_new, 35U << 20) << "the first part was in the store";
}

}  // namespace
}  // namespace axon::workspace

// Whatever fails while a checkout runs: every file is whole, as it was or as it is to be; the next command
// finishes it, and takes no file of either version for a change of the user.

#include "tests/unit/core/workspace/fault_loop.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

class CheckoutFaultTest : public testing::Test {
 protected:
  CheckoutFaultTest() {
    before_ = {{"config.json", "one"},
               {"gone/deep/file", "gone"},
               {"model.bin", noise(200'000, 1)},
               {"shape", "a file"},
               {"steady", "steady"}};
    after_ = {{"config.json", "two"},       {"fresh/a", "a"},
              {"fresh/b", noise(9'000, 3)}, {"model.bin", noise(200'000, 2)},
              {"shape/inside", "a folder"}, {"steady", "steady"}};
    loop_.prepare = [this](const fs::Path& folder) {
      auto session = open(fs::posix(), folder);
      for (const auto& [path, text] : before_) write_file(session.root, path, text);
      first_ = session.commit().id;
      for (const auto& [path, text] : before_) std::filesystem::remove(session.root / path);
      for (const auto& [path, text] : after_) write_file(session.root, path, text);
      second_ = session.commit().id;
      session.checkout(first_);
    };
    loop_.act = [this](fs::FileSystem& fs, const fs::Path& folder) { open(fs, folder).checkout(second_); };
  }

  Session open(fs::FileSystem& fs, const fs::Path& folder) {
    return {fs, system_clock(), random_, folder / "home", folder / "work", 1};
  }

  void expect_whole_files(Session& session) {
    for (const auto& [path, text] : read_files(session.root)) {
      const auto old = before_.find(path), young = after_.find(path);
      EXPECT_TRUE((old != before_.end() && old->second == text) ||
                  (young != after_.end() && young->second == text))
          << path;
    }
  }

  // Going on to the version that was asked for.
  void check_forward(const fs::Path& folder, bool acted) {
    auto session = open(fs::posix(), folder);
    expect_whole_files(session);
    if (acted) {
      EXPECT_EQ(read_files(session.root), after_);
    }
    session.checkout(second_);
    EXPECT_EQ(read_files(session.root), after_);
    EXPECT_EQ(session.workspace->state().base, second_);
    EXPECT_THAT(changes_of(session.status()), testing::IsEmpty());
  }
  // Going back to where it started.
  void check_back(const fs::Path& folder) {
    auto session = open(fs::posix(), folder);
    session.checkout(first_);
    EXPECT_EQ(read_files(session.root), before_);
    EXPECT_THAT(changes_of(session.status()), testing::IsEmpty());
  }
  // A commit must not make a version of the mixture.
  void check_commit(const fs::Path& folder) {
    auto session = open(fs::posix(), folder);
    EXPECT_FALSE(session.commit().committed);
    const auto base = session.workspace->state().base;
    EXPECT_EQ(read_files(session.root), base == first_ ? before_ : after_);
  }

  void go_forward() {
    loop_.check = [this](const fs::Path& folder, bool acted) { check_forward(folder, acted); };
  }
  void go_back() {
    loop_.check = [this](const fs::Path& folder, bool) { check_back(folder); };
  }

  FileTexts before_, after_;
  GitId first_, second_;
  test::SeededRandom random_;
  FaultLoop loop_;
};

TEST_F(CheckoutFaultTest, AnyCallFails) {
  go_forward();
  loop_.fail(test::Fault::io_error, 12);
  go_back();
  loop_.fail(test::Fault::io_error, 6);
}
TEST_F(CheckoutFaultTest, TheDiskIsFull) {
  go_forward();
  loop_.fail(test::Fault::no_space, 6);
  loop_.fail(test::Fault::no_space, 4, test::Repeat::sticky);
}
TEST_F(CheckoutFaultTest, AWriteIsCutShort) {
  go_forward();
  loop_.fail(test::Fault::short_write, 4);
}
TEST_F(CheckoutFaultTest, ASyncFails) {
  go_forward();
  loop_.fail(test::Fault::fsync_failure, 6);
}
TEST_F(CheckoutFaultTest, ThePowerGoes) {
  go_forward();
  loop_.cut_power(test::Unsynced::lost, 8);
  go_back();
  loop_.cut_power(test::Unsynced::lost, 4);
}
TEST_F(CheckoutFaultTest, ThePowerGoesAndNamesSurvive) {
  go_forward();
  loop_.cut_power(test::Unsynced::entries_survive, 8);
}
TEST_F(CheckoutFaultTest, ThePowerGoesAndDataSurvive) {
  go_forward();
  loop_.cut_power(test::Unsynced::data_survives, 6);
}
TEST_F(CheckoutFaultTest, ACommitAfterwardsTakesNoMixture) {
  loop_.check = [this](const fs::Path& folder, bool) { check_commit(folder); };
  loop_.cut_power(test::Unsynced::entries_survive, 8);
}
TEST_F(CheckoutFaultTest, AnAcknowledgedCheckoutSurvivesThePowerCut) {
  go_forward();
  loop_.cut_power_afterwards(test::Unsynced::lost);
  loop_.cut_power_afterwards(test::Unsynced::entries_survive);
  loop_.cut_power_afterwards(test::Unsynced::data_survives);
}

}  // namespace
}  // namespace axon::workspace

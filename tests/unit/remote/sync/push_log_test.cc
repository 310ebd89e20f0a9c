#include "remote/sync/push_log.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "core/base/error.h"
#include "remote/storage/adapters/local_directory.h"
#include "remote/storage/adapters/memory.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/remote/sync/log_builder.h"
#include "tests/unit/remote/sync/scripted_storage.h"

namespace axon::sync {
namespace {

const std::string kLine = "refs/heads/hf/bert";

class PushLogTest : public testing::Test {
 protected:
  PushLog open() { return PushLog(storage_, RemoteState(remote_id())); }
  PushLog open_and_read() {
    auto log = open();
    log.refresh();
    return log;
  }
  // Appends pushes with tips first … last.
  void push(int first, int last) {
    auto log = open_and_read();
    for (int tip = first; tip <= last; ++tip) {
      ASSERT_EQ(log.append(push_entry(log.state(), kLine, tip)), AppendOutcome::committed);
      log.write_snapshot_if_due();
    }
  }
  std::string read(const storage::Key& key) {
    return std::string(as_text(storage::read_object(storage_, key, kMaxSnapshotSize).value()));
  }
  void write(const storage::Key& key, const std::string& bytes) {
    SpanSource source(as_bytes(bytes));
    storage_.write(key, source, storage::Condition::always());
  }
  std::string refusal(PushLog& log) {
    try {
      log.refresh();
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity);
      return error.message() + ": " + (error.causes().empty() ? "" : error.causes().front());
    }
  }

  test::FakeClock clock_;
  storage::MemoryStorage memory_{clock_, 10};
  ScriptedStorage storage_{memory_};
};

TEST_F(PushLogTest, IsEmptyAtFirst) {
  auto log = open_and_read();
  EXPECT_EQ(log.state().seq(), 0u);
  EXPECT_TRUE(log.state().refs().empty());
}

TEST_F(PushLogTest, ReadsWhatWasAppended) {
  push(1, 3);
  std::vector<std::uint64_t> visited;
  auto log = open();
  log.refresh([&](const LogEntry& entry, const Digest&) { visited.push_back(entry.seq); });
  EXPECT_EQ(visited, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(log.state().ref(kLine), commit_id(3));
}

TEST_F(PushLogTest, NamesEntriesByTwentyDigits) {
  push(1, 1);
  EXPECT_TRUE(storage_.stat(storage::Key("log/00000000000000000001.json")));
}

TEST_F(PushLogTest, ReadsOnFromWhatItKnows) {
  push(1, 2);
  auto log = open_and_read();
  push(3, 4);
  std::vector<std::uint64_t> visited;
  log.refresh([&](const LogEntry& entry, const Digest&) { visited.push_back(entry.seq); });
  EXPECT_EQ(visited, (std::vector<std::uint64_t>{3, 4}));
}

TEST_F(PushLogTest, NeedsOneListingAndOneReadWhenNothingIsNew) {
  push(1, 3);
  auto log = open_and_read();
  storage_.forget_calls();
  log.refresh();
  EXPECT_EQ(storage_.calls(), (std::vector<std::string>{"read " + log_key(3).text(), "list log/"}));
}

TEST_F(PushLogTest, FindsEntriesThatListingsDoNotShowYet) {
  push(1, 5);
  storage_.hide_from(log_key(3).text());
  storage_.set_traits({.write_if_absent = true, .ranged_reads = true, .strong_listing = false});
  EXPECT_EQ(open_and_read().state().seq(), 5u);
}

TEST_F(PushLogTest, LosesTheRaceForANumberThatIsTaken) {
  auto slow = open_and_read();
  push(1, 1);
  EXPECT_EQ(slow.append(push_entry(slow.state(), kLine, 2)), AppendOutcome::lost);
  EXPECT_EQ(slow.state().seq(), 0u);
  slow.refresh();
  EXPECT_EQ(slow.append(push_entry(slow.state(), kLine, 2)), AppendOutcome::committed);
}

TEST_F(PushLogTest, WritesNoEntryThatReadersWouldRefuse) {
  auto log = open_and_read();
  auto entry = push_entry(log.state(), kLine, 1);
  entry.updates[0].before = commit_id(9);
  EXPECT_THROW(log.append(entry), Error);
  EXPECT_FALSE(storage_.stat(log_key(1)));
}

// --- answers that do not come ---

TEST_F(PushLogTest, KnowsItsEntryWhenTheAnswerWasLost) {
  auto log = open_and_read();
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write") ? CallFault::lost_answer : CallFault::none;
  });
  EXPECT_EQ(log.append(push_entry(log.state(), kLine, 1)), AppendOutcome::committed);
  EXPECT_EQ(log.state().seq(), 1u);
  EXPECT_EQ(log.state().ref(kLine), commit_id(1));
}

TEST_F(PushLogTest, WritesAgainWhenTheRequestWasLost) {
  auto log = open_and_read();
  int writes = 0;
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    return call.starts_with("write") && ++writes == 1 ? CallFault::lost_request : CallFault::none;
  });
  EXPECT_EQ(log.append(push_entry(log.state(), kLine, 1)), AppendOutcome::committed);
  EXPECT_EQ(open_and_read().state().seq(), 1u);
}

TEST_F(PushLogTest, SaysThatTheOutcomeIsUnknownWhenNothingAnswers) {
  auto log = open_and_read();
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write") ? CallFault::lost_answer : CallFault::lost_request;
  });
  EXPECT_EQ(log.append(push_entry(log.state(), kLine, 1)), AppendOutcome::unknown);
  storage_.set_script({});
  EXPECT_EQ(log.append(push_entry(RemoteState(remote_id()), kLine, 1)), AppendOutcome::committed)
      << "the same push, made again, is told by its op_id";
}

TEST_F(PushLogTest, TellsALostRaceFromALostAnswer) {
  auto log = open_and_read();
  push(1, 1);
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write") ? CallFault::lost_request : CallFault::none;
  });
  EXPECT_EQ(log.append(push_entry(log.state(), kLine, 2)), AppendOutcome::lost);
}

TEST_F(PushLogTest, TakesNoEntryForCommittedThatMayNotLast) {
  auto log = open_and_read();
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write") ? CallFault::doubtful : CallFault::none;
  });
  EXPECT_EQ(log.append(push_entry(log.state(), kLine, 1)), AppendOutcome::unknown);
}

// At every single call of a push one thing goes wrong; afterwards the push is in the log exactly once.
TEST_F(PushLogTest, EndsRightWhicheverCallGoesWrong) {
  for (const auto fault : {CallFault::lost_request, CallFault::lost_answer, CallFault::doubtful}) {
    for (std::uint64_t n = 1; n < 12; ++n) {
      storage::MemoryStorage memory(clock_, 10);
      ScriptedStorage storage(memory);
      storage.set_script(
          [&](const std::string&, std::uint64_t number) { return number == n ? fault : CallFault::none; });
      for (int attempt = 0; attempt < 5; ++attempt) {
        PushLog log(storage, RemoteState(remote_id()));
        try {
          log.refresh();
          if (log.state().ref(kLine) == commit_id(1)) break;
          if (log.append(push_entry(log.state(), kLine, 1)) == AppendOutcome::committed) break;
        } catch (const Error&) {
        }
      }
      PushLog reader(memory, RemoteState(remote_id()));
      reader.refresh();
      EXPECT_EQ(reader.state().seq(), 1u) << n;
      EXPECT_EQ(reader.state().ref(kLine), commit_id(1)) << n;
    }
  }
}

// --- tampering ---

TEST_F(PushLogTest, NoticesAChangedEntryInTheMiddle) {
  push(1, 3);
  auto entry = decode_entry(read(log_key(2)), "entry");
  entry.actor = "Eve";
  write(log_key(2), encode_entry(entry));
  auto log = open();
  EXPECT_NE(refusal(log).find("entry 3 of the push log does not follow"), std::string::npos);
}

TEST_F(PushLogTest, NoticesEntriesThatChangedPlaces) {
  push(1, 3);
  const auto second = read(log_key(2));
  write(log_key(2), read(log_key(3)));
  write(log_key(3), second);
  auto log = open();
  EXPECT_NE(refusal(log), "");
}

TEST_F(PushLogTest, NoticesAnEntryOfAnotherRemote) {
  auto log = open_and_read();
  auto entry = push_entry(log.state(), kLine, 1);
  entry.remote_id = id_of<RemoteId>(1);
  write(log_key(1), encode_entry(entry));
  EXPECT_NE(refusal(log).find("does not follow"), std::string::npos);
}

TEST_F(PushLogTest, NoticesAGap) {
  push(1, 5);
  storage_.remove(log_key(3));
  auto log = open();
  EXPECT_NE(refusal(log).find("has a gap: there is an entry 5, but no entry 3"), std::string::npos);
}

TEST_F(PushLogTest, NoticesAStranger) {
  push(1, 2);
  write(storage::Key("log/notes.txt"), "hello");
  auto log = open();
  EXPECT_NE(refusal(log).find("'log/notes.txt' is no entry"), std::string::npos);
}

TEST_F(PushLogTest, NoticesAShorterLog) {
  push(1, 3);
  auto log = open_and_read();
  storage_.remove(log_key(3));
  EXPECT_NE(refusal(log).find("is not the one seen before: its entry 3 is gone"), std::string::npos);
}

TEST_F(PushLogTest, NoticesAForkOfTheSameLength) {
  push(1, 2);
  auto log = open_and_read();
  auto entry = decode_entry(read(log_key(2)), "entry");
  entry.updates[0].after = commit_id(99);
  entry.needs = {{commit_id(99), entry.needs.begin()->second}};
  write(log_key(2), encode_entry(entry));
  EXPECT_NE(refusal(log).find("its entry 2 has changed"), std::string::npos);
}

TEST_F(PushLogTest, NoticesALongerFork) {
  push(1, 2);
  auto log = open_and_read();
  storage_.remove(log_key(1));
  storage_.remove(log_key(2));
  push(11, 15);
  EXPECT_NE(refusal(log).find("its entry 2 has changed"), std::string::npos);
}

TEST_F(PushLogTest, RefusesAnEntryThatIsTooLong) {
  write(log_key(1), std::string(kMaxEntrySize + 1, ' '));
  auto log = open();
  EXPECT_NE(refusal(log), "");
}

// --- snapshots ---

TEST_F(PushLogTest, ReadsTheSameFromASnapshotAsFromTheStart) {
  push(1, 100);
  const auto snapshots = storage::list_all(memory_, kSnapshotPrefix);
  ASSERT_GT(snapshots.size(), 0u);
  auto log = open();
  EXPECT_TRUE(log.refresh() == open().replay());
}

TEST_F(PushLogTest, ReadsOnlyWhatCameAfterTheNewestSnapshot) {
  push(1, 100);
  const auto newest = snapshot_seq(storage::list_all(memory_, kSnapshotPrefix).back().key).value();
  std::uint64_t first = 0;
  open().refresh([&](const LogEntry& entry, const Digest&) {
    if (first == 0) first = entry.seq;
  });
  EXPECT_EQ(first, newest == 100 ? 0 : newest + 1);
}

TEST_F(PushLogTest, PassesOverADamagedSnapshot) {
  push(1, 100);
  const auto expected = open().replay();
  for (const auto& snapshot : storage::list_all(memory_, kSnapshotPrefix)) {
    auto bytes = read(snapshot.key);
    auto& middle = bytes[bytes.size() / 2];
    middle = static_cast<char>(middle ^ 1);
    write(snapshot.key, bytes);
    EXPECT_TRUE(open().refresh() == expected);
  }
}

TEST_F(PushLogTest, PassesOverASnapshotOfAnotherLog) {
  push(1, 100);
  const auto key = storage::list_all(memory_, kSnapshotPrefix).back().key;
  auto other = decode_entry(read(log_key(snapshot_seq(key).value())), "entry");
  RemoteState strange(remote_id());
  for (int tip = 1; strange.seq() < snapshot_seq(key); ++tip)
    apply(strange, push_entry(strange, "refs/heads/hf/other", tip));
  write(key, strange.encode());
  EXPECT_EQ(open_and_read().state().ref(kLine), commit_id(100));
}

TEST_F(PushLogTest, WritesTheSameSnapshotWhoeverWritesIt) {
  push(1, 60);
  for (const auto& snapshot : storage::list_all(memory_, kSnapshotPrefix)) {
    const auto seq = snapshot_seq(snapshot.key).value();
    RemoteState state(remote_id());
    for (std::uint64_t at = 1; at <= seq; ++at) apply(state, decode_entry(read(log_key(at)), "entry"));
    EXPECT_EQ(state.encode(), read(snapshot.key));
  }
}

TEST_F(PushLogTest, NeedsNoSnapshotToBeWritten) {
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write snap/") ? CallFault::lost_request : CallFault::none;
  });
  push(1, 60);
  EXPECT_TRUE(storage::list_all(memory_, kSnapshotPrefix).empty());
  EXPECT_EQ(open_and_read().state().seq(), 60u);
}

// --- races ---

// Many writers, each with its own pushes to its own line and to a common one: each push lands exactly once.
void race(const std::function<std::unique_ptr<storage::Storage>()>& open_storage, CallFault fault) {
  constexpr int kWriters = 8, kPushes = 12;
  std::mutex mutex;
  std::multiset<OpId> done;
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        const auto inner = open_storage();
        ScriptedStorage storage(*inner, [fault](const std::string& call, std::uint64_t number) {
          return call.starts_with("write") && number % 5 == 0 ? fault : CallFault::none;
        });
        PushLog log(storage, RemoteState(remote_id()));
        const auto line = "refs/heads/hf/model" + std::to_string(writer % 4);
        for (int push = 0; push < kPushes; ++push) {
          const int tip = 1 + writer * kPushes + push;
          for (;;) {
            log.refresh();
            auto entry = push_entry(log.state(), line, tip);
            const auto outcome = log.append(entry);
            if (outcome == AppendOutcome::lost) continue;
            ASSERT_EQ(outcome, AppendOutcome::committed);
            const std::lock_guard lock(mutex);
            done.insert(entry.op_id);
            break;
          }
          log.write_snapshot_if_due();
        }
      });
    }
  }
  std::multiset<OpId> found;
  const auto storage = open_storage();
  PushLog reader(*storage, RemoteState(remote_id()));
  const auto whole = reader.replay([&](const LogEntry& entry, const Digest&) { found.insert(entry.op_id); });
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kWriters * kPushes));
  EXPECT_EQ(found, done);
  EXPECT_TRUE(reader.refresh() == whole);
}

TEST(PushLogRaces, EachOfManyPushesLandsOnceInMemory) {
  test::FakeClock clock;
  storage::MemoryStorage memory(clock);
  race([&] { return std::make_unique<ScriptedStorage>(memory); }, CallFault::none);
}

TEST(PushLogRaces, EachOfManyPushesLandsOnceInADirectory) {
  const test::TempDir folder;
  race([&] { return std::make_unique<storage::LocalDirectory>(fs::posix(), folder.path()); },
       CallFault::none);
}

TEST(PushLogRaces, EachOfManyPushesLandsOnceThoughAnswersAreLost) {
  test::FakeClock clock;
  storage::MemoryStorage memory(clock);
  race([&] { return std::make_unique<ScriptedStorage>(memory); }, CallFault::lost_answer);
}

TEST(PushLogRaces, EachOfManyPushesLandsOnceThoughRequestsAreLost) {
  test::FakeClock clock;
  storage::MemoryStorage memory(clock);
  race([&] { return std::make_unique<ScriptedStorage>(memory); }, CallFault::lost_request);
}

}  // namespace
}  // namespace axon::sync

// Pushes that met others, were cut short, or whose requests went wrong.
#include "tests/unit/remote/sync/push_fixture.h"

namespace axon::sync {
namespace {

// --- races ---

TEST_F(PushTest, TriesTheNextNumberWhenAnotherModelIsFaster) {
  ada_.commit("hf/bert", version_one());
  bob_.commit("hf/t5", version_two());
  bool pushed = false;
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    if (call.starts_with("write log/") && !std::exchange(pushed, true)) bob_.push(memory_, {"hf/t5"});
    return CallFault::none;
  });
  ada_.push(storage_, {"hf/bert"});
  EXPECT_EQ(state().seq(), 2u);
  expect_clone("hf/bert", version_one());
  expect_clone("hf/t5", version_two());
}

TEST_F(PushTest, SaysThatTheRemoteMovedWhenTheSameLineIsFaster) {
  ada_.commit("hf/bert", version_one());
  bob_.commit("hf/bert", version_two());
  bool pushed = false;
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    if (call.starts_with("write log/") && !std::exchange(pushed, true)) bob_.push(memory_, {"hf/bert"});
    return CallFault::none;
  });
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::moved);
  expect_clone("hf/bert", version_two());
}

// --- what was cut short ---

// Makes packs large enough in number by pushing several models.
TEST_F(PushTest, SendsNothingTwiceAfterItWasCutShort) {
  ada_.commit("hf/bert", version_one());
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write log/") ? CallFault::lost_request : CallFault::none;
  });
  // The log cannot be written to; all else has arrived.
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::unknown_outcome);
  storage_.set_script({});
  storage_.forget_calls();
  const auto result = ada_.push(storage_, {"hf/bert"});
  EXPECT_EQ(result.bytes_sent, 0u);
  EXPECT_EQ(writes("packs/"), 0u);
  EXPECT_EQ(writes("log/"), 1u);
  expect_clone("hf/bert", version_one());
}

TEST_F(PushTest, FindsOutThatItHadHappened) {
  ada_.commit("hf/bert", version_one());
  bool written = false;
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    if (call.starts_with("write log/")) {
      written = true;
      return CallFault::lost_answer;
    }
    return written ? CallFault::lost_request : CallFault::none;
  });
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::unknown_outcome);
  storage_.set_script({});
  EXPECT_TRUE(ada_.push(storage_, {"hf/bert"}).updates.empty());
  EXPECT_EQ(state().seq(), 1u);
  EXPECT_EQ(ada_.store().history().ref("refs/remotes/prod/hf/bert")->commit, ada_.tip("hf/bert"));
}

TEST_F(PushTest, ResumesOntoAPackThatWasBuriedMeanwhile) {
  ada_.commit("hf/bert", version_one());
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write log/") ? CallFault::lost_request : CallFault::none;
  });
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::unknown_outcome);
  storage_.set_script({});
  // A collection names all that no entry lists.
  PushLog log(memory_, RemoteState(open_remote(memory_).id));
  log.refresh();
  auto burial = empty_entry(log.state());
  for (const auto& object : storage::list_all(memory_, "packs/"))
    burial.tombstones.content.push_back(*Digest::parse(object.key.name().substr(0, 64)));
  for (const auto& object : storage::list_all(memory_, "history/"))
    burial.tombstones.history.push_back(*Digest::parse(object.key.name().substr(0, 64)));
  burial.epoch = 1;
  ASSERT_EQ(log.append(burial), AppendOutcome::committed);
  for (const char* prefix : {"packs/", "history/"}) {
    for (const auto& object : storage::list_all(memory_, prefix)) memory_.remove(object.key);
  }
  EXPECT_GT(ada_.push(storage_, {"hf/bert"}).bytes_sent, 3u << 20);
  expect_clone("hf/bert", version_one());
}

TEST_F(PushTest, PlansAnewWhenAPackIsBuriedBeforeItsEntry) {
  ada_.commit("hf/bert", version_one());
  bool buried = false;
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    if (!call.starts_with("write log/") || std::exchange(buried, true)) return CallFault::none;
    PushLog log(memory_, RemoteState(open_remote(memory_).id));
    log.refresh();
    auto burial = empty_entry(log.state());
    const auto pack = storage::list_all(memory_, "packs/").front().key;
    burial.tombstones.content = {*Digest::parse(pack.name().substr(0, 64))};
    burial.epoch = 1;
    EXPECT_EQ(log.append(burial), AppendOutcome::committed);
    memory_.remove(pack);
    return CallFault::none;
  });
  ada_.push(storage_, {"hf/bert"});
  EXPECT_EQ(state().seq(), 2u);
  expect_clone("hf/bert", version_one());
}

// At every single request of a push one thing goes wrong. Nothing acknowledged is lost, each retry ends
// right.
TEST_F(PushTest, EndsRightWhicheverRequestGoesWrong) {
  ada_.commit("hf/bert", version_one());
  ada_.tag("hf/bert", "v1");
  ada_.commit("hf/bert", version_two());
  for (const auto fault : {CallFault::lost_request, CallFault::lost_answer, CallFault::doubtful}) {
    for (std::uint64_t n = 1;; ++n) {
      storage::MemoryStorage memory(clock_);
      ScriptedStorage storage(memory);
      bool struck = false;
      storage.set_script([&](const std::string&, std::uint64_t number) {
        if (number != n) return CallFault::none;
        struck = true;
        return fault;
      });
      bool acknowledged = false;
      for (int attempt = 0; attempt < 3 && !acknowledged; ++attempt) {
        try {
          ada_.push(storage, {"hf/bert"});
          acknowledged = true;
        } catch (const Error& error) {
          EXPECT_TRUE(error.code() == ErrorCode::network || error.code() == ErrorCode::unknown_outcome)
              << error.message();
        }
      }
      EXPECT_TRUE(acknowledged) << n;
      if (!struck) break;
      PushLog log(memory, RemoteState(open_remote(memory).id));
      log.refresh();
      EXPECT_EQ(log.state().seq(), 1u) << n;
      EXPECT_EQ(log.state().ref("refs/heads/hf/bert"), ada_.tip("hf/bert")) << n;
      // Each content pack was stored once, in spite of all retries.
      std::uint64_t content = 0;
      for (const auto& object : storage::list_all(memory, "packs/")) content += object.info.size;
      EXPECT_LT(content, (8u << 20) + 50'000) << n;
      if (n % 4 == 0) {
        Site reader(folder_.path() / ("r" + std::to_string(n) + std::to_string(static_cast<int>(fault))), n);
        EXPECT_TRUE(reader.files(reader.clone(memory, "hf/bert").tip) == version_two()) << n;
      }
    }
  }
}

TEST_F(PushTest, StopsWhenCancelled) {
  ada_.commit("hf/bert", version_one());
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    if (call.starts_with("write packs/")) ada_.cancel().cancel();
    return CallFault::none;
  });
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::interrupted);
  EXPECT_FALSE(memory_.stat(log_key(1)));
}

TEST_F(PushTest, NamesWhatIsMissingHere) {
  ada_.commit("hf/bert", version_one());
  for (const auto& pack : ada_.store().content().packs_in_folder())
    fs::posix().remove(ada_.store().content().pack_path(pack));
  ada_.store().content().rebuild();
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::integrity);
  EXPECT_FALSE(memory_.stat(log_key(1)));
}

}  // namespace
}  // namespace axon::sync

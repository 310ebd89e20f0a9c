#include "remote/sync/push.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/content/pack_reader.h"
#include "remote/sync/push_content.h"
#include "tests/unit/remote/sync/log_builder.h"
#include "tests/unit/remote/sync/site.h"

namespace axon::sync {
namespace {

class PushTest : public testing::Test {
 protected:
  // The log as anybody reads it.
  RemoteState state() {
    PushLog log(memory_, RemoteState(open_remote(memory_).id));
    log.refresh();
    return log.state();
  }
  LogEntry entry(std::uint64_t seq) {
    const auto bytes = storage::read_object(memory_, log_key(seq), kMaxEntrySize);
    return decode_entry(as_text(bytes.value()), "entry");
  }
  // A new site that clones `model` has these files at its tip.
  void expect_clone(const std::string& model, const FileMap& files) {
    ++readers_;
    Site reader(folder_.path() / ("reader" + std::to_string(readers_)), 1000 + readers_);
    const auto cloned = reader.clone(memory_, model);
    EXPECT_TRUE(reader.files(cloned.tip) == files) << model;
  }
  std::size_t writes(const std::string& prefix) {
    const auto& calls = storage_.calls();
    return static_cast<std::size_t>(
        std::ranges::count_if(calls, [&](const auto& call) { return call.starts_with("write " + prefix); }));
  }
  static ErrorCode code_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::failed;
  }

  test::TempDir folder_;
  test::FakeClock clock_;
  storage::MemoryStorage memory_{clock_};
  ScriptedStorage storage_{memory_};
  Site ada_{folder_.path() / "ada", 1};
  Site bob_{folder_.path() / "bob", 2};
  unsigned readers_ = 0;
};

FileMap version_one() {
  return {{"README.md", text("hello\n")}, {"large.bin", noise(3 << 20, 1)}};
}
FileMap version_two() {
  auto files = version_one();
  files["README.md"] = text("hello again\n");
  files["large.2"] = noise(1 << 20, 2);
  return files;
}

TEST_F(PushTest, SendsAModelThatOthersClone) {
  const auto tip = ada_.commit("hf/bert", version_one());
  const auto result = ada_.push(storage_, {"hf/bert"});
  EXPECT_EQ(result.updates, (std::vector<RefChange>{{"refs/heads/hf/bert", std::nullopt, tip}}));
  EXPECT_EQ(result.commits, 1u);
  EXPECT_GT(result.bytes_sent, 3u << 20);
  expect_clone("hf/bert", version_one());
}

TEST_F(PushTest, RecordsWhoPushedWhatAndWhen) {
  const auto tip = ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  const auto written = entry(1);
  EXPECT_EQ(written.actor, "Test <test@example.org> on site");
  EXPECT_EQ(written.time, "2026-01-01T00:00:00Z");
  ASSERT_EQ(written.packs.size(), 2u);
  EXPECT_EQ(written.packs[0].kind, PackKind::content);
  EXPECT_EQ(written.packs[1].kind, PackKind::history);
  EXPECT_EQ(written.needs.at(tip), (std::vector<std::uint32_t>{0, 1}));
}

TEST_F(PushTest, ListsPacksAsTheyAre) {
  ada_.commit("hf/bert", version_one());
  const auto result = ada_.push(storage_, {"hf/bert"});
  const auto written = entry(1);
  for (const auto& pack : written.packs) {
    const auto bytes = storage::read_object(memory_, pack.key(), 64 << 20).value();
    EXPECT_EQ(bytes.size(), pack.size);
    if (pack.kind == PackKind::history) {
      EXPECT_EQ(content::sha256(bytes), pack.id);
      continue;
    }
    const auto footer =
        content::parse_footer(ByteSpan(bytes).last(pack.footer), pack.size, pack.id.as<PackId>());
    EXPECT_EQ(footer.entries.size(), result.frames);
    EXPECT_EQ(result.frames_sent, result.frames);
  }
}

TEST_F(PushTest, SendsNothingWhenAllIsThere) {
  ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  storage_.forget_calls();
  EXPECT_TRUE(ada_.push(storage_, {"hf/bert"}).updates.empty());
  EXPECT_EQ(writes(""), 0u);
}

TEST_F(PushTest, SendsOnlyWhatIsNew) {
  ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  ada_.commit("hf/bert", version_two());
  const auto result = ada_.push(storage_, {"hf/bert"});
  EXPECT_GT(result.bytes_sent, 1u << 20);
  EXPECT_LT(result.bytes_sent, (1u << 20) + 10'000);
  EXPECT_EQ(result.commits, 1u);
  expect_clone("hf/bert", version_two());
}

TEST_F(PushTest, SendsAllVersionsOfALine) {
  const auto first = ada_.commit("hf/bert", version_one());
  ada_.commit("hf/bert", version_two());
  ada_.push(storage_, {"hf/bert"});
  Site reader(folder_.path() / "reader", 9);
  reader.clone(memory_, "hf/bert");
  EXPECT_TRUE(reader.files(first) == version_one());
}

TEST_F(PushTest, SendsTheTagsOfALineWithIt) {
  ada_.commit("hf/bert", version_one());
  ada_.tag("hf/bert", "v1");
  ada_.tag("hf/bert", "v1-signed", "a message");
  ada_.commit("hf/bert", version_two());
  EXPECT_EQ(ada_.push(storage_, {"hf/bert"}).updates.size(), 3u);
  Site reader(folder_.path() / "reader", 9);
  reader.clone(memory_, "hf/bert");
  EXPECT_TRUE(reader.files(reader.store().history().ref("refs/tags/hf/bert@v1")->commit) == version_one());
  EXPECT_EQ(store::tag_message(reader.store(), ModelName::parse("hf/bert"), VersionName::parse("v1-signed")),
            "a message");
}

TEST_F(PushTest, SendsATagAlone) {
  ada_.commit("hf/bert", version_one());
  ada_.tag("hf/bert", "v1", "a message");
  ada_.commit("hf/bert", version_two());
  EXPECT_EQ(ada_.push(storage_, {"hf/bert@v1"}).updates.size(), 1u);
  EXPECT_EQ(ada_.push(storage_, {"hf/bert"}).updates.size(), 1u);
  expect_clone("hf/bert", version_two());
}

TEST_F(PushTest, TagsWhatIsThereAlready) {
  ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  ada_.tag("hf/bert", "v1");
  const auto result = ada_.push(storage_, {"hf/bert"});
  EXPECT_EQ(result.updates.size(), 1u);
  EXPECT_EQ(result.bytes_sent, 0u);
  EXPECT_EQ(entry(2).needs.begin()->second, entry(1).needs.begin()->second);
}

TEST_F(PushTest, SendsABranch) {
  ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  store::create_branch(ada_.store(), ModelName::parse("hf/bert"), VersionName::parse("dev"),
                       *ada_.tip("hf/bert"), Site::who(), ada_.cancel());
  ada_.commit("hf/bert@dev", version_two());
  const auto result = ada_.push(storage_, {"hf/bert@dev"});
  EXPECT_EQ(result.commits, 1u);
  EXPECT_LT(result.bytes_sent, (1u << 20) + 10'000);
}

TEST_F(PushTest, SendsManyModelsInOneEntry) {
  ada_.commit("hf/bert", version_one());
  ada_.commit("hf/t5", version_two());
  const auto result = ada_.push(storage_, {"hf/bert", "hf/t5"});
  EXPECT_EQ(state().seq(), 1u);
  EXPECT_EQ(result.updates.size(), 2u);
  expect_clone("hf/bert", version_one());
  expect_clone("hf/t5", version_two());
}

TEST_F(PushTest, SendsContentThatTwoModelsShareOnce) {
  ada_.commit("hf/bert", version_one());
  ada_.commit("hf/copy", version_one());
  const auto result = ada_.push(storage_, {"hf/bert", "hf/copy"});
  EXPECT_LT(result.bytes_sent, (3u << 20) + 20'000);
  expect_clone("hf/copy", version_one());
}

TEST_F(PushTest, FollowsWithItsTrackingRef) {
  const auto tip = ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  EXPECT_EQ(ada_.store().history().ref("refs/remotes/prod/hf/bert")->commit, tip);
}

TEST_F(PushTest, SendsEmptyAndTextOnlyVersions) {
  ada_.commit("hf/text", {{"a", text("a")}, {"b/c", text("")}});
  ada_.push(storage_, {"hf/text"});
  expect_clone("hf/text", {{"a", text("a")}, {"b/c", text("")}});
  EXPECT_EQ(entry(1).packs.size(), 1u);
}

TEST_F(PushTest, SignsItsEntry) {
  ada_.commit("hf/bert", version_one());
  auto options = ada_.push_options({"hf/bert"});
  std::string signed_bytes;
  options.sign = [&](const std::string& bytes) {
    signed_bytes = bytes;
    return std::string("armour");
  };
  push(ada_.store(), *ada_.open(storage_), options, no_progress(), ada_.cancel());
  EXPECT_EQ(entry(1).signature, "armour");
  EXPECT_EQ(signed_text(entry(1)), signed_bytes);
}

// --- who may push what ---

TEST_F(PushTest, RefusesToLoseCommitsOfOthers) {
  ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  bob_.commit("hf/bert", version_two());
  try {
    bob_.push(storage_, {"hf/bert"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::moved);
    EXPECT_EQ(error.message(), "cannot push 'hf/bert' to 'scripted:'");
    EXPECT_EQ(error.causes().front(), "the remote moved to " + ada_.tip("hf/bert")->short_hex());
    EXPECT_EQ(error.hints().front(), "run `axon pull`, then push again");
  }
  expect_clone("hf/bert", version_one());
}

TEST_F(PushTest, RefusesToGoBack) {
  const auto first = ada_.commit("hf/bert", version_one());
  const auto second = ada_.commit("hf/bert", version_two());
  ada_.push(storage_, {"hf/bert"});
  const std::vector<history::RefUpdate> back{{"refs/heads/hf/bert", second, first}};
  ada_.store().history().update_refs(back, Site::who(), "back");
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::moved);
}

TEST_F(PushTest, RefusesToMoveAVersion) {
  ada_.commit("hf/bert", version_one());
  ada_.tag("hf/bert", "v1");
  ada_.push(storage_, {"hf/bert"});
  store::delete_tag(ada_.store(), ModelName::parse("hf/bert"), VersionName::parse("v1"), Site::who(),
                    ada_.cancel());
  ada_.commit("hf/bert", version_two());
  ada_.tag("hf/bert", "v1");
  EXPECT_EQ(code_of([&] { ada_.push(storage_, {"hf/bert"}); }), ErrorCode::moved);
}

TEST_F(PushTest, RefusesNamesThatClash) {
  ada_.commit("hf/bert", version_one());
  ada_.push(storage_, {"hf/bert"});
  bob_.commit("HF/Bert", version_two());
  EXPECT_EQ(code_of([&] { bob_.push(storage_, {"HF/Bert"}); }), ErrorCode::already_exists);
  Site eve(folder_.path() / "eve", 3);
  eve.commit("hf/bert/large", version_two());
  EXPECT_EQ(code_of([&] { eve.push(storage_, {"hf/bert/large"}); }), ErrorCode::already_exists);
}

TEST_F(PushTest, NamesWhatCannotBePushed) {
  ada_.commit("hf/bert", version_one());
  const auto refs = [&](const char* spec) {
    refs_to_push(ada_.store(), ModelSpec::parse(spec), std::nullopt);
  };
  EXPECT_EQ(code_of([&] { refs("hf/brt"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { refs("hf/bert@v9"); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { refs("hf/bert~1"); }), ErrorCode::usage);
  EXPECT_EQ(code_of([&] { refs("@v1"); }), ErrorCode::usage);
}

class Refusing final : public store::Gate {
 public:
  std::string name() const override { return "no-readme"; }
  store::Verdict check(const store::Change& change) override {
    seen = change.event;
    return {false, "there is a README", {}};
  }
  std::optional<store::GateEvent> seen;
};

TEST_F(PushTest, AsksItsGates) {
  ada_.commit("hf/bert", version_one());
  Refusing gate;
  store::Gate* const gates[] = {&gate};
  auto options = ada_.push_options({"hf/bert"});
  options.gates = gates;
  EXPECT_EQ(code_of([&] { push(ada_.store(), *ada_.open(storage_), options, no_progress(), ada_.cancel()); }),
            ErrorCode::refused);
  EXPECT_EQ(gate.seen, store::GateEvent::push);
  EXPECT_EQ(writes("log/"), 0u);
  EXPECT_EQ(writes("packs/"), 0u);
}

// --- deltas ---

TEST_F(PushTest, SendsADeltaWhoseBaseIsThere) {
  const auto weights = gaussian_like(2 << 20, 5);
  const auto first = commit_tensor(ada_, "hf/bert", weights, std::nullopt);
  const auto whole = ada_.push(storage_, {"hf/bert"});
  commit_tensor(ada_, "hf/bert", nudged(weights), first.oid);
  const auto result = ada_.push(storage_, {"hf/bert"});
  EXPECT_LT(result.bytes_sent, whole.bytes_sent / 2);
  expect_clone("hf/bert", {{"large", nudged(weights)}});
}

TEST_F(PushTest, SendsADeltaTogetherWithItsBase) {
  const auto weights = gaussian_like(2 << 20, 5);
  const auto first = commit_tensor(ada_, "hf/bert", weights, std::nullopt);
  commit_tensor(ada_, "hf/bert", nudged(weights), first.oid);
  ada_.push(storage_, {"hf/bert"});
  expect_clone("hf/bert", {{"large", nudged(weights)}});
}

// The base belongs to a model that is not pushed.
TEST_F(PushTest, SendsADeltaStandingAloneWhenItsBaseStaysHere) {
  const auto weights = gaussian_like(2 << 20, 5);
  const auto base = commit_tensor(ada_, "hf/base", weights, std::nullopt);
  commit_tensor(ada_, "hf/tuned", nudged(weights), base.oid, base.commit);
  const auto result = ada_.push(storage_, {"hf/tuned"});
  EXPECT_EQ(result.frames_sent, result.frames);
  const auto now = state();
  for (const auto& known : now.packs()) {
    if (known.pack.kind != PackKind::content) continue;
    const auto bytes = storage::read_object(memory_, known.pack.key(), 64 << 20).value();
    const auto footer = content::parse_footer(ByteSpan(bytes).last(known.pack.footer), known.pack.size, {});
    for (const auto& frame : footer.entries) EXPECT_TRUE(frame.stands_alone());
  }
  expect_clone("hf/tuned", {{"large", nudged(weights)}});
}

TEST_F(PushTest, SendsNothingStandingAloneThatIsNotWhatItsNameSays) {
  const auto weights = gaussian_like(1 << 20, 5);
  const auto base = commit_tensor(ada_, "hf/base", weights, std::nullopt);
  commit_tensor(ada_, "hf/tuned", nudged(weights), base.oid);
  auto& content = ada_.store().content();
  for (const auto& pack : content.packs_in_folder()) {
    for (const auto& entry : content.index().frames_of(pack)) {
      if (entry.stands_alone()) continue;
      Bytes frame;
      content.read_stored({pack, entry}, frame);
      const auto payload = content::PackReader::check_frame(entry, frame);
      auto forged = entry;
      forged.id = id_of<FrameId>(0x77);
      store::Transaction transaction(ada_.store(), ada_.cancel());
      transaction.content().add(forged, payload);
      transaction.publish_objects();
    }
  }
  const auto location = content.find(id_of<FrameId>(0x77));
  ASSERT_TRUE(location);
  EXPECT_EQ(code_of([&] {
              write_standing_alone(ada_.store(), std::span(&*location, 1), folder_ / "pack", ada_.cancel());
            }),
            ErrorCode::integrity);
}

TEST_F(PushTest, PassesOverARecipeThatIsNotWhatItsNameSays) {
  bob_.commit("hf/bert", version_one());
  const auto oid = content::sha256(version_one().at("large.bin")).as<Oid>();
  auto recipe = bob_.store().content().recipe(oid)->recipe;
  recipe.chunks.at(0).id = id_of<ChunkId>(0x66);
  const auto lie = content::encode_recipe(recipe);
  content::FrameEntry entry;
  entry.id = id_of<FrameId>(0x77);
  entry.kind = content::FrameKind::recipe;
  entry.raw = static_cast<std::uint32_t>(lie.size());
  entry.aux = oid.as<Digest>();
  {
    store::Transaction transaction(ada_.store(), ada_.cancel());
    transaction.content().add(entry, lie);
    transaction.publish_objects();
  }
  ada_.commit("hf/bert", version_one());
  ASSERT_EQ(ada_.store().content().index().recipes(oid).front().id, entry.id.as<RecipeId>());
  ada_.push(memory_, {"hf/bert"});
  expect_clone("hf/bert", version_one());
}

// The base lies in the packs of the model that this one was made from: a clone of this one alone takes it
// along.
TEST_F(PushTest, ReliesOnTheModelThatAnotherWasMadeFrom) {
  const auto weights = gaussian_like(2 << 20, 5);
  const auto base = commit_tensor(ada_, "hf/base", weights, std::nullopt);
  const auto whole = ada_.push(storage_, {"hf/base"});
  commit_tensor(ada_, "hf/tuned", nudged(weights), base.oid, base.commit);
  const auto result = ada_.push(storage_, {"hf/tuned"});
  EXPECT_LT(result.bytes_sent, whole.bytes_sent / 2);
  expect_clone("hf/tuned", {{"large", nudged(weights)}});
}

// Ada has X whole and Y as its delta; Bob has Y whole and X as its delta. Each pushes both.
TEST_F(PushTest, TwoPushersWhoseDeltasNameEachOthersBases) {
  const auto x = gaussian_like(2 << 20, 5), y = nudged(x);
  const auto ada_x = commit_tensor(ada_, "ada/model", x, std::nullopt);
  commit_tensor(ada_, "ada/model", y, ada_x.oid);
  const auto bob_y = commit_tensor(bob_, "bob/model", y, std::nullopt);
  commit_tensor(bob_, "bob/model", x, bob_y.oid);
  // Bob plans, then Ada pushes, then Bob's entry comes second.
  bool pushed = false;
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    if (call.starts_with("write log/") && !std::exchange(pushed, true)) ada_.push(memory_, {"ada/model"});
    return CallFault::none;
  });
  bob_.push(storage_, {"bob/model"});
  EXPECT_EQ(state().seq(), 2u);
  expect_clone("ada/model", {{"large", y}});
  expect_clone("bob/model", {{"large", x}});
  // A third who has both takes what either has.
  Site reader(folder_.path() / "both", 77);
  reader.clone(memory_, "ada/model");
  const auto cloned = reader.clone(memory_, "bob/model");
  EXPECT_TRUE(reader.files(cloned.tip) == (FileMap{{"large", x}}));
  EXPECT_TRUE(reader.files(*reader.tip("ada/model")) == (FileMap{{"large", y}}));
}

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

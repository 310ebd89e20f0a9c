// What a push sends and writes down, and which it refuses.
#include "tests/unit/remote/sync/push_fixture.h"

namespace axon::sync {
namespace {

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

}  // namespace
}  // namespace axon::sync

// Deltas in a push: whole on the remote, whichever base is there.
#include "tests/unit/remote/sync/push_fixture.h"

namespace axon::sync {
namespace {

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

}  // namespace
}  // namespace axon::sync

#include "remote/sync/remote_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/content/hash.h"
#include "tests/unit/remote/sync/log_builder.h"

namespace axon::sync {
namespace {

using Json = nlohmann::json;
const std::string kLine = "refs/heads/hf/bert", kTag = "refs/tags/hf/bert@v1";

// Two pushes of one line, a tag on the first.
RemoteState pushed_twice() {
  RemoteState state(remote_id());
  apply(state, push_entry(state, kLine, 1));
  auto tag = empty_entry(state, 50);
  tag.updates = {{kTag, std::nullopt, commit_id(1)}};
  tag.needs[commit_id(1)] = state.needs().at(commit_id(1));
  apply(state, tag);
  apply(state, push_entry(state, kLine, 2));
  return state;
}

// Why the entry is refused; the state must stay as it was.
std::string refusal(const RemoteState& state, const LogEntry& entry) {
  auto copy = state;
  try {
    copy.apply(entry, pack_id(0x99), 100);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::integrity);
    EXPECT_TRUE(copy == state);
    return error.causes().front();
  }
}

TEST(RemoteState, BeginsEmpty) {
  const RemoteState state(remote_id());
  EXPECT_EQ(state.seq(), 0u);
  EXPECT_TRUE(state.head().is_zero());
  EXPECT_FALSE(state.ref(kLine));
  EXPECT_FALSE(state.snapshot_due());
}

TEST(RemoteState, FollowsItsEntries) {
  const auto state = pushed_twice();
  EXPECT_EQ(state.seq(), 3u);
  EXPECT_EQ(state.ref(kLine), commit_id(2));
  EXPECT_EQ(state.ref(kTag), commit_id(1));
  EXPECT_EQ(state.packs().size(), 4u);
  EXPECT_EQ(state.needs().at(commit_id(1)), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(state.needs().at(commit_id(2)), (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(state.find_pack(PackKind::content, pack_id(2)), 2u);
  EXPECT_EQ(state.find_pack(PackKind::history, pack_id(2)), 3u);
  EXPECT_FALSE(state.find_pack(PackKind::content, pack_id(9)));
}

TEST(RemoteState, ForgetsWhatATipNeedsWithItsLastRef) {
  auto state = pushed_twice();
  auto entry = empty_entry(state);
  entry.updates = {{kTag, commit_id(1), std::nullopt}};
  apply(state, entry);
  EXPECT_FALSE(state.ref(kTag));
  EXPECT_FALSE(state.needs().contains(commit_id(1)));
  EXPECT_TRUE(state.needs().contains(commit_id(2)));
}

TEST(RemoteState, KeepsWhatATipNeedsForAnotherRef) {
  auto state = pushed_twice();
  EXPECT_TRUE(state.needs().contains(commit_id(1))) << "the tag still leads there";
}

TEST(RemoteState, RefusesAnEntryThatDoesNotFollow) {
  const auto state = pushed_twice();
  auto entry = push_entry(state, kLine, 3);
  entry.remote_id = id_of<RemoteId>(1);
  EXPECT_NE(refusal(state, entry).find("belongs to the remote"), std::string::npos);
  entry = push_entry(state, kLine, 3);
  entry.seq = 5;
  EXPECT_EQ(refusal(state, entry), "the entry before is 3");
  entry = push_entry(state, kLine, 3);
  entry.prev = pack_id(1);
  EXPECT_NE(refusal(state, entry).find("it follows an entry with the hash"), std::string::npos);
  entry = push_entry(state, kLine, 3);
  entry.epoch = 1;
  EXPECT_EQ(refusal(state, entry), "its epoch is wrong");
}

TEST(RemoteState, RefusesAWrongOldTip) {
  const auto state = pushed_twice();
  auto entry = push_entry(state, kLine, 3);
  entry.updates[0].before = commit_id(1);
  EXPECT_EQ(refusal(state, entry),
            "it takes '" + kLine + "' to be " + commit_id(1).hex() + ", which is " + commit_id(2).hex());
  entry.updates[0].before.reset();
  EXPECT_NE(refusal(state, entry).find("to be absent"), std::string::npos);
}

TEST(RemoteState, RefusesAPackListedBefore) {
  const auto state = pushed_twice();
  auto entry = push_entry(state, kLine, 3);
  entry.packs[0] = content_pack(1);
  EXPECT_EQ(refusal(state, entry), "it lists the pack " + pack_id(1).hex() + " again");
}

TEST(RemoteState, RefusesNeedsThatLeadNowhere) {
  const auto state = pushed_twice();
  auto entry = push_entry(state, kLine, 3);
  entry.needs[commit_id(3)].push_back(6);
  EXPECT_EQ(refusal(state, entry), commit_id(3).hex() + " needs a pack that is not listed");
  entry = push_entry(state, kLine, 3);
  entry.needs[commit_id(4)] = {0};
  EXPECT_EQ(refusal(state, entry), "it says what " + commit_id(4).hex() + " needs, to which no ref leads");
  entry = push_entry(state, kLine, 3);
  entry.needs[commit_id(2)] = {0};  // the entry moves its only ref away
  EXPECT_NE(refusal(state, entry), "");
}

// --- tombstones ---

// Repacks the content packs 1 and 2 into 8; 1 and 2 die.
LogEntry repack(const RemoteState& state) {
  auto entry = empty_entry(state, 60);
  entry.packs = {content_pack(8)};
  entry.needs = {{commit_id(1), {1, 4}}, {commit_id(2), {1, 3, 4}}};
  entry.tombstones.content = {pack_id(1), pack_id(2)};
  entry.epoch = state.epoch() + 1;
  return entry;
}

TEST(RemoteState, BuriesPacks) {
  auto state = pushed_twice();
  apply(state, repack(state));
  EXPECT_EQ(state.epoch(), 1u);
  EXPECT_TRUE(state.is_dead(PackKind::content, pack_id(1)));
  EXPECT_FALSE(state.is_dead(PackKind::history, pack_id(1)));
  EXPECT_EQ(state.needs().at(commit_id(2)), (std::vector<std::uint32_t>{1, 3, 4}));
}

TEST(RemoteState, RefusesToBuryWhatATipNeeds) {
  const auto state = pushed_twice();
  auto entry = repack(state);
  entry.needs.erase(commit_id(1));
  EXPECT_EQ(refusal(state, entry), commit_id(1).hex() + " needs the dead pack " + pack_id(1).hex());
  entry = repack(state);
  entry.needs[commit_id(1)] = {0, 1};
  EXPECT_EQ(refusal(state, entry), commit_id(1).hex() + " needs the dead pack " + pack_id(1).hex());
}

TEST(RemoteState, RefusesAPushThatReliesOnADeadPack) {
  auto state = pushed_twice();
  auto push = push_entry(state, kLine, 3);
  apply(state, repack(state));
  push.seq = state.seq() + 1;  // the push lost the race and would try again as it is
  push.prev = state.head();
  push.epoch = state.epoch();
  EXPECT_EQ(refusal(state, push), commit_id(3).hex() + " needs the dead pack " + pack_id(1).hex());
}

TEST(RemoteState, BuriesNamesThatWereNeverListed) {
  auto state = pushed_twice();
  auto entry = empty_entry(state);
  entry.tombstones.content = {pack_id(0x70)};
  entry.tombstones.history = {pack_id(0x71)};
  entry.epoch = 1;
  apply(state, entry);
  EXPECT_TRUE(state.is_dead(PackKind::content, pack_id(0x70)));
  EXPECT_TRUE(state.is_dead(PackKind::history, pack_id(0x71)));
  auto push = push_entry(state, kLine, 0x70);
  EXPECT_EQ(refusal(state, push), "it relies on the dead pack " + pack_id(0x70).hex());
}

TEST(RemoteState, RefusesToBuryTwice) {
  auto state = pushed_twice();
  apply(state, repack(state));
  auto entry = empty_entry(state);
  entry.tombstones.content = {pack_id(1)};
  entry.epoch = 2;
  EXPECT_EQ(refusal(state, entry), "the pack " + pack_id(1).hex() + " was dead before");
}

// --- snapshots ---

TEST(RemoteState, ComesBackFromItsSnapshot) {
  auto state = pushed_twice();
  apply(state, repack(state));
  auto entry = empty_entry(state);
  entry.tombstones.content = {pack_id(0x70)};
  entry.epoch = 2;
  apply(state, entry);
  const auto bytes = state.encode();
  EXPECT_TRUE(RemoteState::decode(bytes, "snapshot") == state);
  EXPECT_EQ(RemoteState::decode(bytes, "snapshot").encode(), bytes);
}

TEST(RemoteState, GoesOnFromASnapshotAsFromTheWholeLog) {
  RemoteState whole(remote_id());
  std::mt19937 random(7);
  for (int tip = 1; tip < 120; ++tip) {
    auto resumed = RemoteState::decode(whole.encode(), "snapshot");
    const auto ref = "refs/heads/hf/model" + std::to_string(random() % 5);
    const auto entry = push_entry(whole, ref, tip);
    apply(whole, entry);
    apply(resumed, entry);
    ASSERT_TRUE(resumed == whole);
    ASSERT_EQ(resumed.snapshot_due(), whole.snapshot_due());
  }
}

TEST(RemoteState, AsksForSnapshotsNowAndThen) {
  RemoteState state(remote_id());
  std::vector<std::uint64_t> due;
  for (int push = 1; push < 2000; ++push) {
    auto entry = push_entry(state, kLine, push % 255 + 1);
    entry.updates[0].after->bytes[0] = static_cast<std::byte>(push >> 8);
    entry.packs = {};
    entry.needs = {{*entry.updates[0].after, {}}};
    entry.op_id = id_of<OpId>(1);
    apply(state, entry);
    if (state.snapshot_due()) due.push_back(state.seq());
  }
  ASSERT_GT(due.size(), 10u);
  EXPECT_LT(due.size(), 100u);
  EXPECT_GT(due.front(), 10u);
}

TEST(RemoteState, RefusesEveryChangedByteOfASnapshot) {
  auto state = pushed_twice();
  apply(state, repack(state));
  const auto bytes = state.encode();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 2, 32}) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      EXPECT_THROW(RemoteState::decode(changed, "snapshot"), Error) << at;
    }
  }
}

TEST(RemoteState, RefusesNumbersThatNoSnapshotHolds) {
  for (const char* number : {"1.5", "-1", "1e3", "18446744073709551615", "9007199254740993"}) {
    auto bytes = pushed_twice().encode();
    bytes.replace(bytes.find("\"epoch\":0"), 9, std::string("\"epoch\":") + number);
    try {
      RemoteState::decode(bytes, "snapshot");
      ADD_FAILURE() << number;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity) << number;
    }
  }
}

// A snapshot with a right checksum whose content is wrong.
std::string forged(const RemoteState& state, const std::function<void(Json&)>& change) {
  auto json = parse_json(state.encode(), "snapshot");
  json.erase("check");
  change(json);
  json["check"] = content::sha256(as_bytes(canonical_json(json))).hex();
  return canonical_json(json);
}

TEST(RemoteState, RefusesASnapshotThatNoLogLeadsTo) {
  const auto state = pushed_twice();
  const std::vector<std::function<void(Json&)>> changes = {
      [](Json& json) { json["extra"] = 1; },
      [](Json& json) { json.erase("epoch"); },
      [](Json& json) { json["seq"] = 0; },
      [](Json& json) { json["remote_id"] = std::string(32, '0'); },
      [](Json& json) { json["refs"]["refs/heads/x"] = std::string(40, '1'); },
      [](Json& json) { json["refs"][kLine] = std::string(40, '7'); },
      [](Json& json) { json["refs"].erase(kLine); },
      [](Json& json) { json["packs"].push_back(json["packs"][0]); },
      [](Json& json) { json["packs"][0]["dead"] = true; },
      [](Json& json) { json["packs"][0].erase("dead"); },
      [](Json& json) { json["packs"][0]["size"] = 0; },
      [](Json& json) {
        json["needs"][commit_id(1).hex()] = {1, 0};
      },
      [](Json& json) { json["needs"][commit_id(1).hex()] = {4}; },
      [](Json& json) { json["needs"].erase(commit_id(1).hex()); },
      [](Json& json) { json["tombstones"]["content"] = {pack_id(1).hex()}; },
      [](Json& json) {
        json["tombstones"]["content"] = {pack_id(0x72).hex(), pack_id(0x71).hex()};
      },
  };
  EXPECT_NO_THROW(RemoteState::decode(forged(state, [](Json&) {}), "snapshot"));
  for (std::size_t i = 0; i < changes.size(); ++i)
    EXPECT_THROW(RemoteState::decode(forged(state, changes[i]), "snapshot"), Error) << i;
}

}  // namespace
}  // namespace axon::sync

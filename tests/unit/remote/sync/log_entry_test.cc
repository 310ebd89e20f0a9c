#include "remote/sync/log_entry.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/unit/remote/sync/log_builder.h"

namespace axon::sync {
namespace {

using Json = nlohmann::json;

Json full_json() {
  return parse_json(encode_entry(full_entry()), "test");
}

// Why these bytes are refused; empty when they are taken.
std::string refusal(const std::string& bytes) {
  try {
    decode_entry(bytes, "entry");
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::integrity) << error.message();
    return error.causes().empty() ? error.message() : error.causes().front();
  }
}
std::string refusal(const Json& json) {
  return refusal(canonical_json(json));
}

std::string refusal_to_write(const std::function<void(LogEntry&)>& change) {
  auto entry = full_entry();
  change(entry);
  try {
    encode_entry(entry);
    return "";
  } catch (const Error& error) {
    return error.causes().front();
  }
}

TEST(LogEntry, ComesBackAsItWasWritten) {
  const auto entry = full_entry();
  EXPECT_EQ(decode_entry(encode_entry(entry), "entry"), entry);
}

TEST(LogEntry, ComesBackWithoutItsSignature) {
  auto entry = full_entry();
  entry.signature.reset();
  const auto bytes = encode_entry(entry);
  EXPECT_EQ(bytes.find("signature"), std::string::npos);
  EXPECT_EQ(decode_entry(bytes, "entry"), entry);
}

TEST(LogEntry, HasTheBytesOfItsGoldenFile) {
  std::ifstream file(std::string(AXON_SOURCE_DIR) + "/tests/golden/log-entry-v1.json");
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(encode_entry(full_entry()), golden.str());
  EXPECT_EQ(decode_entry(golden.str(), "entry"), full_entry());
  EXPECT_EQ(entry_hash(golden.str()).hex(),
            "b5336f878c7b5855f718abe470997066e44a55f28802d1511bc5d48ac98a6ac3");
}

TEST(LogEntry, SignsEverythingButTheSignature) {
  auto entry = full_entry();
  const auto text = signed_text(entry);
  EXPECT_EQ(text.find("signature"), std::string::npos);
  entry.signature = "another";
  EXPECT_EQ(signed_text(entry), text);
  entry.actor = "Eve";
  EXPECT_NE(signed_text(entry), text);
}

// --- every field ---

// Calls `each` with the entry's JSON and every place in it, the entry itself included.
void for_every_place(const std::function<void(const Json::json_pointer&)>& each) {
  const auto flat = full_json().flatten();
  std::set<std::string> places;
  for (const auto& [path, value] : flat.items()) {
    for (Json::json_pointer at(path); !at.empty(); at = at.parent_pointer()) places.insert(at.to_string());
  }
  for (const auto& place : places) each(Json::json_pointer(place));
}

TEST(LogEntry, RefusesAnEntryWithoutAnyOfItsFields) {
  const auto json = full_json();
  for (const auto& field : json.items()) {
    auto without = json;
    without.erase(field.key());
    if (field.key() == "signature") continue;
    EXPECT_EQ(refusal(without), "'" + field.key() + "' is missing");
  }
}

TEST(LogEntry, RefusesPartsWithoutAnyOfTheirFields) {
  for (const char* place : {"/updates/0", "/packs/1", "/tombstones"}) {
    const auto json = full_json();
    for (const auto& field : json.at(Json::json_pointer(place)).items()) {
      auto without = json;
      without.at(Json::json_pointer(place)).erase(field.key());
      EXPECT_NE(refusal(without).find("is missing"), std::string::npos) << place << " " << field.key();
    }
  }
}

TEST(LogEntry, RefusesUnknownFieldsEverywhere) {
  for (const char* place : {"", "/updates/0", "/packs/1", "/tombstones"}) {
    auto json = full_json();
    json.at(Json::json_pointer(place))["extra"] = 1;
    EXPECT_NE(refusal(json).find("is no field that this program knows"), std::string::npos) << place;
  }
}

bool same_type(const Json& a, const Json& b) {
  return a.type() == b.type() || (a.is_number() && b.is_number());
}

// Whatever a place holds instead, the entry is refused, unless it is another entry that could have been
// written.
TEST(LogEntry, RefusesAnotherTypeInEveryPlace) {
  const std::vector<Json> replacements = {nullptr,
                                          true,
                                          -1,
                                          1,
                                          "",
                                          "x",
                                          Json::array(),
                                          Json::object(),
                                          Json::array({1}),
                                          std::string(40, 'a'),
                                          std::string(64, 'b')};
  std::size_t refused = 0, taken = 0;
  for_every_place([&](const Json::json_pointer& place) {
    for (const auto& replacement : replacements) {
      auto json = full_json();
      json.at(place) = replacement;
      const auto bytes = canonical_json(json);
      if (!refusal(bytes).empty()) {
        ++refused;
        continue;
      }
      ++taken;
      EXPECT_EQ(encode_entry(decode_entry(bytes, "entry")), bytes) << place.to_string();
      // An empty list is an entry that does less; the rest are values of the right type.
      EXPECT_TRUE(same_type(replacement, full_json().at(place)) || place.to_string().starts_with("/updates/"))
          << place.to_string() << " = " << replacement;
    }
  });
  EXPECT_GT(refused, 300u);
  EXPECT_LT(taken, 40u);
}

// One changed character: refused, or another valid entry with another hash.
TEST(LogEntry, NoticesEveryChangedByte) {
  const auto bytes = encode_entry(full_entry());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 32, 64}) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      if (!refusal(changed).empty()) continue;
      EXPECT_EQ(encode_entry(decode_entry(changed, "entry")), changed);
      EXPECT_NE(entry_hash(changed), entry_hash(bytes));
    }
  }
}

TEST(LogEntry, RefusesEveryTruncation) {
  const auto bytes = encode_entry(full_entry());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(refusal(bytes.substr(0, size)), "") << size;
}

// --- spellings ---

TEST(LogEntry, RefusesOtherSpellingsOfTheSame) {
  const auto bytes = encode_entry(full_entry());
  const auto canonical = "it is no canonical JSON (RFC 8785)";
  EXPECT_EQ(refusal(bytes + "\n"), canonical);
  EXPECT_EQ(refusal(" " + bytes), canonical);
  EXPECT_EQ(refusal(full_json().dump(1)), canonical);
  auto escaped = bytes;
  escaped.replace(escaped.find("Ada"), 1, "\\u0041");
  EXPECT_EQ(refusal(escaped), canonical);
}

TEST(LogEntry, RefusesFractionsAndLargeNumbers) {
  for (const char* number : {"7.0", "7e0", "-7", "9007199254740993", "18446744073709551616"}) {
    auto bytes = encode_entry(full_entry());
    const auto at = bytes.find("\"seq\":7");
    bytes.replace(at, 7, std::string("\"seq\":") + number);
    EXPECT_NE(refusal(bytes), "") << number;
  }
}

TEST(LogEntry, RefusesUpperCaseHex) {
  auto json = full_json();
  json["prev"] = std::string(64, 'A');
  EXPECT_EQ(refusal(json), "'prev' is no lower-case hex of 32 bytes");
}

TEST(LogEntry, RefusesWhatIsTooLong) {
  EXPECT_EQ(refusal(std::string(kMaxEntrySize + 1, ' ')), "it is longer than 16 MiB");
  EXPECT_NE(refusal_to_write([](auto& entry) {
              for (std::uint32_t i = 0; i < 400'000; ++i)
                entry.needs[commit_id(0x22)].push_back(100'000'000u + i);
              for (std::uint32_t i = 0; i < 1'600'000; ++i)
                entry.needs[commit_id(0x23)].push_back(100'000'000u + i);
            }),
            "");
}

// --- rules, which the writer keeps and the reader checks ---

TEST(LogEntry, KeepsItsRules) {
  const std::vector<std::pair<std::string, std::function<void(LogEntry&)>>> rules = {
      {"'seq' is 0", [](auto& e) { e.seq = 0; }},
      {"'prev' is zeros in the first entry and only there", [](auto& e) { e.seq = 1; }},
      {"'prev' is zeros in the first entry and only there", [](auto& e) { e.prev = {}; }},
      {"'remote_id' is zeros", [](auto& e) { e.remote_id = {}; }},
      {"'op_id' is zeros", [](auto& e) { e.op_id = {}; }},
      {"'time' is no time like 2026-11-20T20:19:03Z", [](auto& e) { e.time = "2026-11-20"; }},
      {"'time' is no time like 2026-11-20T20:19:03Z", [](auto& e) { e.time = "2026-13-20T20:19:03Z"; }},
      {"'time' is no time like 2026-11-20T20:19:03Z", [](auto& e) { e.time = "2026-11-20T20:19:03+"; }},
      {"'time' is no time like 2026-11-20T20:19:03Z", [](auto& e) { e.time = "3026-11-20T20:19:03Z"; }},
      {"'time' is no time like 2026-11-20T20:19:03Z", [](auto& e) { e.time = "1026-11-20T20:19:03Z"; }},
      {"'actor' is empty, too long or has control characters", [](auto& e) { e.actor = ""; }},
      {"'actor' is empty, too long or has control characters", [](auto& e) { e.actor = "A\nB"; }},
      {"'actor' is empty, too long or has control characters", [](auto& e) { e.actor.assign(1025, 'a'); }},
      {"'signature' is empty or too long", [](auto& e) { e.signature = ""; }},
      {"'updates' are not sorted by ref, each ref once",
       [](auto& e) { std::swap(e.updates[0], e.updates[1]); }},
      {"'updates' are not sorted by ref, each ref once",
       [](auto& e) { e.updates[1].ref = e.updates[0].ref; }},
      {"the update of 'refs/heads/hf/bert' changes nothing",
       [](auto& e) { e.updates[0].before = e.updates[0].after; }},
      {"the update of 'refs/heads/hf/bert@old' changes nothing",
       [](auto& e) { e.updates[1].before.reset(); }},
      {"the update of 'refs/heads/hf/bert' has an id of zeros",
       [](auto& e) { e.updates[0].before = GitId{}; }},
      {"'needs' has nothing for the new tip " + commit_id(0x23).hex(),
       [](auto& e) { e.needs.erase(commit_id(0x23)); }},
      {"'needs' of " + commit_id(0x22).hex() + " are not sorted, each index once",
       [](auto& e) {
         e.needs[commit_id(0x22)] = {2, 0};
       }},
      {"'needs' of " + commit_id(0x22).hex() + " are not sorted, each index once",
       [](auto& e) {
         e.needs[commit_id(0x22)] = {2, 2};
       }},
      {"the pack " + pack_id(0x31).hex() + " is listed twice",
       [](auto& e) { e.packs.push_back(e.packs[0]); }},
      {"the pack " + pack_id(0x31).hex() + " is empty", [](auto& e) { e.packs[0].size = 0; }},
      {"a pack's id is zeros", [](auto& e) { e.packs[0].id = {}; }},
      {"the footer of the pack " + pack_id(0x31).hex() + " cannot have this size",
       [](auto& e) { e.packs[0].footer = 0; }},
      {"the footer of the pack " + pack_id(0x31).hex() + " cannot have this size",
       [](auto& e) { e.packs[0].footer = 1001; }},
      {"the footer of the pack " + pack_id(0x32).hex() + " cannot have this size",
       [](auto& e) { e.packs[1].footer = 10; }},
      {"'tombstones' are not sorted, each name once",
       [](auto& e) { std::swap(e.tombstones.content[0], e.tombstones.content[1]); }},
      {"the pack " + pack_id(0x31).hex() + " is listed and dead at once",
       [](auto& e) { e.tombstones.content = {pack_id(0x31)}; }},
  };
  for (const auto& [reason, change] : rules) EXPECT_EQ(refusal_to_write(change), reason);
}

TEST(LogEntry, RefusesWhatBreaksARuleWhenItIsRead) {
  auto json = full_json();
  json["updates"][0]["old"] = json["updates"][0]["new"];
  EXPECT_EQ(refusal(json), "the update of 'refs/heads/hf/bert' changes nothing");
  json = full_json();
  json["packs"][0]["kind"] = "other";
  EXPECT_EQ(refusal(json), "'packs[0].kind' is neither 'content' nor 'history'");
  json = full_json();
  json["needs"][commit_id(0x22).hex()][0] = 4294967296;
  EXPECT_EQ(refusal(json), "'needs' holds something that is no index");
}

TEST(LogEntry, TakesRefsOfLinesAndVersionsOnly) {
  for (const char* ref : {"refs/heads/hf/bert", "refs/heads/hf/google/t5", "refs/heads/hf/bert@dev",
                          "refs/tags/hf/bert@v1.0+cu12"})
    EXPECT_TRUE(valid_remote_ref(ref)) << ref;
  for (const char* ref : {"HEAD", "refs/heads/bert", "refs/heads/../x", "refs/heads/hf/bert@",
                          "refs/tags/hf/bert", "refs/tags/hf/bert@a@b", "refs/remotes/prod/hf/bert",
                          "refs/heads/hf/bert.lock", "refs/tags/@v1", "refs/tags/hf/bert@v 1", ""})
    EXPECT_FALSE(valid_remote_ref(ref)) << ref;
}

}  // namespace
}  // namespace axon::sync

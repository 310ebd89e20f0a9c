#include "remote/sync/log_entry.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/content/hash.h"
#include "remote/sync/log_json.h"
#include "remote/sync/ref_names.h"
#include "remote/sync/strict_json.h"

namespace axon::sync {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxRefSize = 1024;
constexpr std::int64_t kLastSecond = 9'000'000'000;  // in 2255; nanoseconds in 64 bits end in 2262

// --- rules that hold for entries, whether written or read ---

using Problem = std::optional<std::string>;

bool is_time(const std::string& text) {
  if (text.size() != 20) return false;
  try {
    const auto seconds = parse_time(text, 0);
    return seconds >= 0 && seconds <= kLastSecond && format_rfc3339(seconds * 1'000'000'000) == text;
  } catch (const Error&) {
    return false;
  }
}

bool is_printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

Problem problem_of_head(const LogEntry& entry) {
  if (entry.seq == 0) return "'seq' is 0";
  if ((entry.seq == 1) != entry.prev.is_zero()) return "'prev' is zeros in the first entry and only there";
  if (entry.remote_id.is_zero()) return "'remote_id' is zeros";
  if (entry.op_id.is_zero()) return "'op_id' is zeros";
  if (!is_time(entry.time)) return "'time' is no time like 2026-11-20T20:19:03Z";
  if (entry.actor.empty() || entry.actor.size() > kMaxActorSize || !is_printable(entry.actor))
    return "'actor' is empty, too long or has control characters";
  if (entry.signature && (entry.signature->empty() || entry.signature->size() > kMaxSignatureSize))
    return "'signature' is empty or too long";
  return std::nullopt;
}

Problem problem_of_updates(const LogEntry& entry) {
  const std::string* last = nullptr;
  for (const auto& update : entry.updates) {
    if (!valid_remote_ref(update.ref)) return "'" + update.ref + "' is no ref of a line or a version";
    if (last != nullptr && *last >= update.ref) return "'updates' are not sorted by ref, each ref once";
    if (update.before == update.after) return "the update of '" + update.ref + "' changes nothing";
    if ((update.before && update.before->is_zero()) || (update.after && update.after->is_zero()))
      return "the update of '" + update.ref + "' has an id of zeros";
    if (update.after && !entry.needs.contains(*update.after))
      return "'needs' has nothing for the new tip " + update.after->hex();
    last = &update.ref;
  }
  return std::nullopt;
}

Problem problem_of_packs(const LogEntry& entry) {
  std::set<std::pair<PackKind, Digest>> seen;
  for (const auto& pack : entry.packs) {
    if (auto problem = problem_of_pack(pack)) return problem;
    if (!seen.emplace(pack.kind, pack.id).second) return "the pack " + pack.id.hex() + " is listed twice";
  }
  for (const auto& [kind, names] : {std::pair(PackKind::content, &entry.tombstones.content),
                                    std::pair(PackKind::history, &entry.tombstones.history)}) {
    if (!strictly_sorted(*names)) return "'tombstones' are not sorted, each name once";
    for (const auto& name : *names) {
      if (seen.contains({kind, name})) return "the pack " + name.hex() + " is listed and dead at once";
    }
  }
  return std::nullopt;
}

Problem problem_of_needs(const LogEntry& entry) {
  for (const auto& [tip, packs] : entry.needs) {
    if (tip.is_zero() || !strictly_sorted(packs))
      return "'needs' of " + tip.hex() + " are not sorted, each index once";
  }
  return std::nullopt;
}

Problem problem_of(const LogEntry& entry) {
  for (const auto check : {problem_of_head, problem_of_updates, problem_of_packs, problem_of_needs}) {
    if (auto problem = check(entry)) return problem;
  }
  return std::nullopt;
}

// --- JSON ---

Json to_json(const std::optional<GitId>& id) {
  return id ? Json(id->hex()) : Json(nullptr);
}

Json to_json(const LogEntry& entry) {
  Json updates = Json::array();
  for (const auto& update : entry.updates)
    updates.push_back({{"ref", update.ref}, {"old", to_json(update.before)}, {"new", to_json(update.after)}});
  Json packs = Json::array();
  for (const auto& pack : entry.packs) packs.push_back(pack_to_json(pack));
  Json json{{"seq", entry.seq},
            {"prev", entry.prev.hex()},
            {"remote_id", entry.remote_id.hex()},
            {"time", entry.time},
            {"actor", entry.actor},
            {"op_id", entry.op_id.hex()},
            {"updates", std::move(updates)},
            {"packs", std::move(packs)},
            {"needs", needs_to_json(entry.needs)},
            {"tombstones", tombstones_to_json(entry.tombstones)},
            {"epoch", entry.epoch}};
  if (entry.signature) json["signature"] = *entry.signature;
  return json;
}

std::optional<GitId> optional_id(StrictObject& object, const char* field) {
  if (object.any(field).is_null()) return std::nullopt;
  return object.id<GitId>(field);
}

std::vector<RefChange> read_updates(const Json& array, std::string_view name) {
  std::vector<RefChange> updates;
  for (const auto& each : array) {
    StrictObject object(each, name, "updates[" + std::to_string(updates.size()) + "]");
    RefChange update;
    update.ref = object.text("ref", kMaxRefSize);
    update.before = optional_id(object, "old");
    update.after = optional_id(object, "new");
    object.finish();
    updates.push_back(std::move(update));
  }
  return updates;
}

LogEntry from_json(const Json& json, std::string_view name) {
  StrictObject object(json, name);
  LogEntry entry;
  entry.seq = object.number("seq", kMaxNumber);
  entry.prev = object.id<Digest>("prev");
  entry.remote_id = object.id<RemoteId>("remote_id");
  entry.time = object.text("time", 20);
  entry.actor = object.text("actor", kMaxActorSize);
  entry.op_id = object.id<OpId>("op_id");
  entry.updates = read_updates(object.array("updates"), name);
  const auto& packs = object.array("packs");
  for (std::size_t i = 0; i < packs.size(); ++i) {
    StrictObject pack(packs[i], name, "packs[" + std::to_string(i) + "]");
    entry.packs.push_back(read_pack(pack));
    pack.finish();
  }
  entry.needs = read_needs(object.object("needs"), name);
  entry.tombstones = read_tombstones(object.object("tombstones"), name);
  entry.epoch = object.number("epoch", kMaxNumber);
  if (object.has("signature")) entry.signature = object.text("signature", kMaxSignatureSize);
  object.finish();
  return entry;
}

}  // namespace

bool valid_remote_ref(std::string_view ref) {
  return ref.size() <= kMaxRefSize && parse_ref(ref);
}

std::string encode_entry(const LogEntry& entry) {
  const auto refuse = [&](const std::string& reason) {
    return Error(ErrorCode::failed, "cannot write entry " + std::to_string(entry.seq) + " of a push log")
        .because(reason);
  };
  if (const auto problem = problem_of(entry)) throw refuse(*problem);
  auto bytes = canonical_json(to_json(entry));
  if (bytes.size() > kMaxEntrySize) throw refuse("it is longer than 16 MiB");
  return bytes;
}

LogEntry decode_entry(std::string_view bytes, std::string_view name) {
  if (bytes.size() > kMaxEntrySize) refuse_document(name, "it is longer than 16 MiB");
  const auto json = parse_json(bytes, name);
  auto entry = from_json(json, name);
  if (const auto problem = problem_of(entry)) refuse_document(name, *problem);
  // Field by field all is well; what is left are other spellings of the same: white space, order, escapes.
  if (canonical_json(json) != bytes) refuse_document(name, "it is no canonical JSON (RFC 8785)");
  return entry;
}

std::string signed_text(const LogEntry& entry) {
  auto unsigned_entry = entry;
  unsigned_entry.signature.reset();
  return encode_entry(unsigned_entry);
}

Digest entry_hash(std::string_view bytes) {
  return content::sha256(as_bytes(bytes));
}

}  // namespace axon::sync

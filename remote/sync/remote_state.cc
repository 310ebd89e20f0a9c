#include "remote/sync/remote_state.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/content/hash.h"
#include "remote/sync/log_json.h"

namespace axon::sync {

namespace {

using Json = nlohmann::json;

// Below this a snapshot would save nobody anything.
constexpr std::uint64_t kMinSnapshotWeight = 16 * 1024;

[[noreturn]] void refuse(const LogEntry& entry, const std::string& reason) {
  throw Error(ErrorCode::integrity, "entry " + std::to_string(entry.seq) + " of the push log does not follow")
      .because(reason);
}

const std::vector<Digest>& names_of(const Tombstones& tombstones, PackKind kind) {
  return kind == PackKind::content ? tombstones.content : tombstones.history;
}

std::string text_of(const std::optional<GitId>& id) {
  return id ? id->hex() : "absent";
}

void insert_sorted(std::vector<Digest>& names, const Digest& name) {
  names.insert(std::lower_bound(names.begin(), names.end(), name), name);
}

}  // namespace

std::optional<GitId> RemoteState::ref(const std::string& name) const {
  const auto found = refs_.find(name);
  if (found == refs_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint32_t> RemoteState::find_pack(PackKind kind, const Digest& id) const {
  const auto& known = kind == PackKind::content ? content_ : history_;
  const auto found = known.find(id);
  if (found == known.end()) return std::nullopt;
  return found->second;
}

bool RemoteState::is_dead(PackKind kind, const Digest& id) const {
  if (const auto at = find_pack(kind, id)) return packs_[*at].dead;
  return std::ranges::binary_search(names_of(unlisted_, kind), id);
}

// --- apply ---

void RemoteState::check_chain(const LogEntry& entry) const {
  if (entry.remote_id != remote_id_) refuse(entry, "it belongs to the remote " + entry.remote_id.hex());
  if (entry.seq != seq_ + 1) refuse(entry, "the entry before is " + std::to_string(seq_));
  if (entry.prev != head_)
    refuse(entry, "it follows an entry with the hash " + entry.prev.hex() + ", not " + head_.hex());
  if (entry.epoch != epoch_ + (entry.tombstones.empty() ? 0 : 1)) refuse(entry, "its epoch is wrong");
}

void RemoteState::check_updates(const LogEntry& entry) const {
  for (const auto& update : entry.updates) {
    const auto now = ref(update.ref);
    if (update.before != now) {
      refuse(entry,
             "it takes '" + update.ref + "' to be " + text_of(update.before) + ", which is " + text_of(now));
    }
  }
}

void RemoteState::check_packs(const LogEntry& entry) const {
  for (const auto& pack : entry.packs) {
    if (is_dead(pack.kind, pack.id)) refuse(entry, "it relies on the dead pack " + pack.id.hex());
    if (find_pack(pack.kind, pack.id)) refuse(entry, "it lists the pack " + pack.id.hex() + " again");
  }
}

void RemoteState::check_tombstones(const LogEntry& entry) const {
  for (const auto kind : {PackKind::content, PackKind::history}) {
    for (const auto& name : names_of(entry.tombstones, kind)) {
      if (is_dead(kind, name)) refuse(entry, "the pack " + name.hex() + " was dead before");
    }
  }
}

// How many refs lead to `tip` once the entry is applied.
std::int64_t RemoteState::refs_after(const LogEntry& entry, const GitId& tip) const {
  const auto now = tips_.find(tip);
  std::int64_t count = now == tips_.end() ? 0 : now->second;
  for (const auto& update : entry.updates) count += (update.after == tip) - (update.before == tip);
  return count;
}

void RemoteState::check_need(const LogEntry& entry, const GitId& tip,
                             const std::vector<std::uint32_t>& packs) const {
  for (const auto at : packs) {
    if (at >= packs_.size() + entry.packs.size())
      refuse(entry, tip.hex() + " needs a pack that is not listed");
    if (at >= packs_.size()) continue;
    const auto& [pack, dead] = packs_[at];
    if (dead || std::ranges::binary_search(names_of(entry.tombstones, pack.kind), pack.id))
      refuse(entry, tip.hex() + " needs the dead pack " + pack.id.hex());
  }
}

void RemoteState::check_needs(const LogEntry& entry) const {
  for (const auto& [tip, packs] : entry.needs) {
    if (refs_after(entry, tip) == 0)
      refuse(entry, "it says what " + tip.hex() + " needs, to which no ref leads");
    check_need(entry, tip, packs);
  }
  if (entry.tombstones.empty()) return;
  for (const auto& [tip, packs] : needs_) {
    if (!entry.needs.contains(tip) && refs_after(entry, tip) != 0) check_need(entry, tip, packs);
  }
}

void RemoteState::take_pack(const KnownPack& known) {
  auto& ids = known.pack.kind == PackKind::content ? content_ : history_;
  ids.emplace(known.pack.id, static_cast<std::uint32_t>(packs_.size()));
  packs_.push_back(known);
  weight_ += 140;
}

void RemoteState::take_tombstones(const LogEntry& entry) {
  for (const auto kind : {PackKind::content, PackKind::history}) {
    for (const auto& name : names_of(entry.tombstones, kind)) {
      if (const auto at = find_pack(kind, name)) {
        packs_[*at].dead = true;
      } else {
        insert_sorted(kind == PackKind::content ? unlisted_.content : unlisted_.history, name);
        weight_ += 67;
      }
    }
  }
}

void RemoteState::take_ref(const std::string& ref, const std::optional<GitId>& tip) {
  if (const auto old = refs_.find(ref); old != refs_.end()) {
    if (--tips_[old->second] == 0) tips_.erase(old->second);
    weight_ -= ref.size() + 46;
    refs_.erase(old);
  }
  if (!tip) return;
  refs_.emplace(ref, *tip);
  ++tips_[*tip];
  weight_ += ref.size() + 46;
}

void RemoteState::take_needs(const GitId& tip, const std::vector<std::uint32_t>& packs) {
  drop_needs(tip);
  needs_.emplace(tip, packs);
  weight_ += 46 + packs.size() * 6;
}

void RemoteState::drop_needs(const GitId& tip) {
  const auto found = needs_.find(tip);
  if (found == needs_.end()) return;
  weight_ -= 46 + found->second.size() * 6;
  needs_.erase(found);
}

// All checks come before the first change.
void RemoteState::apply(const LogEntry& entry, const Digest& hash, std::uint64_t size) {
  check_chain(entry);
  check_updates(entry);
  check_packs(entry);
  check_tombstones(entry);
  check_needs(entry);
  for (const auto& pack : entry.packs) take_pack({pack, false});
  take_tombstones(entry);
  for (const auto& update : entry.updates) take_ref(update.ref, update.after);
  for (const auto& [tip, packs] : entry.needs) take_needs(tip, packs);
  for (const auto& update : entry.updates) {
    if (update.before && !tips_.contains(*update.before)) drop_needs(*update.before);
  }
  seq_ = entry.seq;
  head_ = hash;
  epoch_ = entry.epoch;
  since_ += size;
  if (since_ >= std::max(weight_, kMinSnapshotWeight)) since_ = 0;
}

// --- snapshots ---

namespace {

Json packs_to_json(const std::vector<KnownPack>& packs) {
  Json array = Json::array();
  for (const auto& known : packs) {
    auto json = pack_to_json(known.pack);
    json["dead"] = known.dead;
    array.push_back(std::move(json));
  }
  return array;
}

KnownPack read_known_pack(const Json& json, std::string_view name, std::size_t number) {
  StrictObject object(json, name, "packs[" + std::to_string(number) + "]");
  KnownPack known{read_pack(object), false};
  if (const auto problem = problem_of_pack(known.pack)) refuse_document(name, *problem);
  const auto& dead = object.any("dead");
  if (!dead.is_boolean()) object.refuse("dead", "is neither true nor false");
  known.dead = dead.get<bool>();
  object.finish();
  return known;
}

std::map<std::string, GitId> read_refs(const Json& json, std::string_view name) {
  std::map<std::string, GitId> refs;
  for (const auto& [ref, tip] : json.items()) {
    if (!valid_remote_ref(ref)) refuse_document(name, "'" + ref + "' is no ref of a line or a version");
    if (!tip.is_string()) refuse_document(name, "'" + ref + "' leads to no id");
    refs.emplace(ref, parse_id<GitId>(tip.get_ref<const std::string&>(), name, "refs"));
  }
  return refs;
}

std::string checksum_of(const Json& json) {
  return content::sha256(as_bytes(canonical_json(json))).hex();
}

}  // namespace

std::string RemoteState::encode() const {
  Json refs = Json::object();
  for (const auto& [ref, tip] : refs_) refs[ref] = tip.hex();
  Json json{{"remote_id", remote_id_.hex()},
            {"seq", seq_},
            {"entry", head_.hex()},
            {"epoch", epoch_},
            {"since", since_},
            {"refs", std::move(refs)},
            {"packs", packs_to_json(packs_)},
            {"needs", needs_to_json(needs_)},
            {"tombstones", tombstones_to_json(unlisted_)}};
  json["check"] = checksum_of(json);
  return canonical_json(json);
}

// What no sequence of entries leads to.
std::string RemoteState::problem_of(const RemoteState& state) {
  if (state.remote_id_.is_zero()) return "'remote_id' is zeros";
  if ((state.seq_ == 0) != state.head_.is_zero()) return "'seq' and 'entry' contradict each other";
  if (state.content_.size() + state.history_.size() != state.packs_.size()) return "a pack is listed twice";
  if (!strictly_sorted(state.unlisted_.content) || !strictly_sorted(state.unlisted_.history))
    return "'tombstones' are not sorted, each name once";
  for (const auto kind : {PackKind::content, PackKind::history}) {
    for (const auto& name : names_of(state.unlisted_, kind)) {
      if (state.find_pack(kind, name)) return "'tombstones' names a listed pack";
    }
  }
  if (state.tips_.size() != state.needs_.size()) return "'needs' are not those of the tips of 'refs'";
  for (const auto& [tip, packs] : state.needs_) {
    if (!state.tips_.contains(tip)) return "'needs' names " + tip.hex() + ", to which no ref leads";
    if (!strictly_sorted(packs)) return "'needs' of " + tip.hex() + " are not sorted, each index once";
    for (const auto at : packs) {
      if (at >= state.packs_.size() || state.packs_[at].dead)
        return tip.hex() + " needs a pack that is not there";
    }
  }
  return {};
}

RemoteState RemoteState::decode(std::string_view bytes, std::string_view name) {
  if (bytes.size() > kMaxSnapshotSize) refuse_document(name, "it is longer than 64 MiB");
  auto json = parse_json(bytes, name);
  StrictObject object(json, name);
  const auto check = object.text("check", 64);
  RemoteState state(object.id<RemoteId>("remote_id"));
  state.seq_ = object.number("seq", kMaxNumber);
  state.head_ = object.id<Digest>("entry");
  state.epoch_ = object.number("epoch", kMaxNumber);
  state.since_ = object.number("since", kMaxNumber);
  for (const auto& [ref, tip] : read_refs(object.object("refs"), name)) state.take_ref(ref, tip);
  for (const auto& pack : object.array("packs"))
    state.take_pack(read_known_pack(pack, name, state.packs_.size()));
  for (const auto& [tip, packs] : read_needs(object.object("needs"), name)) state.take_needs(tip, packs);
  state.unlisted_ = read_tombstones(object.object("tombstones"), name);
  state.weight_ += (state.unlisted_.content.size() + state.unlisted_.history.size()) * 67;
  object.finish();
  if (const auto problem = problem_of(state); !problem.empty()) refuse_document(name, problem);
  if (canonical_json(json) != bytes) refuse_document(name, "it is no canonical JSON (RFC 8785)");
  json.erase("check");
  if (checksum_of(json) != check) refuse_document(name, "its checksum is wrong");
  return state;
}

bool RemoteState::operator==(const RemoteState& other) const {
  return remote_id_ == other.remote_id_ && seq_ == other.seq_ && head_ == other.head_ &&
         epoch_ == other.epoch_ && since_ == other.since_ && refs_ == other.refs_ && packs_ == other.packs_ &&
         needs_ == other.needs_ && unlisted_ == other.unlisted_;
}

}  // namespace axon::sync

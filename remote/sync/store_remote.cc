#include "remote/sync/store_remote.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/pack_reader.h"
#include "remote/sync/frame_reader.h"

namespace axon::sync {

namespace {

constexpr std::uint32_t kMaxFooter = std::uint32_t{1} << 30;
// How often an update tries the next number when others are faster.
constexpr int kRaces = 1000;

Error damaged(const storage::Storage& storage, std::string reason) {
  return Error(ErrorCode::integrity, "the remote at '" + storage.location() + "' is damaged")
      .because(std::move(reason));
}

// Writes to a new file and hashes on the way.
class HashedFileSink final : public ByteSink {
 public:
  explicit HashedFileSink(fs::File& file) : file_(file) {}
  void write(ByteSpan bytes) override {
    file_.write_at(size_, bytes);
    hash_.update(bytes);
    size_ += bytes.size();
  }
  Digest finish() { return hash_.finish(); }

 private:
  fs::File& file_;
  content::Sha256 hash_;
  std::uint64_t size_ = 0;
};

// The best of the frames that were found for one id.
void improve(Presence& presence, const content::PackFooter& footer, const content::FrameEntry& entry) {
  if (presence.there && (presence.stands_alone || !entry.stands_alone())) return;
  presence = {true, entry.stands_alone(), footer.id,
              entry.stands_alone() ? FrameId{} : entry.aux.as<FrameId>(), entry.size()};
}

}  // namespace

StoreRemote::StoreRemote(const RemoteEnvironment& environment, std::unique_ptr<storage::Storage> storage,
                         const RemoteId& id, RemoteMemory memory)
    : environment_(environment),
      storage_(std::move(storage)),
      memory_(std::move(memory)),
      log_(*storage_, memory_.load(id)) {}

StoreRemote::~StoreRemote() = default;

Capabilities StoreRemote::capabilities() const {
  return {.location = storage_->location(), .id = id().hex(), .deploys = false};
}

const std::map<std::string, GitId>& StoreRemote::refs() {
  log_.refresh();
  remember();
  return log_.state().refs();
}

// What is seen counts, whether it can be remembered or not: a store may be read-only, or full.
void StoreRemote::remember() {
  try {
    memory_.save(log_.state());
  } catch (const Error&) {
  }
}

// --- what is where ---

const content::PackFooter& StoreRemote::footer(const ListedPack& pack) {
  const auto id = pack.id.as<PackId>();
  if (const auto known = footers_.find(id); known != footers_.end()) return known->second;
  if (pack.footer > kMaxFooter)
    throw damaged(*storage_, "the footer of '" + pack.key().text() + "' is too long");
  environment_.cancel.throw_if_cancelled();
  Bytes bytes(pack.footer);
  try {
    storage::read_range(*storage_, pack.key(), pack.size - pack.footer, bytes);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    throw damaged(*storage_, "its pack '" + pack.key().text() + "' is gone");
  }
  return footers_.emplace(id, content::parse_footer(bytes, pack.size, id)).first->second;
}

// Live packs of one kind that these tips need, each once, in the order in which they were listed. Tips that
// no ref leads to any more are passed over.
std::vector<ListedPack> StoreRemote::packs_of(std::span<const GitId> tips, PackKind kind) const {
  const auto& state = log_.state();
  std::set<std::uint32_t> indexes;
  for (const auto& tip : tips) {
    const auto needs = state.needs().find(tip);
    if (needs != state.needs().end()) indexes.insert(needs->second.begin(), needs->second.end());
  }
  std::vector<ListedPack> packs;
  for (const auto index : indexes) {
    if (state.packs()[index].pack.kind == kind) packs.push_back(state.packs()[index].pack);
  }
  return packs;
}

// An upload of this user's, remembered from before, may be gone by now, or buried.
bool StoreRemote::usable(const ListedPack& uploaded) {
  if (log_.state().is_dead(uploaded.kind, uploaded.id)) return false;
  if (usable_.contains(uploaded.id)) return true;
  const auto info = storage_->stat(uploaded.key());
  if (!info || info->size != uploaded.size) return false;
  usable_.insert(uploaded.id);
  return true;
}

std::vector<Presence> StoreRemote::missing(std::span<const FrameId> ids, const Whereabouts& where) {
  std::vector<Presence> presences(ids.size());
  std::unordered_map<FrameId, std::size_t> places;
  places.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) places.emplace(ids[i], i);
  auto packs = packs_of(where.near, PackKind::content);
  for (const auto& pack : where.uploaded) {
    if (pack.kind == PackKind::content && usable(pack)) packs.push_back(pack);
  }
  for (const auto& pack : packs) {
    const auto& known = footer(pack);
    for (const auto& entry : known.entries) {
      const auto place = places.find(entry.id);
      if (place != places.end()) improve(presences[place->second], known, entry);
    }
  }
  for (std::size_t i = 0; i < ids.size(); ++i) presences[i] = presences[places.at(ids[i])];
  return presences;
}

// --- sending ---

SendOutcome StoreRemote::send(const ListedPack& pack, ByteSource& source) {
  if (log_.state().is_dead(pack.kind, pack.id)) return SendOutcome::refused;
  if (source.size() > storage_->traits().max_object_size) {
    throw Error(ErrorCode::unsupported, "cannot send a pack to '" + storage_->location() + "'")
        .because("it has " + std::to_string(source.size()) + " bytes, more than an object may have there");
  }
  const auto there_whole = [&] {
    const auto info = storage_->stat(pack.key());
    return info && info->size == pack.size;
  };
  try {
    if (storage_->write(pack.key(), source, storage::Condition::if_absent()).written) {
      usable_.insert(pack.id);
      return SendOutcome::sent;
    }
  } catch (const Error& error) {
    // Names are made of content: whoever wrote it, what is there is this pack.
    if (error.code() != ErrorCode::network || !there_whole()) throw;
    usable_.insert(pack.id);
    return SendOutcome::sent;
  }
  if (!there_whole()) throw damaged(*storage_, "its object '" + pack.key().text() + "' has a wrong size");
  usable_.insert(pack.id);
  return SendOutcome::there;
}

// --- receiving ---

void StoreRemote::receive(const FrameRequest& request, FrameSink& sink) {
  std::unordered_map<FrameId, Located> wanted;
  wanted.reserve(request.frames.size());
  for (const auto& id : request.frames) wanted.emplace(id, Located{});
  const std::unordered_set<Oid> files(request.files.begin(), request.files.end());
  const auto packs = packs_of(request.near, PackKind::content);
  for (const auto& pack : packs) {
    for (const auto& entry : footer(pack).entries) {
      const bool recipe = entry.kind == content::FrameKind::recipe && files.contains(entry.aux.as<Oid>());
      auto place = wanted.find(entry.id);
      if (place == wanted.end() && recipe) place = wanted.emplace(entry.id, Located{}).first;
      if (place == wanted.end()) continue;
      auto& best = place->second;
      if (best.pack == nullptr || (!best.entry.stands_alone() && entry.stands_alone())) best = {&pack, entry};
    }
  }
  std::unordered_map<const ListedPack*, std::vector<content::FrameEntry>> by_pack;
  for (const auto& [id, located] : wanted) {
    if (located.pack == nullptr) throw damaged(*storage_, "no pack has the frame '" + id.short_hex() + "'");
    by_pack[located.pack].push_back(located.entry);
  }
  FrameReader reader(*storage_, sink);
  for (const auto& pack : packs) {
    environment_.cancel.throw_if_cancelled();
    if (const auto entries = by_pack.find(&pack); entries != by_pack.end())
      reader.read(pack, std::move(entries->second));
  }
}

ReceivedPack StoreRemote::receive_pack(const ListedPack& pack, const fs::Path& folder) {
  ReceivedPack received{pack.id, fs::unique_path(folder, "history-")};
  try {
    const auto file = environment_.fs.open(received.path, {.access = fs::Access::create});
    HashedFileSink sink(*file);
    const auto info = storage_->read(pack.key(), {}, sink);
    if (!info) throw damaged(*storage_, "its pack '" + pack.key().text() + "' is gone");
    if (sink.finish() != pack.id)
      throw damaged(*storage_, "the bytes of '" + pack.key().text() + "' do not match its name");
    file->close();
  } catch (...) {
    fs::remove_all(environment_.fs, received.path);
    throw;
  }
  return received;
}

std::vector<ReceivedPack> StoreRemote::receive_history(std::span<const GitId> wants,
                                                       const std::function<bool(const Digest&)>& have,
                                                       const fs::Path& folder) {
  std::vector<ReceivedPack> received;
  try {
    for (const auto& pack : packs_of(wants, PackKind::history)) {
      environment_.cancel.throw_if_cancelled();
      if (!have(pack.id)) received.push_back(receive_pack(pack, folder));
    }
  } catch (...) {
    for (const auto& pack : received) fs::remove_all(environment_.fs, pack.path);
    throw;
  }
  return received;
}

// --- the entry ---

// nullopt: something that the tip relies on is not there any more.
std::optional<std::vector<std::uint32_t>> StoreRemote::needs_of(const NewTip& tip,
                                                                const LogEntry& entry) const {
  const auto& state = log_.state();
  std::set<std::uint32_t> indexes;
  for (const auto& near : tip.near) {
    const auto needs = state.needs().find(near);
    if (needs == state.needs().end()) return std::nullopt;
    indexes.insert(needs->second.begin(), needs->second.end());
  }
  for (const auto& pack : tip.packs) {
    if (state.is_dead(pack.kind, pack.id)) return std::nullopt;
    if (const auto known = state.find_pack(pack.kind, pack.id)) {
      indexes.insert(*known);
      continue;
    }
    const auto listed = std::ranges::find(entry.packs, pack);
    if (listed == entry.packs.end()) return std::nullopt;
    indexes.insert(static_cast<std::uint32_t>(state.packs().size() + (listed - entry.packs.begin())));
  }
  return std::vector<std::uint32_t>(indexes.begin(), indexes.end());
}

std::optional<LogEntry> StoreRemote::make_entry(const RefTransaction& transaction) const {
  auto entry = log_.next_entry();
  entry.time = format_rfc3339(environment_.clock.now_ns());
  entry.actor = transaction.actor;
  entry.op_id = transaction.op_id;
  entry.updates = transaction.updates;
  std::ranges::sort(entry.updates, {}, &RefChange::ref);
  for (const auto& pack : transaction.packs) {
    // Another push may have listed the same bytes meanwhile.
    if (!log_.state().find_pack(pack.kind, pack.id)) entry.packs.push_back(pack);
  }
  for (const auto& tip : transaction.tips) {
    auto needs = needs_of(tip, entry);
    if (!needs) return std::nullopt;
    entry.needs[tip.tip] = std::move(*needs);
  }
  if (transaction.sign) entry.signature = transaction.sign(signed_text(entry));
  return entry;
}

UpdateOutcome StoreRemote::update_refs(const RefTransaction& transaction) {
  for (int race = 0; race < kRaces; ++race) {
    for (const auto& update : transaction.updates) {
      if (log_.state().ref(update.ref) != update.before) return UpdateOutcome::moved;
    }
    const auto entry = make_entry(transaction);
    if (!entry) return UpdateOutcome::stale;
    environment_.cancel.throw_if_cancelled();
    const auto outcome = log_.append(*entry);
    if (outcome == AppendOutcome::unknown) return UpdateOutcome::unknown;
    if (outcome == AppendOutcome::committed) {
      log_.write_snapshot_if_due();
      remember();
      return UpdateOutcome::committed;
    }
    bool ours = false;
    log_.refresh([&](const LogEntry& read, const Digest&) { ours |= read.op_id == transaction.op_id; });
    if (ours) return UpdateOutcome::committed;
  }
  throw Error(ErrorCode::network, "cannot push to '" + storage_->location() + "'")
      .because("others were faster, again and again")
      .hint("push again later");
}

}  // namespace axon::sync

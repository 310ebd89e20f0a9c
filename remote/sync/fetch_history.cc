#include "remote/sync/fetch_history.h"

#include <unordered_set>

#include "core/base/error.h"
#include "core/history/pointer.h"
#include "remote/sync/lazy_file.h"

namespace axon::sync {

namespace {

constexpr std::uint64_t kMaxMemory = std::uint64_t{64} << 20;

// Everything that a local ref leads to is here with all its content.
std::vector<GitId> complete_tips(store::Store& store) {
  std::vector<GitId> tips;
  for (const auto& ref : store.history().refs("refs/")) tips.push_back(ref.target);
  return tips;
}

HistoryReceived survey(store::Store& store, std::span<const GitId> wants, const CancelToken& cancel) {
  auto& history = store.history();
  HistoryReceived found;
  found.objects = history.objects(wants, complete_tips(store));
  std::unordered_set<Oid> files;
  for (const auto& id : found.objects) {
    cancel.throw_if_cancelled();
    const auto object = history.read_raw(id);
    if (object.type == history::ObjectType::commit) ++found.commits;
    if (object.type != history::ObjectType::blob || object.content.size() >= history::kMaxPointer) continue;
    const auto pointer = history::parse_pointer(object.content);
    if (pointer && files.insert(pointer->oid).second) found.files.push_back(pointer->oid);
  }
  for (const auto& tip : wants) {
    const auto commit = history.peel_to_commit(tip);
    if (!commit) {
      throw Error(ErrorCode::integrity, "'" + tip.short_hex() + "' of the remote leads to no commit");
    }
    history.entries(*commit);
  }
  return found;
}

// Removes what was received when it has been taken in, or not.
class ReceivedPacks {
 public:
  ReceivedPacks(fs::FileSystem& fs, std::vector<ReceivedPack> packs) : fs_(fs), packs_(std::move(packs)) {}
  ReceivedPacks(const ReceivedPacks&) = delete;
  ReceivedPacks& operator=(const ReceivedPacks&) = delete;
  ~ReceivedPacks() {
    for (const auto& pack : packs_) {
      try {
        fs::remove_all(fs_, pack.path);
      } catch (const std::exception&) {  // gc sweeps tmp/
      }
    }
  }
  const std::vector<ReceivedPack>& list() const { return packs_; }

 private:
  fs::FileSystem& fs_;
  std::vector<ReceivedPack> packs_;
};

std::uint64_t take_packs(store::Store& store, Remote& remote, std::span<const GitId> wants,
                         const std::function<bool(const Digest&)>& have, HistoryMemory& memory,
                         const CancelToken& cancel) {
  auto& [fs, clock, random] = store.environment();
  fs::make_directories(fs, store.layout().temporary());
  const ReceivedPacks received(fs, remote.receive_history(wants, have, store.layout().temporary()));
  std::uint64_t bytes = 0;
  std::vector<Digest> names;
  for (const auto& pack : received.list()) {
    bytes += fs.stat(pack.path).value().size;
    store.history().install_pack(pack.path, random, cancel);
    names.push_back(pack.id);
  }
  store.history().refresh();
  memory.add(names);
  return bytes;
}

}  // namespace

HistoryMemory::HistoryMemory(fs::FileSystem& fs, const fs::Path& folder, const std::string& remote_id)
    : fs_(fs), path_(folder / (remote_id + ".history")) {
  if (!fs::exists(fs_, path_)) return;
  const auto bytes = fs::read_file(fs_, path_, kMaxMemory);
  std::string_view text = as_text(bytes);
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    if (const auto id = Digest::parse(text.substr(0, end))) packs_.insert(*id);
    text.remove_prefix(end + 1);
  }
}

void HistoryMemory::add(std::span<const Digest> packs) {
  if (packs.empty()) return;
  packs_.insert(packs.begin(), packs.end());
  std::string text;
  for (const auto& pack : packs_) text += pack.hex() + "\n";
  replace_lazily(fs_, path_, as_bytes(text));
}

HistoryReceived fetch_history(store::Store& store, Remote& remote, std::span<const GitId> wants,
                              const CancelToken& cancel) {
  HistoryMemory memory(store.environment().fs, store.layout().remote_states(), remote.capabilities().id);
  auto bytes = take_packs(
      store, remote, wants, [&](const Digest& id) { return memory.has(id); }, memory, cancel);
  try {
    auto found = survey(store, wants, cancel);
    found.bytes = bytes;
    return found;
  } catch (const Error& error) {
    // What was taken in once may have been collected since.
    if (error.code() != ErrorCode::integrity) throw;
  }
  bytes += take_packs(
      store, remote, wants, [](const Digest&) { return false; }, memory, cancel);
  auto found = survey(store, wants, cancel);
  found.bytes = bytes;
  return found;
}

}  // namespace axon::sync

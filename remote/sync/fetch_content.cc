#include "remote/sync/fetch_content.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/base/error.h"
#include "core/store/transaction.h"
#include "remote/sync/content_receiver.h"

namespace axon::sync {

namespace {

// What is received before it is published: what a fetch that is cut short can lose.
constexpr std::uint64_t kBatchBytes = std::uint64_t{256} << 20;

struct WantedFrame {
  FrameId id;
  std::uint64_t size = 0;  // as it is stored on the remote
  PackId pack;             // there; frames of one pack are asked for together
};

class Fetcher {
 public:
  Fetcher(store::Store& store, Remote& remote, std::span<const GitId> wants, Progress& progress,
          const CancelToken& cancel)
      : store_(store), remote_(remote), wants_(wants), progress_(progress), cancel_(cancel) {}

  ContentReceived fetch(std::span<const Oid> files) {
    fetch_recipes(files);
    find_missing();
    place_missing();
    if (chunks_.empty()) return received_;
    std::uint64_t bytes = 0;
    for (const auto* frames : {&standing_alone_, &deltas_}) {
      for (const auto& frame : *frames) bytes += frame.size;
    }
    progress_.begin("receiving", bytes);
    receive(standing_alone_);
    receive(deltas_);
    progress_.end();
    return received_;
  }

 private:
  void fetch_recipes(std::span<const Oid> files);
  bool take_local_recipe(const Oid& oid);
  void take_chunks(const content::Recipe& recipe);
  void find_missing();
  void place_missing();
  void place_bases(const std::vector<FrameId>& bases);
  void receive(std::vector<WantedFrame>& frames);
  void receive_batch(std::span<const WantedFrame> frames);

  store::Store& store_;
  Remote& remote_;
  std::span<const GitId> wants_;
  Progress& progress_;
  const CancelToken& cancel_;
  ContentReceived received_;
  std::vector<WantedFrame> chunks_;  // of all files, each once; then those that are not here
  std::unordered_set<FrameId> seen_;
  std::vector<WantedFrame> standing_alone_, deltas_;
};

Error incomplete(const Remote& remote, const std::string& what) {
  return Error(ErrorCode::integrity, "the remote at '" + remote.capabilities().location + "' is damaged")
      .because("it has not " + what);
}

void Fetcher::take_chunks(const content::Recipe& recipe) {
  for (const auto& chunk : recipe.chunks) {
    const auto id = chunk.id.as<FrameId>();
    if (seen_.insert(id).second) chunks_.push_back({id, 0, {}});
  }
}

// False: the recipe is not here, or cannot be read; then the remote's is as good.
bool Fetcher::take_local_recipe(const Oid& oid) {
  try {
    const auto found = store_.content().recipe(oid);
    if (found) take_chunks(found->recipe);
    return found.has_value();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) throw;
    return false;
  }
}

void Fetcher::fetch_recipes(std::span<const Oid> files) {
  std::vector<Oid> unknown;
  for (const auto& oid : files) {
    cancel_.throw_if_cancelled();
    if (!take_local_recipe(oid)) unknown.push_back(oid);
  }
  if (unknown.empty()) return;
  progress_.begin("receiving recipes", 0);
  store::Transaction transaction(store_, cancel_);
  ContentReceiver receiver(store_, transaction.content(), progress_, cancel_);
  receiver.run([&](FrameSink& sink) { remote_.receive({wants_, {}, unknown}, sink); });
  for (const auto& oid : unknown) {
    const auto [first, last] = receiver.recipes().equal_range(oid);
    if (first == last) throw incomplete(remote_, "the recipe of file '" + oid.short_hex() + "'");
    for (auto each = first; each != last; ++each) take_chunks(each->second);
  }
  transaction.publish_objects();
  received_.frames += receiver.frames();
  received_.bytes += receiver.bytes();
  progress_.end();
}

void Fetcher::find_missing() {
  std::vector<FrameId> ids;
  ids.reserve(chunks_.size());
  for (const auto& chunk : chunks_) ids.push_back(chunk.id);
  const auto found = store_.content().find_many(ids);
  std::vector<WantedFrame> missing;
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    if (!found[i]) missing.push_back(chunks_[i]);
  }
  chunks_ = std::move(missing);
}

// A delta is of use only with its base standing alone here; if it does not, the base is fetched too.
void Fetcher::place_bases(const std::vector<FrameId>& bases) {
  std::unordered_set<FrameId> coming;
  for (const auto& frame : standing_alone_) coming.insert(frame.id);
  std::vector<FrameId> lacking;
  const auto here = store_.content().find_many(bases);
  for (std::size_t i = 0; i < bases.size(); ++i) {
    if (here[i] && here[i]->entry.stands_alone()) continue;
    if (coming.insert(bases[i]).second) lacking.push_back(bases[i]);
  }
  const auto presences = remote_.missing(lacking, {wants_, {}});
  for (std::size_t i = 0; i < lacking.size(); ++i) {
    if (!presences[i].there || !presences[i].stands_alone)
      throw incomplete(remote_, "the base '" + lacking[i].short_hex() + "' standing alone");
    standing_alone_.push_back({lacking[i], presences[i].size, presences[i].pack});
  }
}

void Fetcher::place_missing() {
  if (chunks_.empty()) return;
  std::vector<FrameId> ids, bases;
  for (const auto& chunk : chunks_) ids.push_back(chunk.id);
  const auto presences = remote_.missing(ids, {wants_, {}});
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    if (!presences[i].there) throw incomplete(remote_, "the chunk '" + ids[i].short_hex() + "'");
    const WantedFrame frame{ids[i], presences[i].size, presences[i].pack};
    (presences[i].stands_alone ? standing_alone_ : deltas_).push_back(frame);
    if (!presences[i].stands_alone) bases.push_back(presences[i].base);
  }
  std::ranges::sort(bases);
  bases.erase(std::unique(bases.begin(), bases.end()), bases.end());
  place_bases(bases);
}

void Fetcher::receive(std::vector<WantedFrame>& frames) {
  if (frames.empty()) return;
  std::ranges::stable_sort(frames, {}, &WantedFrame::pack);
  std::size_t begin = 0;
  std::uint64_t bytes = 0;
  for (std::size_t end = 0; end < frames.size(); ++end) {
    bytes += frames[end].size;
    if (bytes < kBatchBytes && end + 1 != frames.size()) continue;
    receive_batch(std::span(frames).subspan(begin, end + 1 - begin));
    begin = end + 1;
    bytes = 0;
  }
}

void Fetcher::receive_batch(std::span<const WantedFrame> frames) {
  std::vector<FrameId> ids;
  for (const auto& frame : frames) ids.push_back(frame.id);
  store::Transaction transaction(store_, cancel_);
  ContentReceiver receiver(store_, transaction.content(), progress_, cancel_);
  receiver.run([&](FrameSink& sink) { remote_.receive({wants_, ids, {}}, sink); });
  transaction.publish_objects();
  received_.frames += receiver.frames();
  received_.bytes += receiver.bytes();
}

}  // namespace

ContentReceived fetch_content(store::Store& store, Remote& remote, std::span<const GitId> wants,
                              std::span<const Oid> files, Progress& progress, const CancelToken& cancel) {
  return Fetcher(store, remote, wants, progress, cancel).fetch(files);
}

}  // namespace axon::sync

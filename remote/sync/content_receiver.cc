#include "remote/sync/content_receiver.h"

#include <atomic>
#include <mutex>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/pack_reader.h"
#include "core/content/work_queue.h"

namespace axon::sync {

namespace {

// Frames that wait to be checked; most have up to 1 MiB.
constexpr std::uint64_t kWaitingBytes = std::uint64_t{24} << 20;

struct Worker {
  content::Decoder decoder;
  content::ContentStore::Scratch scratch;
  Bytes raw, base;
};

Error lying(const FrameId& id) {
  return Error(ErrorCode::integrity, "the remote is damaged")
      .because("its object '" + id.short_hex() + "' is not what its name says");
}

}  // namespace

struct ContentReceiver::State final : FrameSink {
  State(store::Store& s, content::ContentWriter& w, Progress& p, const CancelToken& cancel)
      : store(s), writer(w), progress(p), queue(s.threads(), cancel), workers(s.threads()) {}

  void frame(const content::FrameEntry& entry, ByteSpan bytes) override {
    while (waiting.load() + bytes.size() > kWaitingBytes && waiting.load() != 0) queue.help(feeder);
    waiting += bytes.size();
    auto copy = std::make_shared<Bytes>(bytes.begin(), bytes.end());
    queue.push([this, entry, copy](std::size_t thread) {
      take(entry, *copy, workers[thread]);
      waiting -= copy->size();
    });
  }

  void take(const content::FrameEntry& entry, ByteSpan bytes, Worker& worker);
  void decode(const content::FrameEntry& entry, ByteSpan payload, Worker& worker);
  void take_recipe(const content::FrameEntry& entry, ByteSpan raw);

  store::Store& store;
  content::ContentWriter& writer;
  Progress& progress;
  content::WorkQueue queue;
  std::vector<Worker> workers;
  std::size_t feeder = 0;
  std::atomic<std::uint64_t> waiting{0}, frames{0}, received{0};
  std::mutex mutex;
  std::unordered_multimap<Oid, content::Recipe> recipes;
};

void ContentReceiver::State::decode(const content::FrameEntry& entry, ByteSpan payload, Worker& worker) {
  ByteSpan base;
  if (!entry.stands_alone()) {
    const auto location = store.content().find(entry.aux.as<FrameId>());
    if (!location || !location->entry.stands_alone() || location->entry.raw != entry.raw)
      throw lying(entry.id);
    worker.base.resize(entry.raw);
    store.content().read_frame(*location, worker.scratch, worker.base);
    base = worker.base;
  }
  worker.raw.resize(entry.raw);
  worker.decoder.decode(entry.encoding, payload, base, worker.raw);
}

void ContentReceiver::State::take_recipe(const content::FrameEntry& entry, ByteSpan raw) {
  auto recipe = content::decode_recipe(raw);
  if (recipe.oid != entry.aux.as<Oid>()) throw lying(entry.id);
  const std::lock_guard lock(mutex);
  recipes.emplace(recipe.oid, std::move(recipe));
}

void ContentReceiver::State::take(const content::FrameEntry& entry, ByteSpan bytes, Worker& worker) {
  decode(entry, content::PackReader::check_frame(entry, bytes), worker);
  if (content::sha256(worker.raw).as<FrameId>() != entry.id) throw lying(entry.id);
  if (entry.kind == content::FrameKind::recipe) take_recipe(entry, worker.raw);
  writer.add_copy(entry, bytes);
  ++frames;
  received += bytes.size();
  progress.advance(bytes.size());
}

ContentReceiver::ContentReceiver(store::Store& store, content::ContentWriter& writer, Progress& progress,
                                 const CancelToken& cancel)
    : state_(std::make_unique<State>(store, writer, progress, cancel)) {}
ContentReceiver::~ContentReceiver() = default;

void ContentReceiver::run(const std::function<void(FrameSink&)>& feed) {
  state_->waiting = 0;
  state_->queue.run(1, [&](std::size_t, std::size_t thread) {
    state_->feeder = thread;
    feed(*state_);
  });
}

std::uint64_t ContentReceiver::frames() const {
  return state_->frames;
}
std::uint64_t ContentReceiver::bytes() const {
  return state_->received;
}
const std::unordered_multimap<Oid, content::Recipe>& ContentReceiver::recipes() const {
  return state_->recipes;
}

}  // namespace axon::sync

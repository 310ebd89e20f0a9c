#include "core/content/restore.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/buffer_pool.h"
#include "core/base/error.h"
#include "core/base/fs/sequential_writer.h"
#include "core/content/hash.h"
#include "core/content/work_queue.h"

namespace axon::content {
namespace {

constexpr std::size_t kAhead = 6;  // chunks of one file that are decoded before they are needed
constexpr std::size_t kMostThreads = 16;

std::size_t write_block_size(std::size_t threads) {
  return threads <= 4 ? std::size_t{4} << 20 : std::size_t{1} << 20;
}

// A chunk on its way: whoever claims it first decodes it, the file's own thread waits for it or does it
// itself.
struct Decoding {
  FrameLocation location;
  BufferPool::Lease buffer;
  std::atomic<bool> claimed{false};
  std::atomic<bool> done{false};
  std::optional<Error> failure;

  ByteSpan bytes() const { return {buffer.data(), location.entry.raw}; }
};

Error missing_chunk(const Oid& oid, const ChunkId& chunk) {
  return Error(ErrorCode::integrity, "cannot restore file '" + oid.short_hex() + "'")
      .because("its chunk '" + chunk.short_hex() + "' is in no pack of the store")
      .hint("run `axon fsck`");
}

}  // namespace

struct RestoreWorker::State {
  std::size_t thread = 0;
  ContentStore::Scratch scratch;
};

struct RestorePool::State {
  State(ContentStore& s, std::size_t threads, Progress& p, const CancelToken& cancel)
      : store(s),
        progress(p),
        queue(threads, cancel),
        chunks(threads * (kAhead + 1), kMaxChunkSize),
        blocks(threads * 3, write_block_size(threads)) {
    for (std::size_t thread = 0; thread < threads; ++thread) {
      workers.push_back(std::make_unique<RestoreWorker::State>());
      workers.back()->thread = thread;
    }
  }

  void decode(Decoding& decoding, std::size_t thread) {
    if (decoding.claimed.exchange(true)) return;
    try {
      store.read_frame(decoding.location, workers[thread]->scratch,
                       {decoding.buffer.data(), decoding.location.entry.raw});
    } catch (const Error& error) {
      decoding.failure = error;
    }
    decoding.done.store(true, std::memory_order_release);
    queue.wake();
  }

  // Files that turned out to be what their recipes say; written to the index together, at the end.
  void remember_verified(const Oid& oid, const RecipeId& recipe) {
    std::lock_guard lock(verified_mutex);
    verified.push_back({oid, recipe});
  }
  void save_verified() {
    store.mark_verified(verified);
    verified.clear();
  }

  std::vector<FrameLocation> locate(const Recipe& recipe);
  Oid write(const std::vector<FrameLocation>& locations, std::size_t thread, fs::File& destination);
  [[noreturn]] void name_bad_chunk(const Recipe& recipe, std::size_t thread);

  ContentStore& store;
  Progress& progress;
  WorkQueue queue;
  BufferPool chunks, blocks;
  std::mutex verified_mutex;
  std::vector<Index::Verified> verified;
  std::vector<std::unique_ptr<RestoreWorker::State>> workers;
};

std::vector<FrameLocation> RestorePool::State::locate(const Recipe& recipe) {
  std::vector<FrameId> ids;
  ids.reserve(recipe.chunks.size());
  for (const auto& chunk : recipe.chunks) ids.push_back(chunk.id.as<FrameId>());
  const auto found = store.find_many(ids);
  std::vector<FrameLocation> locations;
  locations.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) throw missing_chunk(recipe.oid, recipe.chunks[i].id);
    if (found[i]->entry.raw != recipe.chunks[i].length) {
      throw Error(ErrorCode::integrity, "cannot restore file '" + recipe.oid.short_hex() + "'")
          .because("its recipe and the store disagree about the length of chunk '" +
                   recipe.chunks[i].id.short_hex() + "'")
          .hint("run `axon fsck --full`");
    }
    locations.push_back(*found[i]);
  }
  return locations;
}

// Writes the chunks in order and returns the hash of what was written.
Oid RestorePool::State::write(const std::vector<FrameLocation>& locations, std::size_t thread,
                              fs::File& destination) {
  fs::SequentialWriter writer(destination, blocks, fs::Zeros::leave_holes);
  Sha256 hasher;
  // Shared with the queue's jobs, which may look at a decoding that its file no longer needs.
  std::deque<std::shared_ptr<Decoding>> ahead;
  std::size_t started = 0;
  for (std::size_t i = 0; i < locations.size(); ++i) {
    queue.check();
    while (started < locations.size() && ahead.size() <= kAhead) {
      auto decoding = std::make_shared<Decoding>();
      decoding->location = locations[started++];
      decoding->buffer = chunks.acquire();
      ahead.push_back(decoding);
      if (ahead.size() > 1) {
        queue.push([this, decoding](std::size_t helper) { decode(*decoding, helper); });
      }
    }
    auto current = std::move(ahead.front());
    ahead.pop_front();
    decode(*current, thread);
    while (!current->done.load(std::memory_order_acquire)) queue.help(thread);
    if (current->failure) throw *current->failure;
    hasher.update(current->bytes());
    writer.append(current->bytes());
    progress.advance(current->location.entry.raw);
    current->buffer.release();
  }
  writer.finish();
  return hasher.finish().as<Oid>();
}

void RestorePool::State::name_bad_chunk(const Recipe& recipe, std::size_t thread) {
  Bytes bytes;
  for (const auto& chunk : recipe.chunks) {
    const auto location = store.find(chunk.id.as<FrameId>());
    if (!location) throw missing_chunk(recipe.oid, chunk.id);
    bytes.resize(chunk.length);
    store.read_frame(*location, workers[thread]->scratch, bytes);
    if (sha256(bytes).as<ChunkId>() == chunk.id) continue;
    throw Error(ErrorCode::integrity, "cannot restore file '" + recipe.oid.short_hex() + "'")
        .because("chunk '" + chunk.id.short_hex() + "' in pack '" + location->pack.short_hex() +
                 "' holds other bytes than its name says")
        .hint("run `axon fsck --full`");
  }
  throw Error(ErrorCode::integrity, "cannot restore file '" + recipe.oid.short_hex() + "'")
      .because("its recipe makes another file than it promises")
      .hint("run `axon fsck --full`");
}

void RestoreWorker::restore(const Oid& oid, std::uint64_t size, fs::File& destination) {
  auto& pool = *pool_.state_;
  std::vector<RecipeId> liars;
  std::optional<Recipe> last;
  while (auto found = pool.store.recipe(oid, liars)) {
    if (found->recipe.size == size) {
      const auto locations = pool.locate(found->recipe);
      if (pool.write(locations, state_.thread, destination) == oid) {
        if (!found->verified) pool.remember_verified(oid, found->id);
        return;
      }
      destination.resize(0);
    }
    liars.push_back(found->id);
    last = std::move(found->recipe);
  }
  if (last) pool.name_bad_chunk(*last, state_.thread);
  throw Error(ErrorCode::integrity, "cannot restore file '" + oid.short_hex() + "'")
      .because("the store has no recipe for it")
      .hint("run `axon fsck`");
}

RestorePool::RestorePool(ContentStore& store, std::size_t threads, Progress& progress,
                         const CancelToken& cancel)
    : state_(std::make_unique<State>(store, std::clamp<std::size_t>(threads, 1, kMostThreads), progress,
                                     cancel)) {}

RestorePool::~RestorePool() = default;

void RestorePool::run(std::size_t count, const std::function<void(std::size_t, RestoreWorker&)>& item) {
  state_->queue.run(count, [&](std::size_t number, std::size_t thread) {
    RestoreWorker worker(*this, *state_->workers[thread]);
    item(number, worker);
  });
  state_->save_verified();
}

void read_file_range(ContentStore& store, const Recipe& recipe, std::uint64_t offset, MutableByteSpan into,
                     ContentStore::Scratch& scratch) {
  if (offset > recipe.size || into.size() > recipe.size - offset) {
    throw Error(ErrorCode::failed, "cannot read beyond the end of file '" + recipe.oid.short_hex() + "'");
  }
  std::uint64_t start = 0;
  Bytes bytes;
  for (const auto& chunk : recipe.chunks) {
    const auto end = start + chunk.length;
    if (end > offset && start < offset + into.size()) {
      const auto location = store.find(chunk.id.as<FrameId>());
      if (!location) throw missing_chunk(recipe.oid, chunk.id);
      bytes.resize(chunk.length);
      store.read_frame(*location, scratch, bytes);
      if (sha256(bytes).as<ChunkId>() != chunk.id) {
        throw Error(ErrorCode::integrity, "cannot read chunk '" + chunk.id.short_hex() + "'")
            .because("its bytes have another hash")
            .hint("run `axon fsck --full`");
      }
      const auto from = std::max(start, offset), to = std::min(end, offset + into.size());
      std::memcpy(into.data() + (from - offset), bytes.data() + (from - start), to - from);
    }
    start = end;
  }
}

}  // namespace axon::content

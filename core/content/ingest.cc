#include "core/content/ingest.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/buffer_pool.h"
#include "core/base/error.h"
#include "core/content/chunker.h"
#include "core/content/hash.h"
#include "core/content/work_queue.h"

namespace axon::content {
namespace {

constexpr std::size_t kReadSize = std::size_t{4} << 20;  // larger reads gain nothing
// Before the bytes just read lies what the last block left over, so that reads stay aligned in file and
// memory.
constexpr std::size_t kHeadroom = kMaxChunkSize;
constexpr std::size_t kMostThreads = 16;  // beyond, memory grows and the disk is the limit

// A block of a file, alive until the last chunk cut from it is encoded. Shared by the jobs of these chunks.
using Block = std::shared_ptr<BufferPool::Lease>;

// Computes the ids of a file's tensors while its chunks pass by.
class TensorIds {
 public:
  explicit TensorIds(const FileLayout& layout) : layout_(layout), tensors_(layout.tensors.size()) {
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const auto& from = layout.tensors[i];
      tensors_[i] = {from.name, from.dtype, from.shape, from.offset, from.length, {}};
    }
  }

  void pass(const CutterChunk& chunk, const ChunkId& id, ByteSpan bytes) {
    if (chunk.tensor >= 0) {
      chunks_.push_back({id, chunk.length});
      const auto& tensor = layout_.tensors[static_cast<std::size_t>(chunk.tensor)];
      if (chunk.offset + chunk.length < tensor.offset + tensor.length) return;
      tensors_[static_cast<std::size_t>(chunk.tensor)].id = large_tensor_id(chunks_, tensor.length);
      chunks_.clear();
      return;
    }
    pass_small(chunk.offset, bytes);
  }

  std::vector<RecipeTensor> take() {
    for (; next_ < tensors_.size(); ++next_) {  // empty tensors at the very end
      if (tensors_[next_].length == 0) tensors_[next_].id = hash_.finish().as<TensorId>();
    }
    return std::move(tensors_);
  }

 private:
  // Small tensors lie in plain spans, in order, and may continue in the next chunk.
  void pass_small(std::uint64_t offset, ByteSpan bytes) {
    const auto end = offset + bytes.size();
    for (; next_ < tensors_.size(); ++next_) {
      auto& tensor = tensors_[next_];
      if (tensor.length >= kTensorChunkThreshold) continue;
      if (tensor.offset >= end && tensor.length > 0) return;
      const auto from = std::max(tensor.offset, offset);
      const auto to = std::min(tensor.offset + tensor.length, end);
      if (to > from) hash_.update(bytes.subspan(from - offset, to - from));
      if (tensor.offset + tensor.length > end) return;
      tensor.id = hash_.finish().as<TensorId>();
    }
  }

  const FileLayout& layout_;
  std::vector<RecipeTensor> tensors_;
  std::vector<RecipeChunk> chunks_;  // of the large tensor that is passing by
  std::size_t next_ = 0;
  Sha256 hash_;  // of the small tensor that is passing by
};

}  // namespace

struct IngestWorker::State {
  std::size_t thread = 0;
  Encoder encoder;
  Bytes encoded;
  ContentStore::Scratch scratch;
  Bytes base;
};

struct IngestPool::State {
  State(ContentWriter& w, ContentStore& s, std::size_t threads, Progress& p, const CancelToken& cancel)
      : writer(w),
        store(s),
        progress(p),
        queue(threads, cancel),
        blocks(2 * threads + 6, kHeadroom + kReadSize) {
    for (std::size_t thread = 0; thread < threads; ++thread) {
      workers.push_back(std::make_unique<IngestWorker::State>());
      workers.back()->thread = thread;
    }
  }

  Block acquire_block(std::size_t thread) {
    for (;;) {
      if (auto lease = blocks.try_acquire()) return std::make_shared<BufferPool::Lease>(std::move(*lease));
      queue.help(thread);
    }
  }

  ByteSpan read_base(IngestWorker::State& worker, const ChunkId& id, std::size_t length, FrameEntry& entry);
  void encode_chunk(IngestWorker::State& worker, const ChunkId& id, ByteSpan bytes, Element element,
                    const std::optional<ChunkId>& base);
  RecipeId add_recipe(IngestWorker::State& worker, const Recipe& recipe);

  ContentWriter& writer;
  ContentStore& store;
  Progress& progress;
  WorkQueue queue;
  BufferPool blocks;
  std::vector<std::unique_ptr<IngestWorker::State>> workers;
};

// The bytes to take a delta to, and their id in entry.aux; empty when there is no usable base. A base always
// stands alone: where the parent's chunk is a delta itself, its base is used.
ByteSpan IngestPool::State::read_base(IngestWorker::State& worker, const ChunkId& id, std::size_t length,
                                      FrameEntry& entry) {
  auto location = store.index().find(id.as<FrameId>());
  if (location && !location->entry.stands_alone())
    location = store.index().find(location->entry.aux.as<FrameId>());
  if (!location || !location->entry.stands_alone() || location->entry.raw != length) return {};
  worker.base.resize(length);
  try {
    store.read_frame(*location, worker.scratch, worker.base);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity && error.code() != ErrorCode::not_found) throw;
    return {};  // damage elsewhere must not stop a commit that does not need it
  }
  entry.aux = location->entry.id.as<Digest>();
  return worker.base;
}

void IngestPool::State::encode_chunk(IngestWorker::State& worker, const ChunkId& id, ByteSpan bytes,
                                     Element element, const std::optional<ChunkId>& base_id) {
  FrameEntry entry;
  entry.id = id.as<FrameId>();
  entry.kind = FrameKind::chunk;
  entry.raw = static_cast<std::uint32_t>(bytes.size());
  ByteSpan base;
  if (base_id) base = read_base(worker, *base_id, bytes.size(), entry);
  entry.encoding = worker.encoder.encode(bytes, element, base, worker.encoded);
  if (entry.encoding != Encoding::delta) entry.aux = {};
  writer.add(entry, worker.encoded);
}

RecipeId IngestPool::State::add_recipe(IngestWorker::State& worker, const Recipe& recipe) {
  const Bytes bytes = encode_recipe(recipe);
  const auto id = recipe_id(bytes);
  if (!writer.claim(id.as<FrameId>())) return id;
  FrameEntry entry;
  entry.id = id.as<FrameId>();
  entry.kind = FrameKind::recipe;
  entry.raw = static_cast<std::uint32_t>(bytes.size());
  entry.aux = recipe.oid.as<Digest>();
  entry.encoding = worker.encoder.encode(bytes, Element::bytes, {}, worker.encoded);
  writer.add(entry, worker.encoded);
  return id;
}

namespace {

// Reads a file block by block, each block beginning with what the last one left over.
class BlockReader {
 public:
  BlockReader(fs::File& file, std::uint64_t size) : file_(file), size_(size) {}

  // At least min(kMaxChunkSize, rest) bytes ahead?
  bool needs_block() const { return available() < std::min<std::uint64_t>(kMaxChunkSize, size_ - position_); }

  void read_into(Block next) {
    const auto carried = available();
    std::byte* fresh = next->data() + kHeadroom;
    if (carried > 0) std::memcpy(fresh - carried, ahead().data(), carried);
    block_ = std::move(next);
    start_ = kHeadroom - carried;
    const auto from = position_ + carried;
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kReadSize, size_ - from));
    read(from, {fresh, want});
    end_ = kHeadroom + want;
  }

  void take(std::size_t length) {
    start_ += length;
    position_ += length;
  }
  ByteSpan ahead() const { return block_ ? ByteSpan{block_->data() + start_, available()} : ByteSpan{}; }
  const Block& block() const { return block_; }
  bool done() const { return position_ == size_; }

 private:
  std::size_t available() const { return end_ - start_; }

  void read(std::uint64_t offset, MutableByteSpan into) {
    // Reading a hole would fill the page cache with zeros, which is dearer than making them here.
    const auto data = file_.next_data(offset);
    if (!data || *data >= offset + into.size()) {
      if (file_.info().size < size_) throw_changed();
      std::memset(into.data(), 0, into.size());
      return;
    }
    if (file_.read_at(offset, into) != into.size()) throw_changed();
  }

  [[noreturn]] static void throw_changed() {
    throw Error(ErrorCode::failed, "cannot read the whole file")
        .because("it became shorter while it was read");
  }

  fs::File& file_;
  const std::uint64_t size_;
  std::uint64_t position_ = 0;
  Block block_;
  std::size_t start_ = 0, end_ = 0;  // of what is ahead, in the block
};

}  // namespace

FileContent IngestWorker::ingest(fs::File& file, std::uint64_t size, const FileLayout& layout,
                                 const DeltaBases& bases) {
  auto& pool = *pool_.state_;
  check_layout(layout, size);
  FileHasher hasher;
  Cutter cutter(layout, size);
  TensorIds tensors(layout);
  BlockReader reader(file, size);
  Recipe recipe;
  recipe.size = size;
  std::span<const ChunkId> tensor_bases;
  while (!reader.done()) {
    if (reader.needs_block()) {
      pool.queue.check();
      reader.read_into(pool.acquire_block(state_.thread));
    }
    const CutterChunk chunk = cutter.next(reader.ahead());
    const ByteSpan bytes = reader.ahead().first(chunk.length);
    hasher.update(bytes);
    const ChunkId id = hasher.cut();
    recipe.chunks.push_back({id, chunk.length});
    tensors.pass(chunk, id, bytes);
    if (chunk.tensor >= 0 && chunk.number == 0) {
      tensor_bases = bases.find(layout.tensors[static_cast<std::size_t>(chunk.tensor)]);
    }
    if (pool.writer.claim(id.as<FrameId>())) {
      std::optional<ChunkId> base;
      if (chunk.tensor >= 0 && chunk.number < tensor_bases.size()) base = tensor_bases[chunk.number];
      pool.queue.push(
          [&pool, block = reader.block(), bytes, id, base, element = chunk.element](std::size_t thread) {
            pool.encode_chunk(*pool.workers[thread], id, bytes, element, base);
          });
    }
    reader.take(chunk.length);
    pool.progress.advance(chunk.length);
  }
  recipe.oid = hasher.finish();
  recipe.tensors = tensors.take();
  const auto id = pool.add_recipe(state_, recipe);
  return {recipe.oid, size, id, std::move(recipe.tensors)};
}

FileContent IngestWorker::ingest_small(ByteSpan content) {
  auto& pool = *pool_.state_;
  const auto digest = sha256(content);  // of the file and of its only chunk
  Recipe recipe;
  recipe.oid = digest.as<Oid>();
  recipe.size = content.size();
  if (!content.empty()) {
    const auto id = digest.as<ChunkId>();
    recipe.chunks.push_back({id, static_cast<std::uint32_t>(content.size())});
    if (pool.writer.claim(id.as<FrameId>()))
      pool.encode_chunk(state_, id, content, Element::bytes, std::nullopt);
  }
  pool.progress.advance(content.size());
  return {recipe.oid, recipe.size, pool.add_recipe(state_, recipe), {}};
}

IngestPool::IngestPool(ContentWriter& writer, ContentStore& store, std::size_t threads, Progress& progress,
                       const CancelToken& cancel)
    : state_(std::make_unique<State>(writer, store, std::clamp<std::size_t>(threads, 1, kMostThreads),
                                     progress, cancel)) {}

IngestPool::~IngestPool() = default;

void IngestPool::run(std::size_t count, const std::function<void(std::size_t, IngestWorker&)>& item) {
  state_->queue.run(count, [&](std::size_t number, std::size_t thread) {
    IngestWorker worker(*this, *state_->workers[thread]);
    item(number, worker);
  });
}

}  // namespace axon::content

// Ingest: files into chunks, recipes and frames, over all cores, in bounded memory.
//
// One pass: read → cut → hash (file and chunk) → look up → encode → append. A thread that hashes a file hands
// its chunks to whoever is free to encode them; when too many wait, it encodes some itself. So one large file
// keeps two cores busy, and many files keep them all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/content/content_writer.h"
#include "core/content/delta_bases.h"
#include "core/content/layout.h"

namespace axon::content {

struct FileContent {
  Oid oid;
  std::uint64_t size = 0;
  RecipeId recipe;
  std::vector<RecipeTensor> tensors;  // of the recipe
};

class IngestPool;

// What an item may do on its thread.
class IngestWorker {
 public:
  // Reads `file` to its end. Throws Error(failed) when it has not exactly `size` bytes.
  FileContent ingest(fs::File& file, std::uint64_t size, const FileLayout& layout, const DeltaBases& bases);
  // The same for a file that is in memory, at most kMaxChunkSize bytes: one chunk, no layout.
  FileContent ingest_small(ByteSpan content);

 private:
  friend class IngestPool;
  struct State;
  IngestWorker(IngestPool& pool, State& state) : pool_(pool), state_(state) {}
  IngestPool& pool_;
  State& state_;
};

class IngestPool {
 public:
  // `threads` work, the caller's among them.
  IngestPool(ContentWriter& writer, ContentStore& store, std::size_t threads, Progress& progress,
             const CancelToken& cancel);
  ~IngestPool();

  // Calls `item(0) … item(count − 1)`, in this order of start, on all threads; returns when all and every
  // chunk that they queued are done. The first exception stops the rest and is rethrown.
  void run(std::size_t count, const std::function<void(std::size_t, IngestWorker&)>& item);

 private:
  friend class IngestWorker;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::content

// Restore: recipes and frames back into files, each verified against its oid before anyone sees it, over all
// cores.
//
// The thread that writes a file hashes and writes its chunks in order; chunks ahead are decoded by whoever is
// free. A file whose hash is wrong is rechecked chunk by chunk to name the bad one; another recipe is tried,
// the lying one is marked (Index) and skipped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/cancel.h"
#include "core/base/progress.h"
#include "core/content/content_store.h"

namespace axon::content {

class RestorePool;

class RestoreWorker {
 public:
  // Writes the file into `destination` (new and empty), verified. Throws Error(integrity) that names the
  // chunk or object at fault; the destination's content is then undefined and the caller removes it.
  void restore(const Oid& oid, std::uint64_t size, fs::File& destination);

 private:
  friend class RestorePool;
  struct State;
  RestoreWorker(RestorePool& pool, State& state) : pool_(pool), state_(state) {}
  RestorePool& pool_;
  State& state_;
};

class RestorePool {
 public:
  RestorePool(ContentStore& store, std::size_t threads, Progress& progress, const CancelToken& cancel);
  ~RestorePool();
  // As IngestPool::run.
  void run(std::size_t count, const std::function<void(std::size_t, RestoreWorker&)>& item);

 private:
  friend class RestoreWorker;
  struct State;
  std::unique_ptr<State> state_;
};

// Reads [offset, offset + into.size()) of a file through its recipe; each chunk is hashed. For tensor
// statistics and ranged reads.
void read_file_range(ContentStore& store, const Recipe& recipe, std::uint64_t offset, MutableByteSpan into,
                     ContentStore::Scratch& scratch);

}  // namespace axon::content

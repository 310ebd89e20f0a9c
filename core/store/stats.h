// stats: what a store holds, and what deduplication and compression save, per model and in all.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/model_spec.h"
#include "core/store/store.h"

namespace axon::store {

// Bytes. logical ≥ unique ≥ stored, but for tiny files, whose frames have headers.
struct Usage {
  std::size_t versions = 0;   // commits
  std::uint64_t logical = 0;  // every file of every version
  std::uint64_t unique = 0;   // every distinct chunk and text once
  std::uint64_t stored =
      0;  // the frames that hold these chunks and their recipes, as compressed, bases included
};

struct ModelUsage {
  ModelName name;
  Usage usage;
};

struct StoreStats {
  std::vector<ModelUsage> models;  // by name; content that models share counts in each
  Usage total;                     // and once here
  std::uint64_t packs = 0;         // bytes of the content packs on disk
  std::uint64_t history = 0;       // bytes of the git packs on disk
  std::uint64_t index = 0;         // bytes of index.db
};

StoreStats stats(Store& store, const CancelToken& cancel);

}  // namespace axon::store

// gc: removes content that no ref (and no reflog of an existing ref) reaches, and packs history together.
//
// Holds gc.lock exclusively: it waits for running commands, and they for it. On any doubt (an unreadable
// commit, a file without a recipe) it throws Error(integrity) before anything is removed.
#pragma once

#include <cstdint>

#include "core/base/progress.h"
#include "core/content/maintenance.h"
#include "core/store/store.h"

namespace axon::store {

enum class GcRun { dry, real };

struct GcReport {
  std::size_t commits = 0, files = 0;  // that stay
  content::CollectPlan plan;           // what goes
  std::uint64_t temporary_freed = 0;   // leftovers of runs that were cut short, bytes
};

GcReport gc(Store& store, GcRun run, Progress& progress, const CancelToken& cancel);

}  // namespace axon::store

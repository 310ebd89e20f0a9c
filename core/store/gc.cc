#include "core/store/gc.h"

#include "core/history/git_pack_merge.h"
#include "core/store/reach.h"

namespace axon::store {
namespace {

// Nobody else is at work while gc.lock is held exclusively, so whatever lies in tmp/ was left by a crash.
std::uint64_t sweep_temporary(Store& store, GcRun run) {
  auto& fs = store.environment().fs;
  const auto folder = store.layout().temporary();
  std::uint64_t freed = 0;
  if (!fs::exists(fs, folder)) return 0;
  for (const auto& entry : fs.list(folder)) {
    if (const auto info = fs.stat(folder / entry.name)) freed += info->allocated;
    if (run == GcRun::real) fs::remove_all(fs, folder / entry.name);
  }
  return freed;
}

void pack_history(Store& store, const CancelToken& cancel) {
  const auto publish = store.lock_publish(cancel);
  auto& environment = store.environment();
  history::merge_small_packs(environment.fs, store.layout().git(), environment.random, cancel,
                             history::MergeEffort::thorough);
  history::sweep_pack_folder(environment.fs, store.layout().git());
  store.history().refresh();
}

}  // namespace

GcReport gc(Store& store, GcRun run, Progress& progress, const CancelToken& cancel) {
  const auto lock = store.lock_for_deletion(cancel);
  store.content().refresh_index();
  GcReport report;
  const auto commits = store.history().walk(all_tips(store), {});
  const auto files = reached_files(store, commits, cancel);
  report.commits = commits.size();
  report.files = files.size();
  const auto live = content::mark_live(store.content(), files, cancel);
  report.plan = content::plan_collection(store.content(), live);
  if (run == GcRun::real) content::collect(store.content(), report.plan, live, progress, cancel);
  report.temporary_freed = sweep_temporary(store, run);
  if (run == GcRun::real) pack_history(store, cancel);
  return report;
}

}  // namespace axon::store

#include "core/workspace/recovery.h"

#include "core/workspace/advance.h"
#include "core/workspace/compare.h"

namespace axon::workspace {

namespace {

bool was_published(store::Store& store, const WorkspaceState& state) {
  auto& history = store.history();
  if (!history.contains(*state.publishing)) return false;
  const auto tip = history.ref(state.line.ref());
  return tip && history.is_ancestor(*state.publishing, tip->commit);
}

// True when the commit holds nothing but the workspace's own changes.
bool follows_base(store::Store& store, const WorkspaceState& state) {
  const auto parents = store.history().commit(*state.publishing).parents;
  return state.base ? parents == std::vector{*state.base} : parents.empty();
}

void bring_in_others(store::Store& store, Workspace& workspace, StatCache& cache, Progress& progress,
                     const CancelToken& cancel) {
  auto& fs = store.environment().fs;
  const auto& root = workspace.layout().root;
  const auto rules = IgnoreRules::read(fs, root / store::WorkspaceLayout::kIgnore);
  const auto found = scan(fs, root, store.layout().root, rules, cancel);
  const auto base = read_tree(store, workspace.state().base);
  const auto published = read_tree(store, workspace.state().publishing);
  advance(store, workspace, compare(store, found, base, cache), base, published, cache, progress, cancel);
}

}  // namespace

void recover(store::Store& store, Workspace& workspace, StatCache& cache, Progress& progress,
             const CancelToken& cancel) {
  auto state = workspace.state();
  if (!state.publishing) return;
  if (was_published(store, state)) {
    if (!follows_base(store, state)) bring_in_others(store, workspace, cache, progress, cancel);
    state.base = state.publishing;
  }
  state.publishing.reset();
  workspace.save(state);
}

std::optional<GitId> recovered_base(store::Store& store, const WorkspaceState& state) {
  if (!state.publishing || !was_published(store, state)) return state.base;
  return follows_base(store, state) ? state.publishing : state.base;
}

}  // namespace axon::workspace

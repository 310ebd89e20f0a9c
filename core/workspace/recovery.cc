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

void go_to(store::Store& store, Workspace& workspace, const GitId& version, StatCache& cache,
           Progress& progress, const CancelToken& cancel) {
  auto& fs = store.environment().fs;
  const auto& root = workspace.layout().root;
  const auto rules = IgnoreRules::read(fs, root / store::WorkspaceLayout::kIgnore);
  const auto found = scan(fs, root, store.layout().root, rules, cancel);
  const auto base = read_tree(store, workspace.state().base);
  const auto wanted = read_tree(store, version);
  advance(store, workspace, compare(store, found, base, cache), base, wanted, cache, progress, cancel);
}

}  // namespace

void recover(store::Store& store, Workspace& workspace, StatCache& cache, Progress& progress,
             const CancelToken& cancel) {
  auto state = workspace.state();
  if (!state.publishing && !state.restoring) return;
  if (state.restoring) {
    go_to(store, workspace, *state.restoring, cache, progress, cancel);
    state.base = state.restoring;
  } else if (was_published(store, state)) {
    if (!follows_base(store, state)) go_to(store, workspace, *state.publishing, cache, progress, cancel);
    state.base = state.publishing;
  }
  state.publishing.reset();
  state.restoring.reset();
  workspace.save(state);
}

std::optional<GitId> recovered_base(store::Store& store, const WorkspaceState& state) {
  if (!state.publishing || !was_published(store, state)) return state.base;
  return follows_base(store, state) ? state.publishing : state.base;
}

}  // namespace axon::workspace

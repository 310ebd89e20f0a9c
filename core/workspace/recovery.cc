#include "core/workspace/recovery.h"

#include <array>

#include "core/base/error.h"
#include "core/history/trailers.h"
#include "core/workspace/advance.h"
#include "core/workspace/compare.h"
#include "core/workspace/message.h"

namespace axon::workspace {

namespace {

bool was_published(store::Store& store, const WorkspaceState& state) {
  auto& history = store.history();
  const auto& commit = state.publishing->commit;
  if (!history.contains(commit)) return false;
  const auto tip = history.ref(state.line.ref());
  return tip && history.is_ancestor(commit, tip->commit);
}

// True when the commit holds nothing but the workspace's own changes.
bool follows_base(store::Store& store, const WorkspaceState& state) {
  const auto parents = store.history().commit(state.publishing->commit).parents;
  return state.base ? parents == std::vector{*state.base} : parents.empty();
}

// The refs of a commit with a tag, one of which a kill may have left behind.
class Refs {
 public:
  Refs(store::Store& store, const WorkspaceState& state)
      : store_(store), state_(state), commit_(state.publishing->commit), tag_(*state.publishing->tag) {}

  bool has_tag() const {
    const auto ref = store_.history().ref(tag_ref(state_.line.model, tag_));
    return ref && ref->commit == commit_;
  }

  // The caller holds publish.lock, so that nobody takes the name between the look and the update.
  void finish(Recovery& recovery) {
    if (!store_.history().contains(commit_)) return;
    if (was_published(store_, state_)) {
      if (has_tag() || make_tag(recovery)) recovery.tag = tag_;
    } else if (has_tag() && move_line(recovery)) {
      recovery.tag = tag_;
    }
  }

 private:
  bool make_tag(Recovery& recovery) {
    try {
      store::check_new_version(store_, state_.line.model, tag_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::already_exists) throw;
      recovery.warnings.push_back("the commit " + commit_.short_hex() +
                                  " was cut short before it was named '" + tag_.text() + "', and now " +
                                  error.message());
      return false;
    }
    update({tag_ref(state_.line.model, tag_), GitId{}, commit_});
    recovery.warnings.push_back("the commit " + commit_.short_hex() + " was cut short: it is finished, as '" +
                                tag_.text() + "'");
    return true;
  }

  bool move_line(Recovery& recovery) {
    const auto tip = store_.history().ref(state_.line.ref());
    const auto parents = store_.history().commit(commit_).parents;
    // The first commit of a line has none, or that which the line began at.
    const bool stands =
        tip ? parents == std::vector{tip->commit} : parents.empty() || follows_base(store_, state_);
    if (!stands) {
      recovery.warnings.push_back("'" + tag_.text() + "' names the commit " + commit_.short_hex() +
                                  ", which was cut short and is not in '" + state_.line.text() +
                                  "': `axon tag -d " + tag_.text() + "` removes the name");
      return false;
    }
    update({state_.line.ref(), tip ? tip->commit : GitId{}, commit_});
    return true;
  }

  // As the commit itself would have done it.
  void update(const history::RefUpdate& update) {
    const auto commit = store_.history().commit(commit_);
    const std::array<history::RefUpdate, 1> updates{update};
    store_.history().update_refs(updates, commit.committer,
                                 reflog_text(history::without_trailers(commit.message)));
  }

  store::Store& store_;
  const WorkspaceState& state_;
  const GitId commit_;
  const VersionName tag_;
};

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

Recovery recover(store::Store& store, Workspace& workspace, StatCache& cache, Progress& progress,
                 const CancelToken& cancel) {
  Recovery recovery;
  auto state = workspace.state();
  if (!state.publishing && !state.restoring) return recovery;
  if (state.publishing && state.publishing->tag) {
    const auto lock = store.lock_publish(cancel);
    Refs(store, state).finish(recovery);
  }
  if (state.restoring) {
    go_to(store, workspace, *state.restoring, cache, progress, cancel);
    state.base = state.restoring;
  } else if (was_published(store, state)) {
    if (!follows_base(store, state))
      go_to(store, workspace, state.publishing->commit, cache, progress, cancel);
    state.base = state.publishing->commit;
  }
  state.publishing.reset();
  state.restoring.reset();
  workspace.save(state);
  return recovery;
}

std::vector<std::string> finish_earlier(store::Store& store, Workspace& workspace, Progress& progress,
                                        const CancelToken& cancel) {
  try {
    StatCache cache(store.environment().fs, workspace.layout().stat_cache());
    auto recovery = recover(store, workspace, cache, progress, cancel);
    cache.save();
    return std::move(recovery.warnings);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return {"a command that was cut short could not be finished: " + error.message()};
  }
}

std::optional<GitId> recovered_base(store::Store& store, const WorkspaceState& state) {
  if (!state.publishing || !was_published(store, state)) return state.base;
  return follows_base(store, state) ? state.publishing->commit : state.base;
}

std::vector<std::string> unfinished(store::Store& store, const WorkspaceState& state) {
  std::vector<std::string> told;
  if (state.restoring) {
    told.emplace_back("a checkout was cut short: the next commit or checkout finishes it");
  }
  if (state.publishing && state.publishing->tag &&
      was_published(store, state) != Refs(store, state).has_tag()) {
    told.push_back("a commit was cut short before it was named '" + state.publishing->tag->text() +
                   "': the next commit or checkout finishes it");
  }
  return told;
}

}  // namespace axon::workspace

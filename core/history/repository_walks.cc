#include <algorithm>
#include <unordered_set>

#include "core/history/commit_text.h"
#include "core/history/repository_state.h"
#include "core/history/tree_object.h"

namespace axon::history {

namespace {

constexpr const char* kWalking = "walk the history";

// Gathers objects, each once, passing over what `hide_tree` was told of.
class Collector {
 public:
  explicit Collector(Repository::State& state) : state_(state) {}

  void add(const GitId& id) {
    if (seen_.insert(id).second) found_.push_back(id);
  }
  void add_tree(const GitId& id) { visit(id, &found_); }
  void hide(const GitId& id) { seen_.insert(id); }
  void hide_tree(const GitId& id) { visit(id, nullptr); }
  std::vector<GitId> take() { return std::move(found_); }

 private:
  // Not recursive, because a tree from a stranger may be deeper than the stack.
  void visit(const GitId& root, std::vector<GitId>* found) {
    std::vector<GitId> trees{root};
    while (!trees.empty()) {
      const auto id = trees.back();
      trees.pop_back();
      if (!seen_.insert(id).second) continue;
      if (found != nullptr) found->push_back(id);
      const auto content = state_.read(id, ObjectType::tree, kMaxStructure);
      for (const auto& item : parse_tree(content)) {
        if (item.mode == kTreeMode) {
          trees.push_back(item.id);
        } else if (item.mode != kSubmoduleMode && seen_.insert(item.id).second && found != nullptr) {
          found->push_back(item.id);
        }
      }
    }
  }

  Repository::State& state_;
  std::unordered_set<GitId> seen_;
  std::vector<GitId> found_;
};

GitId tree_of(Repository::State& state, const GitId& commit) {
  return parse_commit(commit, state.read(commit, ObjectType::commit, kMaxStructure)).tree;
}

}  // namespace

std::vector<GitId> Repository::walk(std::span<const GitId> tips, std::span<const GitId> hidden) {
  std::vector<GitId> from;
  for (const auto& tip : tips) from.push_back(state_->commit_behind(tip));
  std::vector<GitId> without;
  for (const auto& id : hidden)
    if (const auto commit = peel_to_commit(id)) without.push_back(*commit);

  const std::lock_guard lock(state_->mutex);
  const auto walk = acquire<GitRevwalk>(
      kWalking, [&](auto** out) { return git_revwalk_new(out, state_->repository.get()); });
  check_git(git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME), kWalking);
  for (const auto& id : from) {
    const auto oid = to_oid(id);
    check_git(git_revwalk_push(walk.get(), &oid), kWalking);
  }
  for (const auto& id : without) {
    const auto oid = to_oid(id);
    check_git(git_revwalk_hide(walk.get(), &oid), kWalking);
  }
  std::vector<GitId> commits;
  git_oid next;
  int result = 0;
  while ((result = git_revwalk_next(&next, walk.get())) == 0) commits.push_back(to_id(next));
  if (result != GIT_ITEROVER) check_git(result, kWalking);
  return commits;
}

std::optional<GitId> Repository::merge_base(const GitId& one, const GitId& other) {
  const auto a = to_oid(state_->commit_behind(one));
  const auto b = to_oid(state_->commit_behind(other));
  const std::lock_guard lock(state_->mutex);
  git_oid base;
  const int result = git_merge_base(&base, state_->repository.get(), &a, &b);
  if (result == GIT_ENOTFOUND) return std::nullopt;
  check_git(result, kWalking);
  return to_id(base);
}

bool Repository::is_ancestor(const GitId& ancestor, const GitId& of) {
  const auto from = state_->commit_behind(of);
  const auto to = state_->commit_behind(ancestor);
  if (from == to) return true;
  const auto a = to_oid(from);
  const auto b = to_oid(to);
  const std::lock_guard lock(state_->mutex);
  const int result = git_graph_descendant_of(state_->repository.get(), &a, &b);
  check_git(result, kWalking);
  return result == 1;
}

std::pair<std::size_t, std::size_t> Repository::ahead_behind(const GitId& local, const GitId& upstream) {
  const auto a = to_oid(state_->commit_behind(local));
  const auto b = to_oid(state_->commit_behind(upstream));
  const std::lock_guard lock(state_->mutex);
  std::pair<std::size_t, std::size_t> counts;
  check_git(git_graph_ahead_behind(&counts.first, &counts.second, state_->repository.get(), &a, &b),
            kWalking);
  return counts;
}

std::vector<GitId> Repository::objects(std::span<const GitId> tips, std::span<const GitId> hidden) {
  Collector collector(*state_);
  const auto commits = walk(tips, hidden);
  const std::unordered_set<GitId> sent(commits.begin(), commits.end());
  // What the other side has: the trees of the hidden commits, and of those just below what is sent.
  const auto hide = [&](const GitId& commit) { collector.hide_tree(tree_of(*state_, commit)); };
  for (const auto& id : hidden) {
    if (!state_->objects.info(id)) continue;
    const auto peeled = state_->peel(id);
    for (const auto& tag : peeled.tags) collector.hide(tag);
    if (peeled.type == ObjectType::commit) hide(peeled.id);
  }
  for (const auto& id : commits)
    for (const auto& parent : commit(id).parents)
      if (!sent.contains(parent) && contains(parent)) hide(parent);

  for (const auto& tip : tips)
    for (const auto& tag : state_->peel(tip).tags) collector.add(tag);
  for (const auto& id : commits) {
    collector.add(id);
    collector.add_tree(tree_of(*state_, id));
  }
  return collector.take();
}

}  // namespace axon::history

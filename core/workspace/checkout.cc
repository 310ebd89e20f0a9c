#include "core/workspace/checkout.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/workspace/checkout_plan.h"
#include "core/workspace/materialise.h"
#include "core/workspace/recovery.h"

namespace axon::workspace {
namespace {

// All files of `target`, which is the tree of `commit`; what they are is what was committed.
std::vector<store::VersionFile> read_files(store::Store& store, const GitId& commit,
                                           const VersionTree& target, const StatCache& cache,
                                           const CancelToken& cancel) {
  const auto known = [&](std::string_view path) { return cache.find(path); };
  auto wanted = describe_all(store, target, known, cancel);
  store::check_files_digest(store, store.history().commit(commit), wanted);
  return wanted;
}

// One checkout of a workspace: the plan is made, refused or carried out, and remembered.
class Checkout {
 public:
  Checkout(store::Store& store, Workspace& workspace, const CancelToken& cancel)
      : store_(store),
        workspace_(workspace),
        fs_(store.environment().fs),
        root_(workspace.layout().root),
        cancel_(cancel),
        cache_(fs_, workspace.layout().stat_cache()) {}

  void plan(const GitId& commit, const std::vector<std::string>& paths, Overwrite overwrite) {
    const auto target = read_tree(store_, commit);
    auto files = read_files(store_, commit, target, cache_, cancel_);
    const auto base = read_tree(store_, workspace_.state().base);
    const auto extent = paths.empty() ? CheckoutExtent::whole : CheckoutExtent::parts;
    const auto rules = IgnoreRules::read(fs_, root_ / store::WorkspaceLayout::kIgnore);
    auto found = scan(fs_, root_, store_.layout().root, rules, cancel_);
    plan_ = plan_checkout(store_, root_, found, cache_,
                          {base, target, select_files(std::move(files), paths), extent, overwrite});
    result_.warnings = std::move(found.warnings);
    refuse_obstacles(plan_.obstacles);
    if (overwrite == Overwrite::no) refuse_conflicts(plan_);
  }

  // `intent` is saved before the first file of the user changes.
  void apply(const std::optional<WorkspaceState>& intent, Progress& progress) {
    if (plan_.to_write.empty() && plan_.to_remove.empty()) return;
    const auto staging = workspace_.layout().temporary();
    fs::remove_all(fs_, staging);  // of a checkout that was cut short
    Materialiser materialiser(store_, root_, staging);
    materialiser.write(plan_.to_write, progress, cancel_);
    const auto before = workspace_.state();
    if (intent) workspace_.save(*intent);
    try {
      // From here to the commit point Ctrl-C waits: all that is left is renaming.
      for (const auto& path : plan_.to_remove) materialiser.remove(path);
      materialiser.place();
    } catch (const Error&) {
      if (intent && !materialiser.has_changed_root()) take_back(before);
      throw;
    }
    fs_.sync_all(root_);
  }

  // So that the next status opens nothing.
  void remember() {
    cache_.retain([&](std::string_view path) {
      return !std::ranges::binary_search(plan_.to_remove, path, std::less<>());
    });
    std::vector<std::pair<const store::VersionFile*, fs::FileInfo>> looked;
    std::int64_t youngest = 0, window = 0;
    for (const auto* list : {&plan_.to_write, &plan_.there}) {
      for (const auto& file : *list) {
        const auto info = fs_.stat(root_ / file.path);
        if (!info) continue;
        youngest = std::max(youngest, info->ctime_ns);
        window = std::max(window, racy_window(*info));
        looked.emplace_back(&file, *info);
      }
    }
    const auto& clock = store_.environment().clock;
    const auto trusted_from = youngest + window;
    if (clock.now_ns() <= trusted_from) clock.sleep_ns(trusted_from - clock.now_ns() + 1);
    for (const auto& [file, info] : looked) {
      const auto now = fs_.stat(root_ / file->path);
      if (!now || now->ctime_ns != info.ctime_ns || now->size != info.size) continue;
      cache_.record(file->path, info, {file->blob, file->sha256, file->size, file->pointer}, clock.now_ns());
    }
    cache_.save();
  }

  CheckoutResult take() {
    for (const auto& file : plan_.to_write) {
      result_.written.push_back(file.path);
      result_.bytes_written += file.size;
    }
    std::ranges::sort(result_.written);
    result_.removed = std::move(plan_.to_remove);
    result_.kept = std::move(plan_.kept);
    result_.unchanged = plan_.there.size();
    return std::move(result_);
  }

 private:
  // Nothing was begun, so there is nothing to finish: in a folder that may not be written, say.
  void take_back(const WorkspaceState& before) {
    try {
      workspace_.save(before);
    } catch (const Error&) {  // the first error is the one to tell; the next command finishes the checkout
    }
  }

  store::Store& store_;
  Workspace& workspace_;
  fs::FileSystem& fs_;
  const fs::Path root_;
  const CancelToken& cancel_;
  StatCache cache_;
  CheckoutPlan plan_;
  CheckoutResult result_;
};

}  // namespace

CheckoutResult checkout(store::Store& store, Workspace& workspace, const GitId& commit,
                        const std::vector<std::string>& paths, const std::optional<Line>& line,
                        Overwrite overwrite, Progress& progress, const CancelToken& cancel) {
  const auto started = store.environment().clock.now_ns();
  const auto lock = workspace.lock(cancel, store.options().lock_timeout);
  const auto content_lock = store.lock_content(cancel);
  const auto warnings = finish_earlier(store, workspace, progress, cancel);
  Checkout checkout(store, workspace, cancel);
  checkout.plan(commit, paths, overwrite);
  auto state = workspace.state();
  state.publishing.reset();
  state.restoring = commit;
  if (line) state.line = *line;
  checkout.apply(paths.empty() ? std::optional(state) : std::nullopt, progress);
  if (paths.empty()) {
    state.base = commit;
    state.restoring.reset();
    workspace.save(state);
  }
  checkout.remember();
  auto result = checkout.take();
  result.warnings.insert(result.warnings.begin(), warnings.begin(), warnings.end());
  result.elapsed_ns = store.environment().clock.now_ns() - started;
  return result;
}

std::string workspace_path(const fs::Path& root, const fs::Path& directory, const std::string& path) {
  const auto full = (fs::Path(path).is_absolute() ? fs::Path(path) : directory / path).lexically_normal();
  auto relative = full.lexically_relative(root.lexically_normal()).generic_string();
  while (relative.ends_with('/')) relative.pop_back();
  if (relative == ".") return "";
  if (relative.empty() || relative == ".." || relative.starts_with("../")) {
    throw Error(ErrorCode::usage, "'" + path + "' lies outside the workspace")
        .because("the workspace is '" + root.string() + "'");
  }
  return relative;
}

}  // namespace axon::workspace

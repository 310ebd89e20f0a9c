#include "core/workspace/checkout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/workspace/materialise.h"
#include "core/workspace/recovery.h"
#include "core/workspace/scan.h"
#include "core/workspace/stat_cache.h"
#include "core/workspace/version_tree.h"

namespace axon::workspace {
namespace {

constexpr std::size_t kReadBlock = std::size_t{1} << 20;
constexpr std::size_t kMostListed = 10;  // conflicts that an error names

history::EntryMode mode_of(const fs::FileInfo& info) {
  if (info.type == fs::FileType::symlink) return history::EntryMode::symlink;
  return (info.mode & 0100) != 0 ? history::EntryMode::executable : history::EntryMode::file;
}

Digest hash_of(fs::FileSystem& fs, const fs::Path& root, const ScannedFile& file) {
  if (file.info.type == fs::FileType::symlink) return content::sha256(as_bytes(file.target));
  fs::OpenOptions options;
  options.caching = fs::Caching::read_past;
  const auto opened = fs.open(root / file.path, options);
  content::Sha256 hasher;
  AlignedBuffer buffer(kReadBlock);
  for (std::uint64_t offset = 0;;) {
    const auto got = opened->read_at(offset, buffer.span());
    if (got == 0) return hasher.finish();
    hasher.update({buffer.data(), got});
    offset += got;
  }
}

// One checkout of a workspace: what is there, what is wanted, what stands in the way.
class Checkout {
 public:
  Checkout(store::Store& store, Workspace& workspace, const CancelToken& cancel)
      : store_(store),
        workspace_(workspace),
        fs_(store.environment().fs),
        root_(workspace.layout().root),
        cancel_(cancel),
        cache_(fs_, workspace.layout().stat_cache()) {
    const auto rules = IgnoreRules::read(fs_, root_ / store::WorkspaceLayout::kIgnore);
    scan_ = scan(fs_, root_, store.layout().root, rules, cancel);
    for (const auto& file : scan_.files) present_.emplace(file.path, &file);
    if (workspace.state().base) {
      for (auto& entry : store.history().entries(*workspace.state().base)) {
        base_.emplace(entry.path, entry);
      }
    }
  }

  std::vector<store::VersionFile> read(const GitId& commit) {
    const auto known = [this](std::string_view path) { return cache_.find(path); };
    return describe_all(store_, read_tree(store_, commit), known, cancel_);
  }

  // Sorts `wanted` into what must be written and what is there already.
  void plan(std::vector<store::VersionFile> wanted, const std::vector<std::string>& paths) {
    for (const auto& file : wanted) wanted_paths_.insert(file.path);
    for (auto& file : wanted) {
      if (is_there(file)) {
        ++result_.unchanged;
        kept_.push_back(std::move(file));
      } else {
        if (in_the_way(file.path)) conflicts_.push_back(file.path);
        to_write_.push_back(std::move(file));
      }
    }
    if (paths.empty()) plan_removals();
  }

  void refuse_conflicts() const {
    if (conflicts_.empty()) return;
    Error error(ErrorCode::failed, "uncommitted changes would be lost");
    auto sorted = conflicts_;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size() && i < kMostListed; ++i)
      error.because("'" + sorted[i] + "' is changed");
    if (sorted.size() > kMostListed) {
      error.because("and " + std::to_string(sorted.size() - kMostListed) + " more files are");
    }
    throw error.hint("commit them with `axon commit`, or overwrite them with `--force`");
  }

  // `intent` is saved before the first file of the user changes.
  void apply(const std::optional<WorkspaceState>& intent, Progress& progress) {
    if (to_write_.empty() && to_remove_.empty()) return;
    for (const auto& file : to_write_) {
      result_.written.push_back(file.path);
      result_.bytes_written += file.size;
    }
    const auto staging = workspace_.layout().temporary();
    fs::remove_all(fs_, staging);  // of a checkout that was cut short
    Materialiser materialiser(store_, root_, staging);
    materialiser.write(to_write_, progress, cancel_);
    const auto before = workspace_.state();
    if (intent) workspace_.save(*intent);
    try {
      // From here to the commit point Ctrl-C waits: all that is left is renaming.
      for (const auto& path : to_remove_) {
        materialiser.remove(path);
        result_.removed.push_back(path);
      }
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
      return wanted_paths_.contains(std::string(path)) ||
             !std::ranges::binary_search(to_remove_, std::string(path));
    });
    std::vector<std::pair<const store::VersionFile*, fs::FileInfo>> looked;
    std::int64_t youngest = 0, window = 0;
    for (const auto* list : {&to_write_, &kept_}) {
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
    std::sort(result_.written.begin(), result_.written.end());
    std::sort(result_.removed.begin(), result_.removed.end());
    result_.warnings = scan_.warnings;
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

  const ScannedFile* find_present(const std::string& path) const {
    const auto found = present_.find(path);
    return found == present_.end() ? nullptr : found->second;
  }

  Digest digest_of(const ScannedFile& file) {
    if (const auto* known = cache_.unchanged(file.path, file.info)) return known->sha256;
    const auto [place, fresh] = hashed_.try_emplace(file.path);
    if (fresh) place->second = hash_of(fs_, root_, file);
    return place->second;
  }

  bool is_there(const store::VersionFile& file) {
    const auto* there = find_present(file.path);
    if (there == nullptr || mode_of(there->info) != file.mode) return false;
    if (file.mode != history::EntryMode::symlink && there->info.size != file.size) return false;
    return digest_of(*there) == file.sha256;
  }

  // Something at `path` that writing there would lose.
  bool in_the_way(const std::string& path) {
    if (const auto* there = find_present(path)) return is_changed(*there);
    // Ignored files, pipes and the like are in no scan.
    const auto info = fs_.stat(root_ / path);
    return info && info->type != fs::FileType::directory;
  }

  // Differs from the base, or is in no version.
  bool is_changed(const ScannedFile& there) {
    const auto entry = base_.find(there.path);
    if (entry == base_.end() || entry->second.mode != mode_of(there.info)) return true;
    const auto* known = cache_.unchanged(there.path, there.info);
    if (known != nullptr && known->blob == entry->second.id) return false;
    load_base_files();
    const auto file = base_files_.find(there.path);
    return file == base_files_.end() || file->second != digest_of(there);
  }

  void load_base_files() {
    if (!base_files_.empty() || base_.empty()) return;
    for (const auto& file : store::read_version(store_, *workspace_.state().base)) {
      base_files_.emplace(file.path, file.sha256);
    }
  }

  void plan_removals() {
    for (const auto& [path, entry] : base_) {
      if (wanted_paths_.contains(path)) continue;
      const auto* there = find_present(path);
      if (there == nullptr) continue;
      if (is_changed(*there)) conflicts_.push_back(path);
      to_remove_.push_back(path);
    }
  }

  store::Store& store_;
  Workspace& workspace_;
  fs::FileSystem& fs_;
  const fs::Path root_;
  const CancelToken& cancel_;
  StatCache cache_;
  Scan scan_;
  std::unordered_map<std::string, const ScannedFile*> present_;
  std::map<std::string, history::TreeEntry> base_;
  std::unordered_map<std::string, Digest> base_files_, hashed_;
  std::unordered_set<std::string> wanted_paths_;
  std::vector<store::VersionFile> to_write_, kept_;
  std::vector<std::string> to_remove_, conflicts_;
  CheckoutResult result_;
};

// What an earlier command left undone. Should that fail, because its version is damaged for example, the way
// to this one stays open: its files then count as changed. Returns warnings.
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

}  // namespace

CheckoutResult checkout(store::Store& store, Workspace& workspace, const GitId& commit,
                        const std::vector<std::string>& paths, const std::optional<Line>& line,
                        Overwrite overwrite, Progress& progress, const CancelToken& cancel) {
  const auto started = store.environment().clock.now_ns();
  const auto lock = workspace.lock(cancel, store.options().lock_timeout);
  const auto content_lock = store.lock_content(cancel);
  const auto warnings = finish_earlier(store, workspace, progress, cancel);
  Checkout checkout(store, workspace, cancel);
  auto wanted = checkout.read(commit);
  store::check_files_digest(store, store.history().commit(commit), wanted);
  checkout.plan(select_files(std::move(wanted), paths), paths);
  if (overwrite == Overwrite::no) checkout.refuse_conflicts();
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

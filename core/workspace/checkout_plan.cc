#include "core/workspace/checkout_plan.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/workspace/contents.h"

namespace axon::workspace {

namespace {

constexpr std::size_t kReadBlock = std::size_t{1} << 20;
constexpr std::size_t kMostListed = 10;  // conflicts that an error names

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

class Planning {
 public:
  Planning(store::Store& store, const fs::Path& root, const Scan& found, const StatCache& cache,
           CheckoutGoal goal)
      : store_(store), fs_(store.environment().fs), root_(root), cache_(cache), goal_(std::move(goal)) {
    for (const auto& file : found.files) present_.emplace(file.path, &file);
  }

  CheckoutPlan plan() {
    for (auto& file : goal_.wanted) sort_in(std::move(file));
    if (goal_.extent == CheckoutExtent::whole) plan_removals();
    std::ranges::sort(plan_.kept);
    std::ranges::sort(plan_.conflicts);
    const auto goes = [&](const std::string& path) {
      return std::ranges::binary_search(plan_.to_remove, path);
    };
    plan_.obstacles = find_obstacles(fs_, root_, plan_.to_write, goes);
    return std::move(plan_);
  }

 private:
  void sort_in(store::VersionFile file) {
    if (is_there(file)) return plan_.there.push_back(std::move(file));
    const bool in_the_way = is_in_the_way(file.path);
    if (in_the_way && may_keep(file.path)) return plan_.kept.push_back(std::move(file.path));
    if (in_the_way) plan_.conflicts.push_back(file.path);
    plan_.to_write.push_back(std::move(file));
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
  bool is_in_the_way(const std::string& path) {
    if (const auto* there = find_present(path)) return is_changed(*there);
    // Ignored files, pipes and the like are in no scan.
    const auto info = fs_.stat(root_ / path);
    return info && info->type != fs::FileType::directory;
  }

  bool may_keep(const std::string& path) const {
    if (goal_.extent != CheckoutExtent::whole || goal_.overwrite == Overwrite::yes) return false;
    const auto* before = goal_.base.find(path);
    const auto* after = goal_.target.find(path);
    return before != nullptr && after != nullptr && before->mode == after->mode && before->id == after->id;
  }

  // Differs from the base, or is in no version.
  bool is_changed(const ScannedFile& there) {
    const auto* entry = goal_.base.find(there.path);
    if (entry == nullptr || entry->mode != mode_of(there.info)) return true;
    const auto* known = cache_.unchanged(there.path, there.info);
    if (known != nullptr && known->blob == entry->id) return false;
    return describe(store_, goal_.base, *entry).sha256 != digest_of(there);
  }

  void plan_removals() {
    for (const auto& entry : goal_.base.files) {
      if (goal_.target.find(entry.path) != nullptr) continue;
      const auto* there = find_present(entry.path);
      if (there == nullptr) continue;
      if (is_changed(*there)) plan_.conflicts.push_back(entry.path);
      plan_.to_remove.push_back(entry.path);
    }
  }

  store::Store& store_;
  fs::FileSystem& fs_;
  const fs::Path& root_;
  const StatCache& cache_;
  CheckoutGoal goal_;
  std::unordered_map<std::string_view, const ScannedFile*> present_;
  std::unordered_map<std::string, Digest> hashed_;
  CheckoutPlan plan_;
};

}  // namespace

CheckoutPlan plan_checkout(store::Store& store, const fs::Path& root, const Scan& found,
                           const StatCache& cache, CheckoutGoal goal) {
  return Planning(store, root, found, cache, std::move(goal)).plan();
}

void refuse_conflicts(const CheckoutPlan& plan) {
  const auto& conflicts = plan.conflicts;
  if (conflicts.empty()) return;
  Error error(ErrorCode::failed, "uncommitted changes would be lost");
  for (std::size_t i = 0; i < conflicts.size() && i < kMostListed; ++i)
    error.because("'" + conflicts[i] + "' is changed");
  if (conflicts.size() > kMostListed) {
    error.because("and " + std::to_string(conflicts.size() - kMostListed) + " more files are");
  }
  throw error.hint("commit them with `axon commit`, or overwrite them with `--force`");
}

}  // namespace axon::workspace

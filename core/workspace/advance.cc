#include "core/workspace/advance.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/error.h"
#include "core/workspace/contents.h"
#include "core/workspace/materialise.h"

namespace axon::workspace {

namespace {

constexpr std::size_t kReadBlock = std::size_t{1} << 20;

bool equal(const history::TreeEntry* one, const history::TreeEntry* other) {
  if (one == nullptr || other == nullptr) return one == other;
  return one->mode == other->mode && one->id == other->id;
}

class Advancing {
 public:
  Advancing(store::Store& store, Workspace& workspace, const VersionTree& from, const VersionTree& to,
            StatCache& cache, const CancelToken& cancel)
      : store_(store),
        fs_(store.environment().fs),
        root_(workspace.layout().root),
        staging_(workspace.layout().temporary()),
        from_(from),
        to_(to),
        cache_(cache),
        cancel_(cancel) {}

  void plan(const std::vector<ComparedFile>& compared) {
    for (const auto& file : compared) {
      if (file.file != nullptr) present_.emplace(file.file->path, &file);
    }
    for (const auto& entry : to_.files) {
      if (!equal(from_.find(entry.path), &entry)) plan_write(entry);
    }
    for (const auto& entry : from_.files) {
      if (to_.find(entry.path) == nullptr) plan_removal(entry);
    }
  }

  Advance apply(Progress& progress) {
    if (writes_.empty() && done_.removed.empty()) return std::move(done_);
    fs::remove_all(fs_, staging_);
    Materialiser materialiser(store_, root_, staging_);
    materialiser.write(writes_, progress, cancel_);
    for (const auto& path : done_.removed) materialiser.remove(path);
    materialiser.place();
    fs_.sync_all(root_);
    for (const auto& file : writes_) remember(file);
    return std::move(done_);
  }

 private:
  enum class Here { absent, as_before, as_after, other };

  void plan_write(const history::TreeEntry& entry) {
    const auto here = look(entry.path, &entry);
    if (here == Here::as_after) return;
    const bool free = here == Here::absent && from_.find(entry.path) == nullptr;
    if (!free && here != Here::as_before) {
      done_.kept.push_back(entry.path);
      return;
    }
    writes_.push_back(describe(store_, to_, entry));
    done_.written.push_back(entry.path);
  }

  void plan_removal(const history::TreeEntry& entry) {
    const auto here = look(entry.path, nullptr);
    if (here == Here::as_before) done_.removed.push_back(entry.path);
    if (here == Here::other) done_.kept.push_back(entry.path);
  }

  Here look(const std::string& path, const history::TreeEntry* after) {
    const auto found = present_.find(path);
    if (found == present_.end()) {
      // What is ignored, or no regular file, is in no comparison.
      const auto info = fs_.stat(root_ / path);
      return info && info->type != fs::FileType::directory ? Here::other : Here::absent;
    }
    const auto& compared = *found->second;
    if (compared.verdict == Verdict::same) return Here::as_before;
    const auto content = content_of(*compared.file);
    const auto mode = mode_of(compared.file->info);
    if (after != nullptr && after->mode == mode && holds(store_, to_, *after, content)) return Here::as_after;
    const auto* before = from_.find(path);
    return before != nullptr && before->mode == mode && holds(store_, from_, *before, content)
               ? Here::as_before
               : Here::other;
  }

  KnownContent content_of(const ScannedFile& file) {
    if (file.info.type == fs::FileType::symlink) return blob_content(as_bytes(file.target));
    if (const auto* known = cache_.unchanged(file.path, file.info)) return *known;
    AlignedBuffer buffer(kReadBlock);
    StableFile stable(fs_, root_, file.path, file.info.size);
    const auto content = read_content(stable, file.path, buffer, cancel_);
    stable.check_unchanged(store_.environment().clock);
    return content;
  }

  void remember(const store::VersionFile& file) {
    const auto info = fs_.stat(root_ / file.path);
    if (!info || info->type != fs::FileType::regular || info->size != file.size) return;
    cache_.record(file.path, *info, {file.blob, file.sha256, file.size, file.pointer},
                  store_.environment().clock.now_ns());
  }

  store::Store& store_;
  fs::FileSystem& fs_;
  const fs::Path root_, staging_;
  const VersionTree& from_;
  const VersionTree& to_;
  StatCache& cache_;
  const CancelToken& cancel_;
  std::unordered_map<std::string_view, const ComparedFile*> present_;
  std::vector<store::VersionFile> writes_;
  Advance done_;
};

}  // namespace

Advance advance(store::Store& store, Workspace& workspace, const std::vector<ComparedFile>& compared,
                const VersionTree& from, const VersionTree& to, StatCache& cache, Progress& progress,
                const CancelToken& cancel) {
  Advancing advancing(store, workspace, from, to, cache, cancel);
  advancing.plan(compared);
  return advancing.apply(progress);
}

}  // namespace axon::workspace

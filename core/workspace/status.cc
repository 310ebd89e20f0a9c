#include "core/workspace/status.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "core/base/error.h"
#include "core/workspace/compare.h"
#include "core/workspace/contents.h"
#include "core/workspace/parallel.h"
#include "core/workspace/recovery.h"

namespace axon::workspace {

namespace {

constexpr std::size_t kReadBlock = std::size_t{1} << 20;

// One status: what the walk found, what the base holds, and what had to be read.
class Look {
 public:
  Look(store::Store& store, Workspace& workspace, Progress& progress, const CancelToken& cancel)
      : store_(store),
        fs_(store.environment().fs),
        root_(workspace.layout().root),
        progress_(progress),
        cancel_(cancel),
        cache_(fs_, workspace.layout().stat_cache()) {}

  void compare_files(const std::optional<GitId>& base) {
    const auto rules = IgnoreRules::read(fs_, root_ / store::WorkspaceLayout::kIgnore);
    scan_ = scan(fs_, root_, store_.layout().root, rules, cancel_);
    base_ = read_tree(store_, base);
    compared_ = compare(store_, scan_, base_, cache_);
    read_unread();
    cache_.retain([&](std::string_view path) {
      return std::ranges::binary_search(scan_.files, path, {}, &ScannedFile::path) ||
             base_.find(path) != nullptr;
    });
    cache_.save();
  }

  void report(Status& status) {
    for (const auto& compared : compared_) {
      if (compared.file != nullptr) {
        ++status.files;
        status.bytes += compared.file->info.size;
      }
      if (compared.verdict != Verdict::same) status.changes.push_back(change_of(compared));
    }
    status.warnings = std::move(scan_.warnings);
    for (auto& problem : scan_.problems) status.warnings.push_back("cannot commit " + problem);
    status.warnings.insert(status.warnings.end(), unreadable_.begin(), unreadable_.end());
  }

 private:
  struct Reading {
    fs::FileInfo info;
    KnownContent content;
    std::int64_t looked_at_ns = 0;
    std::optional<std::string> problem;
  };

  void read_unread() {
    std::vector<ComparedFile*> unread;
    std::uint64_t total = 0;
    for (auto& compared : compared_) {
      if (compared.verdict != Verdict::unread) continue;
      unread.push_back(&compared);
      total += compared.file->info.size;
    }
    if (unread.empty()) return;
    std::ranges::stable_sort(unread, std::ranges::greater(),
                             [](const ComparedFile* compared) { return compared->file->info.size; });
    std::vector<Reading> readings(unread.size());
    progress_.begin("reading changed files", total);
    parallel_for(unread.size(), store_.threads(), cancel_,
                 [&](std::size_t i) { readings[i] = read(*unread[i]->file); });
    progress_.end();
    for (std::size_t i = 0; i < unread.size(); ++i) take(*unread[i], readings[i]);
  }

  Reading read(const ScannedFile& file) {
    Reading reading;
    try {
      AlignedBuffer buffer(may_be_blob(file.path, file.info.size) ? AlignedBuffer::kAlignment : kReadBlock);
      StableFile stable(fs_, root_, file.path, file.info.size);
      reading.content = read_content(stable, file.path, buffer, cancel_);
      reading.info = stable.info();
      reading.looked_at_ns = stable.check_unchanged(store_.environment().clock);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::failed && error.code() != ErrorCode::permission) throw;
      reading.problem = error.message() + (error.causes().empty() ? "" : ": " + error.causes().back());
    }
    progress_.advance(file.info.size);
    return reading;
  }

  void take(ComparedFile& compared, const Reading& reading) {
    if (reading.problem) {
      unreadable_.push_back(*reading.problem);
      compared.verdict = Verdict::differs;  // of what cannot be read nobody can say that it is the same
      return;
    }
    compared.verdict = judge(store_, base_, compared, reading.content);
    cache_.record(compared.file->path, reading.info, known_as(compared, reading.content),
                  reading.looked_at_ns);
  }

  // A history from elsewhere may store a content otherwise than we would; its name for it is the one to
  // compare next time.
  KnownContent known_as(const ComparedFile& compared, KnownContent content) {
    if (compared.verdict != Verdict::same || content.blob == compared.base->id) return content;
    content.blob = compared.base->id;
    content.pointer = describe(store_, base_, *compared.base).pointer;
    return content;
  }

  FileChange change_of(const ComparedFile& compared) {
    if (compared.file == nullptr) {
      const auto* known = cache_.find(compared.base->path);
      const bool current = known != nullptr && known->blob == compared.base->id;
      return {ChangeKind::removed, compared.base->path,
              current ? known->size : describe(store_, base_, *compared.base).size};
    }
    const auto kind = compared.base == nullptr ? ChangeKind::added : ChangeKind::changed;
    return {kind, compared.file->path, compared.file->info.size};
  }

  store::Store& store_;
  fs::FileSystem& fs_;
  const fs::Path root_;
  Progress& progress_;
  const CancelToken& cancel_;
  StatCache cache_;
  Scan scan_;
  VersionTree base_;
  std::vector<ComparedFile> compared_;
  std::vector<std::string> unreadable_;
};

void find_position(store::Store& store, Status& status) {
  auto& history = store.history();
  if (const auto tip = history.ref(status.line.ref())) status.tip = tip->commit;
  if (!status.base) return;
  for (const auto& version : store::versions_of(store, status.line.model)) {
    if (!version.branch && version.commit == *status.base) status.base_versions.push_back(version.name);
  }
  if (!status.tip) return;
  if (*status.tip == *status.base) return;
  std::tie(status.ahead, status.behind) = history.ahead_behind(*status.base, *status.tip);
}

}  // namespace

Status status(store::Store& store, Workspace& workspace, Progress& progress, const CancelToken& cancel) {
  const auto content_lock = store.lock_content(cancel);
  Status status{workspace.state().line, recovered_base(store, workspace.state()), {}, {}, 0, 0, {}, {}, 0, 0};
  find_position(store, status);
  Look look(store, workspace, progress, cancel);
  look.compare_files(status.base);
  look.report(status);
  for (auto& warning : unfinished(store, workspace.state())) status.warnings.push_back(std::move(warning));
  return status;
}

}  // namespace axon::workspace

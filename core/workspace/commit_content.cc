#include "core/workspace/commit_content.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/workspace/base_content.h"
#include "core/workspace/contents.h"
#include "core/workspace/ingest_files.h"

namespace axon::workspace {

namespace {

class Storing {
 public:
  Storing(CommitRun& run, Findings& found, store::Transaction& transaction)
      : run_(run), found_(found), transaction_(transaction) {}

  CommitContent store() {
    std::vector<const ScannedFile*> files;
    for (const auto i : found_.to_read) files.push_back(found_.compared[i].file);
    BaseContent base;
    if (!files.empty()) base = base_content();
    auto stored = store_files(files, base.bases);
    content_.base_tensors = std::move(base.tensors);
    content_.warnings = std::move(stored.warnings);
    for (std::size_t i = 0; i < found_.to_read.size(); ++i)
      take(found_.compared[found_.to_read[i]], stored.files[i]);
    for (const auto i : found_.changed) take_unread(found_.compared[i]);
    std::ranges::sort(content_.edits, {}, &FileEdit::path);
    const auto totals = transaction_.content().totals();
    content_.bytes_new = totals.raw;
    content_.bytes_stored = totals.stored;
    return std::move(content_);
  }

 private:
  StoredFiles store_files(const std::vector<const ScannedFile*>& files, const content::DeltaBases& bases) {
    try {
      return workspace::store_files(run_.store, transaction_, run_.root, files, bases, run_.progress,
                                    run_.cancel);
    } catch (const Error& error) {
      keep_stored(error);
      throw;
    }
  }

  // A commit that was stopped, or that met a file being written, will be tried again: what it has stored need
  // not be stored twice. On a full or failing disk nothing more is written.
  void keep_stored(const Error& error) {
    if (error.code() != ErrorCode::interrupted && error.code() != ErrorCode::failed) return;
    try {
      transaction_.publish_objects();
    } catch (const Error&) {  // the first error is the one to tell
    }
  }

  BaseContent base_content() {
    std::vector<std::string> touched;
    bool large = false;
    for (const auto i : found_.changed) {
      const auto& compared = found_.compared[i];
      touched.push_back(compared.path());
      large |= compared.file != nullptr && compared.file->info.size >= content::kTensorChunkThreshold;
    }
    // Small files take no deltas.
    if (!large) return {};
    const auto known = [&](std::string_view path) { return run_.cache.find(path); };
    return read_base_content(run_.store, describe_all(run_.store, found_.base, known, run_.cancel), touched,
                             run_.lineage());
  }

  void take(ComparedFile& compared, StoredFile& stored) {
    content_.bytes_read += stored.info.size;
    if (compared.base != nullptr) compared.verdict = judge(run_.store, found_.base, compared, stored.content);
    const auto& path = compared.path();
    if (compared.verdict == Verdict::same) {
      auto known = stored.content;
      if (known.blob != compared.base->id) {
        known.blob = compared.base->id;
        known.pointer = describe(run_.store, found_.base, *compared.base).pointer;
      }
      run_.cache.record(path, stored.info, known, stored.looked_at_ns);
      return;
    }
    content_.records.push_back({path, stored.info, stored.content, stored.looked_at_ns});
    auto edit = edit_of(compared, mode_of(stored.info), stored.content);
    edit.attributes = std::move(stored.attributes);
    edit.tensors = std::move(stored.tensors);
    content_.edits.push_back(std::move(edit));
  }

  static FileEdit edit_of(const ComparedFile& compared, history::EntryMode mode,
                          const KnownContent& content) {
    FileEdit edit;
    edit.path = compared.path();
    if (compared.base != nullptr) edit.before = *compared.base;
    edit.now = history::TreeEntry{edit.path, mode, content.blob};
    edit.content = content;
    return edit;
  }

  void take_unread(const ComparedFile& compared) {
    if (compared.file == nullptr) {
      FileEdit edit;
      edit.path = compared.base->path;
      edit.before = *compared.base;
      content_.edits.push_back(std::move(edit));
    } else if (compared.file->info.type == fs::FileType::symlink) {
      const auto target = as_bytes(compared.file->target);
      transaction_.git().add(history::ObjectType::blob, target);
      content_.edits.push_back(edit_of(compared, history::EntryMode::symlink, blob_content(target)));
    }
  }

  CommitRun& run_;
  Findings& found_;
  store::Transaction& transaction_;
  CommitContent content_;
};

}  // namespace

CommitContent store_content(CommitRun& run, Findings& found, store::Transaction& transaction) {
  return Storing(run, found, transaction).store();
}

}  // namespace axon::workspace

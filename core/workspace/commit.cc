#include "core/workspace/commit.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/history/commit_text.h"
#include "core/history/signatures.h"
#include "core/history/trailers.h"
#include "core/workspace/advance.h"
#include "core/workspace/base_content.h"
#include "core/workspace/changes.h"
#include "core/workspace/compare.h"
#include "core/workspace/ingest_files.h"
#include "core/workspace/message.h"
#include "core/workspace/recovery.h"
#include "core/workspace/version_writer.h"

namespace axon::workspace {

namespace {

// Each lost race means that somebody else's commit landed, so this many in a row mean that something is
// wrong.
constexpr int kMostAttempts = 200;
constexpr std::size_t kMostListed = 10;
constexpr std::size_t kReadBlock = std::size_t{1} << 20;

bool names(const std::string& selected, const std::string& path) {
  if (selected.empty() || selected == path) return true;
  return path.size() > selected.size() && path.starts_with(selected) && path[selected.size()] == '/';
}

class Committing {
 public:
  Committing(store::Store& store, Workspace& workspace, const CommitOptions& options, Progress& progress,
             const CancelToken& cancel)
      : store_(store),
        workspace_(workspace),
        options_(options),
        progress_(progress),
        cancel_(cancel),
        fs_(store.environment().fs),
        root_(workspace.layout().root),
        cache_(fs_, workspace.layout().stat_cache()) {}

  CommitResult run() {
    recovery_ = recover(store_, workspace_, cache_, progress_, cancel_);
    tell(recovery_.warnings);
    if (!was_finished()) check_tag();
    look();
    find_tip();
    if (changed_.empty() && may_stop()) return nothing_changed();
    if (has_moved() || was_finished()) {
      read_unread();
      if (changed_.empty() && may_stop()) return nothing_changed();
      if (has_moved()) throw_moved();
      check_tag();
    }
    if (!tip_) store::check_new_model(store_, line().model);
    transaction_.emplace(store_, cancel_);
    store_content();
    if (edits_.empty() && may_stop()) return nothing_changed();
    publish();
    finish();
    return std::move(result_);
  }

 private:
  struct Attempt {
    VersionTree tip, tree;
    std::vector<store::VersionFile> files;
    history::Commit commit;
  };

  const Line& line() const { return workspace_.state().line; }
  const std::optional<GitId>& base_commit() const { return workspace_.state().base; }
  // The same command once more, after it had been cut short: what it was to name has the name.
  bool was_finished() const { return options_.tag && recovery_.tag == options_.tag; }
  void check_tag() const {
    if (options_.tag) store::check_new_version(store_, line().model, *options_.tag);
  }
  void tell(const std::vector<std::string>& warnings) {
    result_.warnings.insert(result_.warnings.end(), warnings.begin(), warnings.end());
  }
  bool may_stop() const { return options_.empty == EmptyCommit::refuse; }

  bool selected(const std::string& path) const {
    if (options_.paths.empty()) return true;
    return std::ranges::any_of(options_.paths,
                               [&](const std::string& selection) { return names(selection, path); });
  }

  // --- what is there ---

  void look() {
    progress_.begin("looking at the files", 0);
    const auto rules = IgnoreRules::read(fs_, root_ / store::WorkspaceLayout::kIgnore);
    scan_ = scan(fs_, root_, store_.layout().root, rules, cancel_);
    refuse_problems();
    base_ = read_tree(store_, base_commit());
    compared_ = compare(store_, scan_, base_, cache_);
    for (std::size_t i = 0; i < compared_.size(); ++i) {
      const auto& compared = compared_[i];
      if (compared.verdict == Verdict::same || !selected(compared.path())) continue;
      changed_.push_back(i);
      if (compared.file != nullptr && compared.file->info.type == fs::FileType::regular)
        to_read_.push_back(i);
    }
    refuse_unmatched_paths();
    progress_.end();
  }

  void refuse_problems() const {
    if (scan_.problems.empty()) return;
    Error error(ErrorCode::failed, "a version cannot hold these files");
    for (std::size_t i = 0; i < scan_.problems.size() && i < kMostListed; ++i)
      error.because(scan_.problems[i]);
    throw error.hint("rename them, or name them in '.axonignore'");
  }

  void refuse_unmatched_paths() const {
    for (const auto& selection : options_.paths) {
      const bool matched = std::ranges::any_of(
          compared_, [&](const ComparedFile& compared) { return names(selection, compared.path()); });
      if (matched) continue;
      Error error(ErrorCode::not_found, "there is no file '" + selection + "' to commit");
      if (fs::exists(fs_, root_ / selection)) error.because("it is ignored, or cannot be in a version");
      throw error;
    }
  }

  void find_tip() {
    const auto ref = store_.history().ref(line().ref());
    tip_ = ref ? std::optional(ref->commit) : std::nullopt;
  }

  // Asked early, so that nobody waits for gigabytes to be stored and then refused.
  bool has_moved() const { return options_.onto == CommitOnto::base && tip_ && tip_ != base_commit(); }

  // Files that were merely touched are no reason to refuse anything.
  void read_unread() {
    AlignedBuffer buffer(kReadBlock);
    std::erase_if(changed_, [&](std::size_t i) {
      auto& compared = compared_[i];
      if (compared.verdict != Verdict::unread) return false;
      StableFile file(fs_, root_, compared.path(), compared.file->info.size);
      const auto content = read_content(file, compared.path(), buffer, cancel_);
      file.check_unchanged(store_.environment().clock);
      compared.verdict = judge(store_, base_, compared, content);
      return compared.verdict == Verdict::same;
    });
  }

  [[noreturn]] void throw_moved() const {
    Error error(ErrorCode::moved, "cannot commit to '" + line().text() + "'");
    error.because(base_commit()
                      ? "the line is at " + tip_->short_hex() + ", but the workspace is at " +
                            base_commit()->short_hex()
                      : "the line is at " + tip_->short_hex() + ", and the workspace at no version");
    throw error.hint("`axon pull` brings the line's changes here")
        .hint("`axon switch -c NAME` keeps yours on a line of their own")
        .hint("`axon commit --on-latest` applies yours to the line's latest version");
  }

  CommitResult nothing_changed() {
    save_cache();
    if (options_.tag && !was_finished()) {
      throw Error(ErrorCode::failed,
                  "nothing changed, so version '" + options_.tag->text() + "' was not made")
          .hint("`axon tag " + options_.tag->text() + "` names the version that is here");
    }
    tell(scan_.warnings);
    if (base_commit()) result_.id = *base_commit();
    result_.files = base_.files.size();
    return std::move(result_);
  }

  // --- content ---

  void store_content() {
    std::vector<const ScannedFile*> files;
    for (const auto i : to_read_) files.push_back(compared_[i].file);
    const auto lineage = lineage_commit();
    if (!files.empty()) base_content_ = base_content(lineage);
    StoredFiles stored;
    try {
      stored = store_files(store_, *transaction_, root_, files, base_content_.bases, progress_, cancel_);
    } catch (const Error& error) {
      keep_stored(error);
      throw;
    }
    tell(stored.warnings);
    for (std::size_t i = 0; i < to_read_.size(); ++i) take(compared_[to_read_[i]], stored.files[i]);
    for (const auto i : changed_) take_unread(compared_[i]);
    std::ranges::sort(edits_, {}, &FileEdit::path);
    const auto totals = transaction_->content().totals();
    result_.bytes_new = totals.raw;
    result_.bytes_stored = totals.stored;
  }

  // A commit that was stopped, or that met a file being written, will be tried again: what it has stored need
  // not be stored twice. On a full or failing disk nothing more is written.
  void keep_stored(const Error& error) {
    if (error.code() != ErrorCode::interrupted && error.code() != ErrorCode::failed) return;
    try {
      transaction_->publish_objects();
    } catch (const Error&) {  // the first error is the one to tell
    }
  }

  BaseContent base_content(const std::optional<GitId>& lineage) {
    std::vector<std::string> touched;
    bool large = false;
    for (const auto i : changed_) {
      touched.push_back(compared_[i].path());
      large |= compared_[i].file != nullptr && compared_[i].file->info.size >= content::kTensorChunkThreshold;
    }
    // Small files take no deltas.
    if (!large) return {};
    return read_base_content(
        store_,
        describe_all(
            store_, base_, [&](std::string_view path) { return cache_.find(path); }, cancel_),
        touched, lineage);
  }

  std::optional<GitId> lineage_commit() const {
    if (options_.lineage) return options_.lineage;
    return base_commit() ? std::nullopt : workspace_.state().lineage;
  }

  void take(ComparedFile& compared, StoredFile& stored) {
    result_.bytes_read += stored.info.size;
    if (compared.base != nullptr) compared.verdict = judge(store_, base_, compared, stored.content);
    const auto& path = compared.file->path;
    if (compared.verdict == Verdict::same) {
      auto known = stored.content;
      if (known.blob != compared.base->id) {
        known.blob = compared.base->id;
        known.pointer = describe(store_, base_, *compared.base).pointer;
      }
      cache_.record(path, stored.info, known, stored.looked_at_ns);
      return;
    }
    records_.push_back({path, stored.info, stored.content, stored.looked_at_ns});
    edits_.push_back(edit_of(compared, mode_of(stored.info), stored.content));
    edits_.back().attributes = std::move(stored.attributes);
    edits_.back().tensors = std::move(stored.tensors);
  }

  FileEdit edit_of(const ComparedFile& compared, history::EntryMode mode, const KnownContent& content) const {
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
      edits_.push_back(std::move(edit));
    } else if (compared.file->info.type == fs::FileType::symlink) {
      const auto target = as_bytes(compared.file->target);
      transaction_->git().add(history::ObjectType::blob, target);
      edits_.push_back(edit_of(compared, history::EntryMode::symlink, blob_content(target)));
    }
  }

  // --- history ---

  void publish() {
    for (int attempt = 1;; ++attempt) {
      try {
        return publish_once();
      } catch (const Error& error) {
        const bool again = error.code() == ErrorCode::moved && options_.onto == CommitOnto::latest &&
                           attempt < kMostAttempts && lost_race_;
        if (!again) throw;
      }
      // The content and the blobs are in the store by now: only trees and commit are made again.
      transaction_.reset();
      store_.history().refresh();
      find_tip();
      transaction_.emplace(store_, cancel_);
    }
  }

  void publish_once() {
    lost_race_ = false;
    auto attempt = prepare();
    if (merging() && may_stop() && !options_.tag && same_files(attempt.tree, attempt.tip)) return adopt_tip();
    auto state = workspace_.state();
    state.publishing = Publishing{attempt.commit.id, options_.tag};
    workspace_.save(state);
    std::vector<history::RefUpdate> updates{{line().ref(), tip_.value_or(GitId{}), attempt.commit.id}};
    if (options_.tag) {
      updates.push_back({tag_ref(line().model, *options_.tag), GitId{}, attempt.commit.id});
    }
    result_.bytes_stored += transaction_->git().size();
    lost_race_ = true;
    transaction_->publish(updates, options_.committer, reflog_text(result_.message));
    published_ = std::move(attempt);
  }

  // The line moved from the workspace's base.
  bool merging() const { return tip_ && tip_ != base_commit(); }

  // All that was to be committed is in the line already: somebody else was faster with the same.
  void adopt_tip() {
    published_.commit.id = *tip_;
    adopted_ = true;
  }

  Attempt prepare() {
    Attempt attempt;
    if (merging()) attempt.tip = read_tree(store_, tip_);
    attempt.tree = apply_edits(base_, merging() ? attempt.tip : base_, edits_);
    attempt.files = describe_tree(attempt.tree);
    attempt.commit.tree = write_version(transaction_->git(), attempt.tree, attempt.files);
    ask_gates(attempt.files);
    write_commit(attempt);
    return attempt;
  }

  std::vector<store::VersionFile> describe_tree(const VersionTree& tree) {
    std::unordered_map<std::string_view, const KnownContent*> edited;
    for (const auto& edit : edits_) {
      if (edit.now) edited.emplace(edit.path, &edit.content);
    }
    const auto known = [&](std::string_view path) {
      const auto found = edited.find(path);
      return found != edited.end() ? found->second : cache_.find(path);
    };
    return describe_all(store_, tree, known, cancel_);
  }

  void ask_gates(const std::vector<store::VersionFile>& files) {
    auto warnings =
        store::ask_gates(options_.gates, {store::GateEvent::commit, line().model, store_, files, &root_});
    gate_warnings_ = std::move(warnings);
  }

  void write_commit(Attempt& attempt) {
    auto& commit = attempt.commit;
    if (tip_) {
      commit.parents = {*tip_};
    } else if (base_commit()) {
      commit.parents = {*base_commit()};  // the first commit of a new line
    }
    commit.author = options_.author;
    commit.committer = options_.committer;
    result_.message = options_.message.value_or(describe_edits(edits_, base_content_.tensors));
    commit.message =
        history::append_trailers(result_.message, {store::files_digest(attempt.files), lineage_commit()});
    if (options_.signing_key) {
      commit.signature = history::sign(history::encode_commit(commit), *options_.signing_key, cancel_);
    }
    commit.id =
        transaction_->git().add(history::ObjectType::commit, as_bytes(history::encode_commit(commit)));
  }

  // --- afterwards ---

  // The commit has happened: what goes wrong from here on is told, and healed by the next command.
  void finish() {
    transaction_.reset();
    count();
    for (const auto& record : records_) {
      cache_.record(record.path, record.info, record.content, record.looked_at_ns);
    }
    try {
      bring_in_others();
      auto state = workspace_.state();
      state.base = published_.commit.id;
      state.publishing.reset();
      workspace_.save(state);
      name_line();
      save_cache();
    } catch (const Error& error) {
      result_.warnings.push_back("the commit is stored, but afterwards: " + error.message());
    }
    tell(scan_.warnings);
    tell(gate_warnings_);
  }

  void count() {
    result_.committed = !adopted_;
    result_.id = published_.commit.id;
    for (const auto& edit : edits_) {
      ++(!edit.before ? result_.added : edit.now ? result_.changed : result_.removed);
    }
    result_.files = published_.files.size();
    for (const auto& file : published_.files) result_.bytes += file.size;
  }

  void bring_in_others() {
    if (!merging()) return;
    const auto done = advance(store_, workspace_, compared_, base_, read_tree(store_, published_.commit.id),
                              cache_, progress_, cancel_);
    for (const auto& path : done.kept) {
      result_.warnings.push_back("left '" + path +
                                 "' as it is: it is changed here and in the latest version");
    }
  }

  // HEAD of the bare repository names the line committed last, for plain git.
  void name_line() {
    auto& history = store_.history();
    if (history.head() == line().ref()) return;
    const auto lock = store_.lock_publish(cancel_);
    history.set_head(line().ref());
  }

  void save_cache() {
    cache_.retain([&](std::string_view path) {
      return std::ranges::binary_search(scan_.files, path, {}, &ScannedFile::path) ||
             base_.find(path) != nullptr;
    });
    cache_.save();
  }

  struct Record {
    std::string path;
    fs::FileInfo info;
    KnownContent content;
    std::int64_t looked_at_ns = 0;
  };

  store::Store& store_;
  Workspace& workspace_;
  const CommitOptions& options_;
  Progress& progress_;
  const CancelToken& cancel_;
  fs::FileSystem& fs_;
  const fs::Path root_;
  StatCache cache_;
  Recovery recovery_;
  Scan scan_;
  VersionTree base_;
  std::vector<ComparedFile> compared_;
  std::vector<std::size_t> changed_, to_read_;  // into compared_
  std::optional<GitId> tip_;
  std::optional<store::Transaction> transaction_;
  BaseContent base_content_;
  std::vector<FileEdit> edits_;
  std::vector<Record> records_;
  std::vector<std::string> gate_warnings_;
  bool lost_race_ = false, adopted_ = false;
  Attempt published_;
  CommitResult result_;
};

// Nobody's commit fails because packs could not be merged.
void tidy(store::Store& store, CommitResult& result, const CancelToken& cancel) {
  try {
    store::tidy(store, cancel);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted) result.warnings.push_back(error.message());
  }
}

}  // namespace

CommitResult commit(store::Store& store, Workspace& workspace, const CommitOptions& options,
                    Progress& progress, const CancelToken& cancel) {
  const auto& clock = store.environment().clock;
  const auto started = clock.now_ns();
  const auto lock = workspace.lock(cancel, store.options().lock_timeout);
  CommitResult result;
  {
    const auto content_lock = store.lock_content(cancel);
    result = Committing(store, workspace, options, progress, cancel).run();
  }
  if (result.committed) tidy(store, result, cancel);
  result.elapsed_ns = clock.now_ns() - started;
  return result;
}

}  // namespace axon::workspace

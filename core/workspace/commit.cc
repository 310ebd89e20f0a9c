#include "core/workspace/commit.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/workspace/advance.h"
#include "core/workspace/commit_publish.h"
#include "core/workspace/recovery.h"

namespace axon::workspace {

namespace {

// One commit from the first look to what is left to do after the commit point.
class Committing {
 public:
  explicit Committing(CommitRun run) : run_(std::move(run)) {}

  CommitResult commit() {
    recovery_ = recover(run_.store, run_.workspace, run_.cache, run_.progress, run_.cancel);
    tell(recovery_.warnings);
    if (!was_finished()) check_tag();
    found_ = look(run_);
    const auto tip = run_.tip();
    if (found_.changed.empty() && run_.may_stop()) return nothing_changed();
    // Asked early, so that nobody waits for gigabytes to be stored and then refused.
    const bool moved = run_.options.onto == CommitOnto::base && tip && tip != run_.base();
    if (moved || was_finished()) {
      read_unread(run_, found_);
      if (found_.changed.empty() && run_.may_stop()) return nothing_changed();
      if (moved) throw_moved(*tip);
      check_tag();
    }
    refuse_read_only_store();
    if (!tip) store::check_new_model(run_.store, run_.line().model);
    auto transaction = std::make_unique<store::Transaction>(run_.store, run_.cancel);
    content_ = store_content(run_, found_, *transaction);
    tell(content_.warnings);
    result_.bytes_read = content_.bytes_read;
    result_.bytes_new = content_.bytes_new;
    result_.bytes_stored = content_.bytes_stored;
    if (content_.edits.empty() && run_.may_stop()) return nothing_changed();
    finish(publish(run_, found_, content_, tip, std::move(transaction)));
    return std::move(result_);
  }

 private:
  // The same command once more, after it had been cut short: what it was to name has the name.
  bool was_finished() const { return run_.options.tag && recovery_.tag == run_.options.tag; }
  void check_tag() const {
    if (run_.options.tag) store::check_new_version(run_.store, run_.line().model, *run_.options.tag);
  }
  void tell(const std::vector<std::string>& warnings) {
    result_.warnings.insert(result_.warnings.end(), warnings.begin(), warnings.end());
  }

  // Before gigabytes are read for it.
  void refuse_read_only_store() const {
    if (!run_.store.read_only()) return;
    throw Error(ErrorCode::permission, "cannot commit to '" + run_.line().text() + "'")
        .because("the store '" + run_.store.layout().root.string() + "' can only be read by this user")
        .hint("give this user the right to write there, or keep a store of your own with `--home DIR`");
  }

  [[noreturn]] void throw_moved(const GitId& tip) const {
    Error error(ErrorCode::moved, "cannot commit to '" + run_.line().text() + "'");
    error.because("the line is at " + tip.short_hex() +
                  (run_.base() ? ", but the workspace is at " + run_.base()->short_hex()
                               : ", and the workspace at no version"));
    throw error.hint("`axon pull` brings the line's changes here")
        .hint("`axon switch -c NAME` keeps yours on a line of their own")
        .hint("`axon commit --on-latest` applies yours to the line's latest version");
  }

  CommitResult nothing_changed() {
    save_cache();
    if (run_.options.tag && !was_finished()) {
      const auto& tag = run_.options.tag->text();
      throw Error(ErrorCode::failed, "nothing changed, so version '" + tag + "' was not made")
          .hint("`axon tag " + tag + "` names the version that is here");
    }
    tell(found_.scan.warnings);
    if (run_.base()) result_.id = *run_.base();
    result_.files = found_.base.files.size();
    return std::move(result_);
  }

  // The commit has happened: what goes wrong from here on is told, and healed by the next command.
  void finish(const Published& published) {
    count(published);
    for (const auto& record : content_.records) {
      run_.cache.record(record.path, record.info, record.content, record.looked_at_ns);
    }
    try {
      if (published.merged) bring_in_others(published.id);
      auto state = run_.workspace.state();
      state.base = published.id;
      state.publishing.reset();
      run_.workspace.save(state);
      name_line();
      save_cache();
    } catch (const Error& error) {
      result_.warnings.push_back("the commit is stored, but afterwards: " + error.message());
    }
    tell(found_.scan.warnings);
    tell(published.warnings);
  }

  void count(const Published& published) {
    result_.committed = !published.adopted;
    result_.id = published.id;
    result_.message = published.message;
    for (const auto& edit : content_.edits) {
      ++(!edit.before ? result_.added : edit.now ? result_.changed : result_.removed);
    }
    result_.files = published.files.size();
    for (const auto& file : published.files) result_.bytes += file.size;
    result_.bytes_stored += published.bytes_stored;
  }

  void bring_in_others(const GitId& version) {
    const auto done = advance(run_.store, run_.workspace, found_.compared, found_.base,
                              read_tree(run_.store, version), run_.cache, run_.progress, run_.cancel);
    for (const auto& path : done.kept) {
      result_.warnings.push_back("left '" + path +
                                 "' as it is: it is changed here and in the latest version");
    }
  }

  // HEAD of the bare repository names the line committed last, for plain git.
  void name_line() {
    auto& history = run_.store.history();
    if (history.head() == run_.line().ref()) return;
    const auto lock = run_.store.lock_publish(run_.cancel);
    history.set_head(run_.line().ref());
  }

  void save_cache() {
    run_.cache.retain([&](std::string_view path) {
      return std::ranges::binary_search(found_.scan.files, path, {}, &ScannedFile::path) ||
             found_.base.find(path) != nullptr;
    });
    run_.cache.save();
  }

  CommitRun run_;
  Recovery recovery_;
  Findings found_;
  CommitContent content_;
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
  auto& fs = store.environment().fs;
  const auto& clock = store.environment().clock;
  const auto started = clock.now_ns();
  const auto lock = workspace.lock(cancel, store.options().lock_timeout);
  CommitResult result;
  {
    const auto content_lock = store.lock_content(cancel);
    const auto& layout = workspace.layout();
    Committing committing(
        {store, workspace, options, progress, cancel, fs, layout.root, StatCache(fs, layout.stat_cache())});
    result = committing.commit();
  }
  if (result.committed) tidy(store, result, cancel);
  result.elapsed_ns = clock.now_ns() - started;
  return result;
}

}  // namespace axon::workspace

#include "core/workspace/commit_publish.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/history/commit_text.h"
#include "core/history/signatures.h"
#include "core/history/trailers.h"
#include "core/workspace/version_writer.h"

namespace axon::workspace {

namespace {

// Each lost race means that somebody else's commit landed, so this many in a row mean that something is
// wrong.
constexpr int kMostAttempts = 200;

class Publication {
 public:
  Publication(CommitRun& run, const Findings& found, const CommitContent& content, std::optional<GitId> tip,
              std::unique_ptr<store::Transaction> transaction)
      : run_(run), found_(found), content_(content), tip_(tip), transaction_(std::move(transaction)) {}

  Published publish() {
    for (int attempt = 1;; ++attempt) {
      try {
        publish_once();
        return std::move(published_);
      } catch (const Error& error) {
        const bool again = error.code() == ErrorCode::moved && run_.options.onto == CommitOnto::latest &&
                           attempt < kMostAttempts && lost_race_;
        if (!again) throw;
      }
      // The content and the blobs are in the store by now: only trees and commit are made again.
      transaction_.reset();
      run_.store.history().refresh();
      if (const auto& tag = run_.options.tag) store::check_new_version(run_.store, run_.line().model, *tag);
      tip_ = run_.tip();
      transaction_ = std::make_unique<store::Transaction>(run_.store, run_.cancel);
    }
  }

 private:
  void publish_once() {
    lost_race_ = false;
    published_.merged = tip_ && tip_ != run_.base();
    const auto tip = published_.merged ? read_tree(run_.store, tip_) : VersionTree{};
    const auto tree = apply_edits(found_.base, published_.merged ? tip : found_.base, content_.edits);
    const auto commit = prepare(tree);
    if (published_.merged && run_.may_stop() && !run_.options.tag && same_files(tree, tip))
      return adopt_tip();
    move_refs(commit);
    published_.id = commit;
  }

  // All that was to be committed is in the line already: somebody else was faster with the same.
  void adopt_tip() {
    published_.id = *tip_;
    published_.files.clear();
    published_.adopted = true;
  }

  // Trees and commit in the transaction; gates have agreed.
  GitId prepare(const VersionTree& tree) {
    published_.files = describe_tree(tree);
    history::Commit commit;
    commit.tree = write_version(transaction_->git(), tree, published_.files);
    published_.warnings = store::ask_gates(run_.options.gates, {store::GateEvent::commit, run_.line().model,
                                                                run_.store, published_.files, &run_.root});
    return write_commit(std::move(commit));
  }

  std::vector<store::VersionFile> describe_tree(const VersionTree& tree) {
    std::unordered_map<std::string_view, const KnownContent*> edited;
    for (const auto& edit : content_.edits) {
      if (edit.now) edited.emplace(edit.path, &edit.content);
    }
    const auto known = [&](std::string_view path) {
      const auto found = edited.find(path);
      return found != edited.end() ? found->second : run_.cache.find(path);
    };
    return describe_all(run_.store, tree, known, run_.cancel);
  }

  GitId write_commit(history::Commit commit) {
    const auto& options = run_.options;
    if (tip_) {
      commit.parents = {*tip_};
    } else if (run_.base()) {
      commit.parents = {*run_.base()};  // the first commit of a new line
    }
    commit.author = options.author;
    commit.committer = options.committer;
    published_.message = options.message.value_or(describe_edits(content_.edits, content_.base_tensors));
    commit.message =
        history::append_trailers(published_.message, {store::files_digest(published_.files), run_.lineage()});
    if (options.signing_key) {
      commit.signature = history::sign(history::encode_commit(commit), *options.signing_key, run_.cancel);
    }
    return transaction_->git().add(history::ObjectType::commit, as_bytes(history::encode_commit(commit)));
  }

  void move_refs(const GitId& commit) {
    const auto& tag = run_.options.tag;
    auto state = run_.workspace.state();
    state.publishing = Publishing{commit, tag};
    run_.workspace.save(state);
    std::vector<history::RefUpdate> updates{{run_.line().ref(), tip_.value_or(GitId{}), commit}};
    if (tag) updates.push_back({tag_ref(run_.line().model, *tag), GitId{}, commit});
    published_.bytes_stored += transaction_->git().size();
    lost_race_ = true;
    transaction_->publish(updates, run_.options.committer, reflog_text(published_.message));
  }

  CommitRun& run_;
  const Findings& found_;
  const CommitContent& content_;
  std::optional<GitId> tip_;
  std::unique_ptr<store::Transaction> transaction_;
  bool lost_race_ = false;
  Published published_;
};

}  // namespace

Published publish(CommitRun& run, const Findings& found, const CommitContent& content,
                  const std::optional<GitId>& tip, std::unique_ptr<store::Transaction> transaction) {
  return Publication(run, found, content, tip, std::move(transaction)).publish();
}

}  // namespace axon::workspace

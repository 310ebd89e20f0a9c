#include <algorithm>
#include <string_view>

#include "core/history/commit_text.h"
#include "core/history/ref_names.h"
#include "core/history/repository_state.h"

namespace axon::history {

namespace {

// The id that a ref holds, whatever it is behind; nullopt when there is none. A symbolic one (HEAD, or
// refs/remotes/x/HEAD) is followed. The caller holds state.mutex.
std::optional<GitId> lookup(Repository::State& state, const std::string& name) {
  git_oid oid;
  const int result = git_reference_name_to_id(&oid, state.repository.get(), name.c_str());
  if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC) return std::nullopt;
  try {
    check_git(result, "read ref '" + name + "'");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io || error.code() == ErrorCode::permission) throw;
    Error damage(ErrorCode::integrity, "ref '" + name + "' is damaged");
    for (const auto& cause : error.causes()) damage.because(cause);
    damage.hint("run `axon fsck`");
    throw damage;
  }
  return to_id(oid);
}

Ref resolve(Repository::State& state, const std::string& name, const GitId& target) {
  try {
    return {name, target, state.commit_behind(target)};
  } catch (Error& error) {
    if (error.code() == ErrorCode::integrity) error.within("ref '" + name + "' leads nowhere");
    throw;
  }
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\r', ' ');
  return text;
}

GitSignature signature_of(const Person& who) {
  const auto name = who.name.empty() ? std::string("unknown") : one_line(who.name);
  const auto email = who.email.empty() ? std::string("unknown") : one_line(who.email);
  return acquire<GitSignature>("write a reflog", [&](auto** out) {
    return git_signature_new(out, name.c_str(), email.c_str(), who.seconds, who.offset_minutes);
  });
}

void remove_if_there(fs::FileSystem& fs, const fs::Path& path) {
  try {
    if (fs::exists(fs, path)) fs.remove(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
}

fs::Path lock_of(const fs::Path& path) {
  return fs::Path(path) += ".lock";
}

// One set of updates on its way: everything is locked and compared before anything is written.
class Update {
 public:
  Update(Repository::State& state, std::span<const RefUpdate> updates, const Person& who,
         const std::string& message)
      : state_(state), updates_(updates), who_(signature_of(who)), message_(one_line(message)) {}

  void run() {
    prepare_folders();
    auto transaction = lock();
    for (const auto& update : updates_) compare(update);
    for (const auto& update : updates_) stage(transaction.get(), update);
    try {
      check_git(git_transaction_commit(transaction.get()), "move refs");
      sync_deletions();
    } catch (...) {
      transaction.reset();  // unlocks what was not written
      undo();
      throw;
    }
  }

 private:
  // libgit2 makes missing folders, but does not make them survive a power cut.
  void prepare_folders() {
    for (const auto& update : updates_) {
      const auto path = state_.git_dir / update.name;
      remove_if_there(state_.fs, lock_of(path));
      if (update.target.is_zero()) continue;
      fs::make_directories(state_.fs, path.parent_path());
      fs::make_directories(state_.fs, (state_.git_dir / "logs" / update.name).parent_path());
    }
    remove_if_there(state_.fs, lock_of(state_.git_dir / "packed-refs"));
  }

  GitTransaction lock() {
    auto transaction = acquire<GitTransaction>(
        "move refs", [&](auto** out) { return git_transaction_new(out, state_.repository.get()); });
    for (const auto& update : updates_) {
      check_git(git_transaction_lock_ref(transaction.get(), update.name.c_str()),
                "move '" + short_ref(update.name) + "'");
    }
    return transaction;
  }

  void compare(const RefUpdate& update) {
    const auto now = lookup(state_, update.name).value_or(GitId{});
    if (now == update.expected_old) return;
    const auto where = [](const GitId& id) {
      return id.is_zero() ? std::string("absent") : "at " + id.short_hex();
    };
    throw Error(ErrorCode::moved, "'" + short_ref(update.name) + "' has moved")
        .because("it is " + where(now) + ", and was expected " + where(update.expected_old));
  }

  void stage(git_transaction* transaction, const RefUpdate& update) {
    const auto action = "move '" + short_ref(update.name) + "'";
    if (update.target.is_zero()) {
      if (update.expected_old.is_zero()) return;
      // First, so that a crash leaves no log that is in the way of a later ref below this name.
      check_git(git_reflog_delete(state_.repository.get(), update.name.c_str()), action);
      check_git(git_transaction_remove(transaction, update.name.c_str()), action);
      return;
    }
    if (!state_.objects.info(update.target)) throw_missing(update.target);
    const auto target = to_oid(update.target);
    check_git(
        git_transaction_set_target(transaction, update.name.c_str(), &target, who_.get(), message_.c_str()),
        action);
  }

  void sync_deletions() {
    for (const auto& update : updates_) {
      if (!update.target.is_zero()) continue;
      auto folder = (state_.git_dir / update.name).parent_path();
      while (!fs::exists(state_.fs, folder)) folder = folder.parent_path();  // emptied ones go
      state_.fs.sync_directory(folder);
    }
  }

  // Puts back those that were written before one failed. What fails here, too, stays as it is: the first
  // error is the one to tell.
  void undo() noexcept {
    for (const auto& update : updates_) {
      try {
        if (lookup(state_, update.name).value_or(GitId{}) != update.target) continue;
        if (update.target == update.expected_old) continue;
        undo(update);
      } catch (...) {
      }
    }
  }

  void undo(const RefUpdate& update) {
    const auto transaction = acquire<GitTransaction>(
        "undo", [&](auto** out) { return git_transaction_new(out, state_.repository.get()); });
    check_git(git_transaction_lock_ref(transaction.get(), update.name.c_str()), "undo");
    if (update.expected_old.is_zero()) {
      check_git(git_reflog_delete(state_.repository.get(), update.name.c_str()), "undo");
      check_git(git_transaction_remove(transaction.get(), update.name.c_str()), "undo");
    } else {
      const auto target = to_oid(update.expected_old);
      check_git(git_transaction_set_target(transaction.get(), update.name.c_str(), &target, who_.get(),
                                           ("undone: " + message_).c_str()),
                "undo");
    }
    check_git(git_transaction_commit(transaction.get()), "undo");
  }

  Repository::State& state_;
  std::span<const RefUpdate> updates_;
  GitSignature who_;
  std::string message_;
};

}  // namespace

std::optional<Ref> Repository::ref(const std::string& name) {
  std::optional<GitId> target;
  {
    const std::lock_guard lock(state_->mutex);
    target = lookup(*state_, name);
  }
  if (!target) return std::nullopt;
  return resolve(*state_, name, *target);
}

std::vector<Ref> Repository::refs(const std::string& prefix) {
  std::vector<std::pair<std::string, GitId>> targets;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& name : list_refs(*state_, prefix))
      if (const auto target = lookup(*state_, name)) targets.emplace_back(name, *target);
  }
  std::vector<Ref> refs;
  for (const auto& [name, target] : targets) refs.push_back(resolve(*state_, name, target));
  return refs;
}

Repository::RefCheck Repository::check_refs() {
  const auto names = [&] {
    const std::lock_guard lock(state_->mutex);
    return list_refs(*state_, "refs/");
  }();
  RefCheck check;
  for (const auto& name : names) {
    try {
      auto found = ref(name);
      if (found) {
        check.good.push_back(std::move(*found));
      } else {
        check.bad.push_back({name, "it names a ref that is not there"});
      }
    } catch (const Error& error) {
      check.bad.push_back({name, error.causes().empty() ? error.message() : error.causes().front()});
    }
  }
  return check;
}

void Repository::update_refs(std::span<const RefUpdate> updates, const Person& who,
                             const std::string& reflog_message) {
  if (updates.empty()) return;
  const std::lock_guard lock(state_->mutex);
  check_ref_names(*state_, updates);
  Update(*state_, updates, who, reflog_message).run();
}

std::vector<ReflogEntry> Repository::reflog(const std::string& ref) {
  const std::lock_guard lock(state_->mutex);
  // Asked first, because reading a log that is not there makes an empty one.
  const int has_log = git_reference_has_log(state_->repository.get(), ref.c_str());
  check_git(has_log, "read the reflog of '" + short_ref(ref) + "'");
  if (has_log == 0) return {};
  const auto log = acquire<GitReflog>("read the reflog of '" + short_ref(ref) + "'", [&](auto** out) {
    return git_reflog_read(out, state_->repository.get(), ref.c_str());
  });
  std::vector<ReflogEntry> entries;
  for (std::size_t at = 0; at < git_reflog_entrycount(log.get()); ++at) {
    const auto* entry = git_reflog_entry_byindex(log.get(), at);
    const auto* who = git_reflog_entry_committer(entry);
    const char* message = git_reflog_entry_message(entry);
    entries.push_back({to_id(*git_reflog_entry_id_old(entry)),
                       to_id(*git_reflog_entry_id_new(entry)),
                       {who->name, who->email, who->when.time, who->when.offset},
                       message == nullptr ? "" : message});
  }
  return entries;
}

std::string Repository::head() {
  const std::lock_guard lock(state_->mutex);
  const auto head = acquire<GitReference>(
      "read HEAD", [&](auto** out) { return git_reference_lookup(out, state_->repository.get(), "HEAD"); });
  const char* target = git_reference_symbolic_target(head.get());
  if (target != nullptr) return target;
  throw Error(ErrorCode::integrity, "HEAD of the history names no ref")
      .because("it was detached by another program")
      .hint("run `git -C " + state_->git_dir.string() + " symbolic-ref HEAD refs/heads/main`");
}

void Repository::set_head(const std::string& ref) {
  const std::lock_guard lock(state_->mutex);
  git_reference* raw = nullptr;
  if (git_reference_lookup(&raw, state_->repository.get(), "HEAD") == 0) {
    const GitReference head(raw);
    const char* target = git_reference_symbolic_target(head.get());
    if (target != nullptr && target == ref) return;  // saves an fsync at every commit but the first
  }
  remove_if_there(state_->fs, lock_of(state_->git_dir / "HEAD"));
  check_git(git_reference_symbolic_create(&raw, state_->repository.get(), "HEAD", ref.c_str(), 1, nullptr),
            "set HEAD to '" + short_ref(ref) + "'");
  const GitReference made(raw);
}

}  // namespace axon::history

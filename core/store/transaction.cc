#include "core/store/transaction.h"

#include "core/content/maintenance.h"
#include "core/history/git_pack_merge.h"

namespace axon::store {

struct Transaction::State {
  State(Store& s, const CancelToken& c)
      : store(s),
        cancel(c),
        content_lock(s.lock_content(c)),
        content(s.content()),
        git(s.environment().fs, history::pack_folder(s.layout().git()), s.environment().random) {}

  Store& store;
  const CancelToken& cancel;
  fs::FileLock content_lock;
  content::ContentWriter content;
  history::GitPackWriter git;
};

Transaction::Transaction(Store& store, const CancelToken& cancel)
    : state_(std::make_unique<State>(store, cancel)) {}
Transaction::~Transaction() = default;

content::ContentWriter& Transaction::content() {
  return state_->content;
}
history::GitPackWriter& Transaction::git() {
  return state_->git;
}

void Transaction::publish_objects() {
  state_->content.finish();
  const auto lock = state_->store.lock_publish(state_->cancel);
  state_->content.publish();
  if (state_->git.finish()) state_->store.history().refresh();
}

void Transaction::publish(std::span<const history::RefUpdate> updates, const history::Person& who,
                          const std::string& reflog_message) {
  state_->content.finish();
  const auto lock = state_->store.lock_publish(state_->cancel);
  state_->content.publish();
  if (state_->git.finish()) state_->store.history().refresh();
  state_->store.history().update_refs(updates, who, reflog_message);
}

void tidy(Store& store, const CancelToken& cancel) {
  if (store.read_only()) return;
  auto lock = store.try_lock_for_deletion();
  if (!lock) return;
  content::merge_small_packs(store.content(), cancel);
  const auto publish = store.lock_publish(cancel);
  history::merge_small_packs(store.environment().fs, store.layout().git(), store.environment().random,
                             cancel);
  store.history().refresh();
}

}  // namespace axon::store

#include "core/store/names.h"

#include <array>

#include "core/base/error.h"
#include "core/history/commit_text.h"
#include "core/store/resolve.h"
#include "core/store/transaction.h"

namespace axon::store {
namespace {

enum class Kind { tag, branch };

std::string ref_of(Kind kind, const ModelName& model, const VersionName& name) {
  return kind == Kind::tag ? tag_ref(model, name) : Line{model, name}.ref();
}

void update(Store& store, const history::RefUpdate& update, const history::Person& who,
            const std::string& reflog_message) {
  const std::array<history::RefUpdate, 1> updates{update};
  store.history().update_refs(updates, who, reflog_message);
}

// The caller's transaction keeps gc away from `target`; the check and the write are one step under the lock.
void create(Store& store, Kind kind, const ModelName& model, const VersionName& name, const GitId& target,
            const history::Person& who, const CancelToken& cancel) {
  const auto lock = store.lock_publish(cancel);
  check_new_version(store, model, name);
  const std::string what = kind == Kind::tag ? "tag: " : "branch: ";
  update(store, {ref_of(kind, model, name), {}, target}, who, what + name.text());
}

[[noreturn]] void throw_unknown(Store& store, Kind kind, const ModelName& model, const VersionName& name) {
  const bool wants_branch = kind == Kind::branch;
  std::vector<std::string> names;
  for (const auto& version : versions_of(store, model)) {
    if (version.branch == wants_branch) names.push_back(version.name);
  }
  Error error(ErrorCode::not_found, "'" + model.text() + "' has no " + (wants_branch ? "branch" : "tag") +
                                        " '" + name.text() + "'");
  const std::string list = wants_branch ? "axon branch" : "axon tag";
  const auto meant = did_you_mean(name.text(), names);
  error.hint(meant ? "did you mean '" + *meant + "'?" : "run `" + list + "` to see what there is");
  throw error;
}

GitId remove(Store& store, Kind kind, const ModelName& model, const VersionName& name,
             const history::Person& who, const CancelToken& cancel) {
  const auto content = store.lock_content(cancel);
  const auto lock = store.lock_publish(cancel);
  const auto ref = store.history().ref(ref_of(kind, model, name));
  if (!ref) throw_unknown(store, kind, model, name);
  update(store, {ref->name, ref->target, {}}, who, "remove: " + name.text());
  return ref->commit;
}

}  // namespace

void create_tag(Store& store, const ModelName& model, const VersionName& name, const GitId& commit,
                const std::optional<std::string>& message, const history::Person& who,
                const CancelToken& cancel) {
  check_new_version(store, model, name);  // before an object is written for nothing
  Transaction transaction(store, cancel);
  GitId target = commit;
  if (message) {
    history::Tag tag;
    tag.target = commit;
    tag.name = model.text() + "@" + name.text();
    tag.tagger = who;
    tag.message = *message;
    target = transaction.git().add(history::ObjectType::tag, as_bytes(history::encode_tag(tag)));
    transaction.publish_objects();
  }
  create(store, Kind::tag, model, name, target, who, cancel);
}

void create_branch(Store& store, const ModelName& model, const VersionName& name, const GitId& commit,
                   const history::Person& who, const CancelToken& cancel) {
  const auto content = store.lock_content(cancel);
  create(store, Kind::branch, model, name, commit, who, cancel);
}

GitId delete_tag(Store& store, const ModelName& model, const VersionName& name, const history::Person& who,
                 const CancelToken& cancel) {
  return remove(store, Kind::tag, model, name, who, cancel);
}

GitId delete_branch(Store& store, const ModelName& model, const VersionName& name, const history::Person& who,
                    const CancelToken& cancel) {
  return remove(store, Kind::branch, model, name, who, cancel);
}

std::optional<std::string> tag_message(Store& store, const ModelName& model, const VersionName& name) {
  const auto ref = store.history().ref(tag_ref(model, name));
  if (!ref || ref->target == ref->commit) return std::nullopt;
  std::string message = history::parse_tag(store.history().read_raw(ref->target).content).message;
  while (message.ends_with('\n')) message.pop_back();
  return message;
}

}  // namespace axon::store

#include "remote/sync/push.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/error.h"
#include "remote/sync/pack_assembly.h"
#include "remote/sync/push_content.h"
#include "remote/sync/push_history.h"
#include "remote/sync/push_journal.h"
#include "remote/sync/push_refs.h"
#include "remote/sync/ref_names.h"
#include "remote/sync/tracking.h"

namespace axon::sync {

namespace {

// How often a push plans anew because the remote changed under it.
constexpr int kPlans = 10;

class Push {
 public:
  Push(store::Store& store, Remote& remote, const PushOptions& options, Progress& progress,
       const CancelToken& cancel)
      : store_(store),
        remote_(remote),
        options_(options),
        progress_(progress),
        cancel_(cancel),
        location_(remote.capabilities().location),
        journal_(store.environment().fs, store.layout().remote_states(), remote.capabilities().id) {
    store.environment().random.fill(op_id_.bytes);
  }

  PushResult run() {
    const auto lock = store_.lock_content(cancel_);
    for (int plan = 0; plan < kPlans; ++plan) {
      remote_refs_ = remote_.refs();
      const auto changes = changes_to_push(store_, remote_refs_, options_.refs, location_);
      if (changes.empty()) {
        follow();
        return std::move(result_);
      }
      if (plan == 0) ask_gates(changes);
      if (try_once(changes)) return std::move(result_);
    }
    throw Error(ErrorCode::network, "cannot push to '" + location_ + "'")
        .because("the remote changed again and again")
        .hint("push again later");
  }

 private:
  struct ModelPush {
    HistoryPlan history;
    ContentPlan content;
    std::vector<GitId> tips;
    std::vector<ListedPack> packs;  // sent for it
  };

  void ask_gates(const std::vector<RefChange>& changes);
  bool try_once(const std::vector<RefChange>& changes);
  ModelPush plan(const ModelName& model, const std::vector<GitId>& tips);
  void send_all(ModelPush& model);
  void send_frames(ModelPush& model);
  void send_reencoded(ModelPush& model);
  void send_history(ModelPush& model);
  SendOutcome send(const ListedPack& pack, ByteSource& source);
  void add_tips(const ModelPush& model, RefTransaction& transaction) const;
  void follow();

  store::Store& store_;
  Remote& remote_;
  const PushOptions& options_;
  Progress& progress_;
  const CancelToken& cancel_;
  const std::string location_;
  PushJournal journal_;
  OpId op_id_;
  std::map<std::string, GitId> remote_refs_;
  PushResult result_;
};

void Push::ask_gates(const std::vector<RefChange>& changes) {
  if (options_.gates.empty()) return;
  std::set<GitId> asked;
  for (const auto& change : changes) {
    const auto commit = store_.history().peel_to_commit(change.after.value());
    if (!commit || !asked.insert(*commit).second) continue;
    const auto files = store::read_version(store_, *commit);
    const auto parsed = parse_ref(change.ref);
    const store::Change about{store::GateEvent::push, parsed->model, store_, files};
    for (auto& warning : store::ask_gates(options_.gates, about))
      result_.warnings.push_back(std::move(warning));
  }
}

Push::ModelPush Push::plan(const ModelName& model, const std::vector<GitId>& tips) {
  ModelPush planned;
  planned.tips = tips;
  planned.history = plan_history(store_, model, remote_refs_, tips, cancel_);
  std::vector<GitId> near = planned.history.near;
  near.insert(near.end(), planned.history.kin.begin(), planned.history.kin.end());
  const auto sent = journal_.packs();
  planned.content = plan_content(store_, remote_, planned.history.files, {near, sent}, cancel_);
  return planned;
}

SendOutcome Push::send(const ListedPack& pack, ByteSource& source) {
  ReportingSource reporting(source, progress_, cancel_);
  const auto outcome = remote_.send(pack, reporting);
  if (outcome == SendOutcome::refused) return outcome;
  if (outcome == SendOutcome::sent) result_.bytes_sent += pack.size;
  journal_.record(pack);
  return outcome;
}

void Push::send_frames(ModelPush& model) {
  for (auto& frames : split_into_packs(model.content.copy)) {
    const auto count = frames.size();
    PackAssembly pack(store_.content(), std::move(frames), store_.environment().random);
    send(pack.pack(), pack);
    model.packs.push_back(pack.pack());
    result_.frames_sent += count;
  }
}

void Push::send_reencoded(ModelPush& model) {
  auto& fs = store_.environment().fs;
  for (const auto& frames : split_into_packs(model.content.reencode)) {
    const auto path = fs::unique_path(store_.layout().temporary(), "push-");
    const auto footer = write_standing_alone(store_, frames, path, cancel_);
    {
      const auto file = fs.open(path, {});
      FileSource source(*file, footer.pack_size);
      const ListedPack pack{PackKind::content, footer.id.as<Digest>(), footer.pack_size, footer.footer_size};
      send(pack, source);
      model.packs.push_back(pack);
    }
    fs::remove_all(fs, path);
    result_.frames_sent += frames.size();
  }
}

void Push::send_history(ModelPush& model) {
  const auto send_pack = [&](const HistoryPack& made) {
    const auto file = store_.environment().fs.open(made.path, {});
    FileSource source(*file, made.pack.size);
    return send(made.pack, source) != SendOutcome::refused;
  };
  if (!model.history.pack) return;
  if (!send_pack(*model.history.pack)) {
    model.history.pack = rename_history_pack(store_, model.history.objects, cancel_);
    send_pack(*model.history.pack);
  }
  model.packs.push_back(model.history.pack->pack);
  result_.commits += model.history.commits;
}

// History comes last: it is small, and useless without the content.
void Push::send_all(ModelPush& model) {
  send_frames(model);
  send_reencoded(model);
  send_history(model);
}

void Push::add_tips(const ModelPush& model, RefTransaction& transaction) const {
  auto packs = model.packs;
  for (const auto& relied : model.content.relied) {
    const auto id = relied.as<Digest>();
    const auto sent = std::ranges::find(journal_.packs(), id, &ListedPack::id);
    const auto pack = sent != journal_.packs().end() ? *sent : ListedPack{PackKind::content, id, 0, 0};
    if (std::ranges::find(packs, pack) == packs.end()) packs.push_back(pack);
  }
  for (const auto& pack : packs) {
    const bool known =
        pack.size == 0 || std::ranges::find(transaction.packs, pack) != transaction.packs.end();
    if (!known) transaction.packs.push_back(pack);
  }
  for (const auto& tip : model.tips) transaction.tips.push_back({tip, model.history.near, packs});
}

// False: the remote has changed meanwhile in a way that matters; what was sent is remembered.
bool Push::try_once(const std::vector<RefChange>& changes) {
  std::map<ModelName, std::vector<GitId>> tips;
  for (const auto& change : changes) {
    auto& of_model = tips[parse_ref(change.ref)->model];
    if (std::ranges::find(of_model, *change.after) == of_model.end()) of_model.push_back(*change.after);
  }
  RefTransaction transaction{op_id_, options_.actor, changes, {}, {}, options_.sign};
  result_.frames = result_.bytes_present = result_.commits = 0;
  for (const auto& [model, new_tips] : tips) {
    progress_.begin("comparing " + model.text(), 0);
    auto planned = plan(model, new_tips);
    progress_.end();
    result_.frames += planned.content.frames;
    result_.bytes_present += planned.content.bytes_present;
    progress_.begin("sending " + model.text(), planned.content.bytes);
    send_all(planned);
    progress_.end();
    add_tips(planned, transaction);
  }
  switch (remote_.update_refs(transaction)) {
    case UpdateOutcome::moved:
    case UpdateOutcome::stale:
      return false;
    case UpdateOutcome::unknown:
      throw Error(ErrorCode::unknown_outcome, "cannot tell whether the push to '" + location_ + "' happened")
          .because("its last answer did not come")
          .hint("run the same `axon push` again: it finds out, and sends nothing twice");
    case UpdateOutcome::committed:
      break;
  }
  result_.updates = changes;
  for (const auto& change : changes) remote_refs_[change.ref] = *change.after;
  journal_.finish();
  follow();
  return true;
}

// The push is done, whatever becomes of its tracking refs.
void Push::follow() {
  if (!options_.remote_name || store_.read_only()) return;
  std::map<std::string, GitId> seen;
  for (const auto& ref : options_.refs) {
    if (const auto there = remote_refs_.find(ref); there != remote_refs_.end()) seen.insert(*there);
  }
  try {
    update_tracking_refs(store_, *options_.remote_name, seen, options_.who, cancel_);
  } catch (const Error& error) {
    result_.warnings.push_back("the push is done, but what the remote has was not noted here: " +
                               error.message());
  }
}

}  // namespace

PushResult push(store::Store& store, Remote& remote, const PushOptions& options, Progress& progress,
                const CancelToken& cancel) {
  const auto start = store.environment().clock.now_ns();
  auto result = Push(store, remote, options, progress, cancel).run();
  result.elapsed_ns = store.environment().clock.now_ns() - start;
  return result;
}

}  // namespace axon::sync

#include "remote/sync/push_history.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "core/base/byte_stream.h"
#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/history/commit_text.h"
#include "core/history/git_pack_writer.h"
#include "core/history/pointer.h"
#include "core/history/trailers.h"
#include "remote/sync/lazy_file.h"
#include "remote/sync/ref_names.h"

namespace axon::sync {

namespace {

constexpr std::size_t kReadBlock = std::size_t{1} << 20;

// Tips that are here too, and so can be built on.
std::set<GitId> shared_tips(store::Store& store, const std::map<std::string, GitId>& remote_refs,
                            const std::function<bool(const ModelName&)>& wanted) {
  std::set<GitId> tips;
  for (const auto& [ref, tip] : remote_refs) {
    const auto parsed = parse_ref(ref);
    if (parsed && wanted(parsed->model) && store.history().contains(tip)) tips.insert(tip);
  }
  return tips;
}

// A tip needs all packs of the tips that it is said to be near, so the fewer the better: those that it
// contains; only where there are none, those with which it shares a part of its history.
std::vector<GitId> near_tips(store::Store& store, const std::set<GitId>& there, std::span<const GitId> tips) {
  auto& history = store.history();
  std::vector<GitId> inside, related;
  for (const auto& old : there) {
    const auto commit = history.peel_to_commit(old);
    if (!commit) continue;
    const auto tip_has = [&](const GitId& tip) {
      const auto of = history.peel_to_commit(tip);
      return of && history.is_ancestor(*commit, *of);
    };
    const auto tip_shares = [&](const GitId& tip) {
      const auto of = history.peel_to_commit(tip);
      return of && history.merge_base(*commit, *of).has_value();
    };
    if (std::ranges::any_of(tips, tip_has)) inside.push_back(old);
    if (inside.empty() && std::ranges::any_of(tips, tip_shares)) related.push_back(old);
  }
  return inside.empty() ? related : inside;
}

// Reads the new objects once and gathers what they say.
class ObjectSurvey {
 public:
  ObjectSurvey(store::Store& store, HistoryPlan& plan) : history_(store.history()), plan_(plan) {}

  void look_at(const GitId& id, const history::RawObject& object) {
    if (object.type == history::ObjectType::commit) {
      ++plan_.commits;
      if (const auto base = base_of(id)) bases_.insert(*base);
    }
    if (object.type != history::ObjectType::blob || object.content.size() >= history::kMaxPointer) return;
    const auto pointer = history::parse_pointer(object.content);
    if (pointer && files_.insert(pointer->oid).second) plan_.files.push_back(pointer->oid);
  }

  const std::set<GitId>& bases() const { return bases_; }

 private:
  // A trailer that cannot be read costs a chance to send less, nothing else.
  std::optional<GitId> base_of(const GitId& commit) {
    try {
      return history::parse_trailers(history_.commit(commit).message).base;
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  history::Repository& history_;
  HistoryPlan& plan_;
  std::set<GitId> bases_;
  std::set<Oid> files_;
};

// Tips of other models on the remote that reach one of these commits.
std::vector<GitId> kin_tips(store::Store& store, const ModelName& model,
                            const std::map<std::string, GitId>& remote_refs, const std::set<GitId>& bases) {
  if (bases.empty()) return {};
  auto& history = store.history();
  std::vector<GitId> kin;
  for (const auto& tip : shared_tips(store, remote_refs, [&](const auto& other) { return other != model; })) {
    const auto commit = history.peel_to_commit(tip);
    const auto reaches = [&](const GitId& base) {
      return commit && history.contains(base) && history.is_ancestor(base, *commit);
    };
    if (std::ranges::any_of(bases, reaches)) kin.push_back(tip);
  }
  return kin;
}

Digest hash_file(fs::File& file, std::uint64_t size) {
  content::Sha256 hash;
  Bytes block(std::min<std::uint64_t>(size, kReadBlock));
  FileSource source(file, size);
  for (std::uint64_t at = 0; at < size; at += block.size()) {
    block.resize(std::min<std::uint64_t>(size - at, kReadBlock));
    source.read_at(at, block);
    hash.update(block);
  }
  return hash.finish();
}

// A history pack on its way: everything that is added goes into one git pack.
class HistoryPackWriter {
 public:
  explicit HistoryPackWriter(store::Store& store)
      : environment_(store.environment()),
        folder_(fs::unique_path(store.layout().temporary(), "push-")),
        made_(std::make_unique<HistoryPack>(environment_.fs, folder_)) {
    make_folder_lazily(environment_.fs, store.layout().temporary());
    make_folder_lazily(environment_.fs, folder_);
    writer_ = std::make_unique<history::GitPackWriter>(environment_.fs, folder_, environment_.random,
                                                       history::PackUse::send);
  }

  void add(const history::RawObject& object) { writer_->add(object.type, object.content); }
  void add_nonce() {
    std::array<std::byte, 16> nonce;
    environment_.random.fill(nonce);
    writer_->add(history::ObjectType::blob, nonce);
  }

  std::unique_ptr<HistoryPack> finish() {
    made_->path = folder_ / ("pack-" + writer_->finish()->hex() + ".pack");
    const auto file = environment_.fs.open(made_->path, {});
    const auto size = file->info().size;
    made_->pack = {PackKind::history, hash_file(*file, size), size, 0};
    return std::move(made_);
  }

 private:
  const store::Environment& environment_;
  fs::Path folder_;
  std::unique_ptr<HistoryPack> made_;
  std::unique_ptr<history::GitPackWriter> writer_;
};

}  // namespace

// Each object is read once, to look at it and to send it.
HistoryPlan plan_history(store::Store& store, const ModelName& model,
                         const std::map<std::string, GitId>& remote_refs, std::span<const GitId> tips,
                         const CancelToken& cancel) {
  HistoryPlan plan;
  const auto there = shared_tips(store, remote_refs, [&](const auto& other) { return other == model; });
  plan.near = near_tips(store, there, tips);
  plan.objects = store.history().objects(tips, plan.near);
  if (plan.objects.empty()) return plan;
  ObjectSurvey survey(store, plan);
  HistoryPackWriter writer(store);
  for (const auto& id : plan.objects) {
    cancel.throw_if_cancelled();
    const auto object = store.history().read_raw(id);
    survey.look_at(id, object);
    writer.add(object);
  }
  plan.pack = writer.finish();
  plan.kin = kin_tips(store, model, remote_refs, survey.bases());
  return plan;
}

HistoryPack::~HistoryPack() {
  try {
    fs::remove_all(fs_, folder_);
  } catch (const std::exception&) {  // gc sweeps tmp/
  }
}

std::unique_ptr<HistoryPack> rename_history_pack(store::Store& store, std::span<const GitId> objects,
                                                 const CancelToken& cancel) {
  HistoryPackWriter writer(store);
  for (const auto& id : objects) {
    cancel.throw_if_cancelled();
    writer.add(store.history().read_raw(id));
  }
  writer.add_nonce();
  return writer.finish();
}

}  // namespace axon::sync

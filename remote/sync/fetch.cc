#include "remote/sync/fetch.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/store/resolve.h"
#include "remote/sync/fetch_content.h"
#include "remote/sync/fetch_history.h"
#include "remote/sync/ref_names.h"
#include "remote/sync/tracking.h"

namespace axon::sync {

namespace {

using Refs = std::map<std::string, GitId>;

Error no_such_model(const Refs& refs, const ModelName& model, const std::string& location) {
  std::set<std::string> names;
  for (const auto& [ref, tip] : refs) {
    if (const auto parsed = parse_ref(ref)) names.insert(parsed->model.text());
  }
  Error error(ErrorCode::not_found, "there is no model '" + model.text() + "' at '" + location + "'");
  if (names.empty()) return std::move(error).because("nothing was pushed there yet");
  if (const auto meant = did_you_mean(model.text(), {names.begin(), names.end()}))
    error.hint("did you mean '" + *meant + "'?");
  return error;
}

Refs refs_of_model(const Refs& refs, const ModelName& model, const std::string& location) {
  Refs own;
  for (const auto& [ref, tip] : refs) {
    const auto parsed = parse_ref(ref);
    if (parsed && parsed->model == model) own.emplace(ref, tip);
  }
  if (own.empty()) throw no_such_model(refs, model, location);
  return own;
}

// Tips that no local ref leads to directly: the rest is known to be complete.
std::vector<GitId> tips_to_fetch(store::Store& store, const Refs& refs) {
  std::set<GitId> wants;
  for (const auto& [ref, tip] : refs) wants.insert(tip);
  for (const auto& ref : store.history().refs("refs/")) wants.erase(ref.target);
  return {wants.begin(), wants.end()};
}

// Versions have one name everywhere: new ones are taken over, others stay as they are here.
void take_tags(store::Store& store, const Refs& refs, const FetchOptions& options, FetchResult& result,
               const CancelToken& cancel) {
  auto& history = store.history();
  const auto lock = store.lock_publish(cancel);
  std::vector<history::RefUpdate> updates;
  for (const auto& [ref, tip] : refs) {
    const auto parsed = parse_ref(ref);
    if (parsed->kind != RefKind::version) continue;
    const auto here = history.ref(ref);
    const bool branch = history.ref(Line{parsed->model, parsed->name}.ref()).has_value();
    if (here && here->target == tip) continue;
    if (here || branch) {
      result.warnings.push_back("'" + parsed->text() +
                                "' is another version here than at the remote, and stays");
      continue;
    }
    updates.push_back({ref, {}, tip});
    result.updates.push_back({ref, std::nullopt, tip});
  }
  if (!updates.empty()) history.update_refs(updates, options.who, "from " + options.remote_name);
}

FetchResult fetch_refs(store::Store& store, Remote& remote, const Refs& refs, const FetchOptions& options,
                       Progress& progress, const CancelToken& cancel) {
  FetchResult result;
  if (const auto wants = tips_to_fetch(store, refs); !wants.empty()) {
    const auto history = fetch_history(store, remote, wants, cancel);
    const auto content = fetch_content(store, remote, wants, history.files, progress, cancel);
    result.commits = history.commits;
    result.frames_received = content.frames;
    result.bytes_received = history.bytes + content.bytes;
  }
  result.updates = update_tracking_refs(store, options.remote_name, refs, options.who, cancel);
  take_tags(store, refs, options, result, cancel);
  return result;
}

// The line that a clone is about.
Line choose_line(const Refs& refs, const ModelName& model) {
  Line main_line{model, std::nullopt};
  if (refs.contains(main_line.ref())) return main_line;
  std::vector<Line> lines;
  for (const auto& [ref, tip] : refs) {
    if (auto line = Line::from_ref(ref)) lines.push_back(std::move(*line));
  }
  if (lines.size() == 1) return lines.front();
  Error error(ErrorCode::not_found, "'" + model.text() + "' has no main line at the remote");
  for (const auto& line : lines) error.hint("it has '" + line.text() + "'");
  throw error;
}

// Where the local line has to go: nullopt if it may stay where it is.
std::optional<history::RefUpdate> line_update(store::Store& store, const Line& line, const GitId& tip) {
  auto& history = store.history();
  const auto here = history.ref(line.ref());
  if (!here) {
    store::check_new_model(store, line.model);
    return history::RefUpdate{line.ref(), {}, tip};
  }
  if (here->target == tip || history.is_ancestor(tip, here->commit)) return std::nullopt;
  if (history.is_ancestor(here->commit, tip)) return history::RefUpdate{line.ref(), here->target, tip};
  throw Error(ErrorCode::moved, "cannot clone '" + line.text() + "' into this store")
      .because("the line is here already and has gone another way")
      .hint("clone it into another store with `--home DIR`");
}

GitId take_line(store::Store& store, const Line& line, const GitId& tip, const FetchOptions& options,
                const CancelToken& cancel) {
  const auto lock = store.lock_publish(cancel);
  const auto update = line_update(store, line, tip);
  if (!update) return store.history().ref(line.ref())->commit;
  const std::vector<history::RefUpdate> updates{*update};
  store.history().update_refs(updates, options.who, "clone from " + options.remote_name);
  return tip;
}

}  // namespace

FetchResult fetch(store::Store& store, Remote& remote, const FetchOptions& options, Progress& progress,
                  const CancelToken& cancel) {
  const auto start = store.environment().clock.now_ns();
  const auto lock = store.lock_content(cancel);
  const auto refs = refs_of_model(remote.refs(), options.model, remote.capabilities().location);
  auto result = fetch_refs(store, remote, refs, options, progress, cancel);
  result.elapsed_ns = store.environment().clock.now_ns() - start;
  return result;
}

CloneResult clone(store::Store& store, Remote& remote, const FetchOptions& options, Progress& progress,
                  const CancelToken& cancel) {
  const auto start = store.environment().clock.now_ns();
  const auto lock = store.lock_content(cancel);
  const auto refs = refs_of_model(remote.refs(), options.model, remote.capabilities().location);
  const auto line = choose_line(refs, options.model);
  if (!store.history().ref(line.ref())) store::check_new_model(store, options.model);
  auto fetched = fetch_refs(store, remote, refs, options, progress, cancel);
  const auto tip = take_line(store, line, refs.at(line.ref()), options, cancel);
  fetched.elapsed_ns = store.environment().clock.now_ns() - start;
  return {std::move(fetched), line, tip};
}

}  // namespace axon::sync

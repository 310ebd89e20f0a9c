#include "remote/sync/push_refs.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/store/resolve.h"
#include "remote/sync/push.h"
#include "remote/sync/ref_names.h"

namespace axon::sync {

namespace {

std::string folded(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Error cannot_push(const std::string& ref, const std::string& location, ErrorCode code) {
  return Error(code, "cannot push '" + spec_of_ref(ref) + "' to '" + location + "'");
}

class Changes {
 public:
  Changes(store::Store& store, const std::map<std::string, GitId>& remote_refs, const std::string& location)
      : history_(store.history()), remote_refs_(remote_refs), location_(location) {}

  std::optional<RefChange> change(const std::string& ref) {
    const auto local = history_.ref(ref);
    if (!local) throw cannot_push(ref, location_, ErrorCode::not_found).because("it is not in this store");
    const auto there = remote_refs_.find(ref);
    if (there == remote_refs_.end()) {
      check_name(ref);
      return RefChange{ref, std::nullopt, local->target};
    }
    if (there->second == local->target) return std::nullopt;
    check_forward(ref, *local, there->second);
    return RefChange{ref, there->second, local->target};
  }

 private:
  void check_forward(const std::string& ref, const history::Ref& local, const GitId& there) {
    const auto moved = cannot_push(ref, location_, ErrorCode::moved);
    if (parse_ref(ref)->kind == RefKind::version) {
      throw Error(moved)
          .because("a version of this name leads elsewhere there, to " + there.short_hex())
          .hint("give this version another name");
    }
    if (!history_.contains(there) || !history_.is_ancestor(there, local.commit)) {
      throw Error(moved)
          .because("the remote moved to " + there.short_hex())
          .hint("run `axon pull`, then push again");
    }
  }

  // Lines and models share folders of refs, here and on file systems that do not tell cases apart.
  void check_name(const std::string& ref) {
    const auto name = folded(parse_ref(ref)->model.text());
    for (const auto& [other_ref, tip] : remote_refs_) {
      const auto parsed = parse_ref(other_ref);
      if (!parsed || parsed->model == parse_ref(ref)->model) continue;
      const auto other = folded(parsed->model.text());
      if (other == name || other.starts_with(name + "/") || name.starts_with(other + "/")) {
        throw cannot_push(ref, location_, ErrorCode::already_exists)
            .because("the remote has a model '" + parsed->model.text() + "', and the names clash")
            .hint("push it under another name");
      }
    }
  }

  history::Repository& history_;
  const std::map<std::string, GitId>& remote_refs_;
  const std::string& location_;
};

// The tags of a model that lead to one of the commits of these lines.
std::vector<std::string> reached_tags(store::Store& store, const ModelName& model, const Line& line) {
  auto& history = store.history();
  const auto tip = history.ref(line.ref());
  std::vector<std::string> refs;
  for (const auto& ref : history.refs("refs/tags/" + model.text() + "@")) {
    if (tip && parse_ref(ref.name) && history.is_ancestor(ref.commit, tip->commit)) refs.push_back(ref.name);
  }
  return refs;
}

Error nothing_to_push(const ModelSpec& spec, const Line& line, store::Store& store) {
  if (!spec.version) {
    return Error(ErrorCode::not_found, "there is no version of '" + line.text() + "' to push")
        .hint("`axon commit` makes the first; `axon models` lists what is in the store");
  }
  Error error(ErrorCode::not_found, "there is no '" + spec.text() + "' to push");
  std::vector<std::string> names;
  for (const auto& model : store::list_models(store)) {
    names.push_back(model.name.text());
    for (const auto& version : model.versions) names.push_back(model.name.text() + "@" + version.name);
  }
  if (const auto meant = did_you_mean(spec.text(), names)) error.hint("did you mean '" + *meant + "'?");
  return error.hint("`axon models` lists what is in the store");
}

}  // namespace

std::vector<RefChange> changes_to_push(store::Store& store, const std::map<std::string, GitId>& remote_refs,
                                       std::span<const std::string> refs, const std::string& location) {
  Changes changes(store, remote_refs, location);
  std::vector<RefChange> result;
  const std::set<std::string> distinct(refs.begin(), refs.end());
  for (const auto& ref : distinct) {
    if (!parse_ref(ref)) throw Error(ErrorCode::usage, "'" + ref + "' is neither a line nor a version");
    if (auto change = changes.change(ref)) result.push_back(std::move(*change));
  }
  return result;
}

std::vector<std::string> refs_to_push(store::Store& store, const ModelSpec& spec,
                                      const std::optional<Line>& here) {
  if (spec.back != 0) {
    throw Error(ErrorCode::usage, "cannot push '" + spec.text() + "'")
        .because("only lines and named versions are pushed")
        .hint("name it first: `axon tag NAME " + spec.text() + "`");
  }
  if (!spec.model && !here) {
    throw Error(ErrorCode::usage, "'" + spec.text() + "' names no model")
        .because("only inside a workspace can the name be left out");
  }
  const auto model = spec.model ? *spec.model : here->model;
  auto& history = store.history();
  Line line{model, std::nullopt};
  if (!spec.model && !spec.version) line = *here;
  if (spec.version && *spec.version != "main" && *spec.version != "latest") {
    const auto name = VersionName::parse(*spec.version);
    const auto tag = tag_ref(model, name);
    if (history.ref(tag)) return {tag};
    line.branch = name;
  }
  if (!history.ref(line.ref())) throw nothing_to_push(spec, line, store);
  auto refs = reached_tags(store, model, line);
  refs.insert(refs.begin(), line.ref());
  return refs;
}

}  // namespace axon::sync

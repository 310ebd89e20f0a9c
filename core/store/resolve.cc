#include "core/store/resolve.h"

#include <algorithm>
#include <map>

#include "core/base/error.h"

namespace axon::store {
namespace {

constexpr const char* kHeads = "refs/heads/";
constexpr const char* kTags = "refs/tags/";

std::string folded(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// "refs/tags/NS/NAME@VERSION" → (NS/NAME, VERSION); a ref that axon did not make gives nothing.
std::optional<std::pair<ModelName, std::string>> split_tag(std::string_view ref) {
  ref.remove_prefix(std::string_view(kTags).size());
  const auto at = ref.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  try {
    return std::pair(ModelName::parse(ref.substr(0, at)), std::string(ref.substr(at + 1)));
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_hex(std::string_view text) {
  return text.size() >= 7 && text.size() <= 40 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class Resolver {
 public:
  Resolver(Store& store, const ModelSpec& spec, const std::optional<ResolveContext>& context)
      : history_(store.history()), store_(store), spec_(spec), context_(context) {}

  ResolvedSpec resolve() {
    ResolvedSpec found = start();
    for (std::uint32_t step = 0; step < spec_.back; ++step) found = parent_of(found);
    return found;
  }

 private:
  bool relative() const { return !spec_.model; }
  const ModelName& model() const { return spec_.model ? *spec_.model : context_->line.model; }

  ResolvedSpec start() {
    if (relative() && !context_) {
      throw Error(ErrorCode::usage, "'" + spec_.text() + "' names no model")
          .because("only inside a workspace can the name be left out")
          .hint("write it as `NAMESPACE/NAME" + spec_.text() + "`");
    }
    if (!spec_.version) return spec_.back > 0 && relative() ? from_base() : from_line(own_line());
    const std::string& version = *spec_.version;
    if (version == "latest") return from_line(own_line());
    if (version == "main") return from_line({model(), std::nullopt});
    if (version == "HEAD" && relative()) return from_base();
    if (version == "live") {
      throw Error(ErrorCode::usage, "'" + spec_.text() + "' is known to an instance only")
          .because("a store serves nothing")
          .hint("name the remote: `REMOTE:live`");
    }
    return from_version(version);
  }

  Line own_line() const { return relative() ? context_->line : Line{model(), std::nullopt}; }

  ResolvedSpec from_base() {
    if (!context_->base) {
      throw Error(ErrorCode::not_found, "there is no version yet in this workspace")
          .hint("run `axon commit`");
    }
    return {model(), *context_->base, std::nullopt, std::nullopt, std::nullopt};
  }

  ResolvedSpec from_line(const Line& line) {
    const auto ref = history_.ref(line.ref());
    if (!ref) throw_no_line(line);
    return {model(), ref->commit, std::nullopt, line, std::nullopt};
  }

  ResolvedSpec from_version(const std::string& version) {
    std::vector<GitId> commits;
    if (is_hex(version)) commits = own_commits(version);
    if (auto named = from_name(version)) {
      if (!commits.empty() && version.size() < 40) {
        named->note = "'" + version + "' is also the prefix of commit " + commits.front().short_hex() +
                      ": the name wins";
      }
      return *named;
    }
    if (commits.size() == 1) return {model(), commits.front(), std::nullopt, std::nullopt, std::nullopt};
    if (commits.size() > 1) throw_ambiguous(version, commits);
    throw_no_version(version);
  }

  std::optional<ResolvedSpec> from_name(const std::string& version) {
    std::optional<VersionName> name;
    try {
      name = VersionName::parse(version);
    } catch (const Error&) {
      return std::nullopt;
    }
    if (const auto tag = history_.ref(tag_ref(model(), *name))) {
      return ResolvedSpec{model(), tag->commit, name, std::nullopt, std::nullopt};
    }
    const Line line{model(), name};
    if (const auto branch = history_.ref(line.ref())) {
      return ResolvedSpec{model(), branch->commit, std::nullopt, line, std::nullopt};
    }
    return std::nullopt;
  }

  // Commits of other models may share the prefix: only those that a ref of this one reaches count.
  std::vector<GitId> own_commits(const std::string& prefix) {
    auto found = history_.find_commits(prefix);
    std::vector<GitId> tips = tips_of_model();
    std::erase_if(found, [&](const GitId& commit) {
      return std::none_of(tips.begin(), tips.end(), [&](const GitId& tip) {
        return tip == commit || history_.is_ancestor(commit, tip);
      });
    });
    return found;
  }

  std::vector<GitId> tips_of_model() {
    std::vector<GitId> tips;
    for (const auto& version : versions_of(store_, model())) tips.push_back(version.commit);
    if (const auto main = history_.ref(Line{model(), std::nullopt}.ref())) tips.push_back(main->commit);
    for (const auto& ref : history_.refs("refs/remotes/")) {
      if (ref.name.find("/" + model().text()) != std::string::npos) tips.push_back(ref.commit);
    }
    if (context_ && context_->base && context_->line.model == model()) tips.push_back(*context_->base);
    return tips;
  }

  ResolvedSpec parent_of(const ResolvedSpec& from) {
    const auto commit = history_.commit(from.commit);
    if (commit.parents.empty()) {
      throw Error(ErrorCode::not_found, "'" + spec_.text() + "' goes back beyond the first version")
          .because("commit " + commit.id.short_hex() + " has no parent");
    }
    return {from.model, commit.parents.front(), std::nullopt, std::nullopt, from.note};
  }

  [[noreturn]] void throw_no_line(const Line& line) {
    std::vector<std::string> names;
    bool known = false;
    for (const auto& info : list_models(store_)) {
      names.push_back(info.name.text());
      known = known || info.name == line.model;
    }
    Error error(ErrorCode::not_found, known ? "'" + line.text() + "' has no version on its main line"
                                            : "there is no model '" + line.model.text() + "' in the store");
    if (relative()) error.hint("run `axon commit`");
    if (!known) suggest(error, did_you_mean(line.model.text(), names), "axon models");
    throw error;
  }

  [[noreturn]] void throw_no_version(const std::string& version) {
    std::vector<std::string> names;
    for (const auto& info : versions_of(store_, model())) names.push_back(info.name);
    if (names.empty() && !history_.ref(Line{model(), std::nullopt}.ref()))
      throw_no_line({model(), std::nullopt});
    Error error(ErrorCode::not_found, "'" + model().text() + "' has no version '" + version + "'");
    suggest(error, did_you_mean(version, names), "axon tag");
    throw error;
  }

  [[noreturn]] void throw_ambiguous(const std::string& version, const std::vector<GitId>& commits) {
    throw Error(ErrorCode::usage, "'" + version + "' could be several commits")
        .because("'" + commits[0].hex() + "' and '" + commits[1].hex() + "' start so")
        .hint("give more digits");
  }

  static void suggest(Error& error, const std::optional<std::string>& meant,
                      const std::string& list_command) {
    error.hint(meant ? "did you mean '" + *meant + "'?" : "run `" + list_command + "` to see what there is");
  }

  history::Repository& history_;
  Store& store_;
  const ModelSpec& spec_;
  const std::optional<ResolveContext>& context_;
};

bool is_path_prefix(const std::string& shorter, const std::string& longer) {
  return longer.size() > shorter.size() && longer.starts_with(shorter) && longer[shorter.size()] == '/';
}

}  // namespace

ResolvedSpec resolve(Store& store, const ModelSpec& spec, const std::optional<ResolveContext>& context) {
  return Resolver(store, spec, context).resolve();
}

std::vector<ModelInfo> list_models(Store& store) {
  std::map<ModelName, ModelInfo> models;
  const auto info_of = [&](const ModelName& name) -> ModelInfo& {
    return models.try_emplace(name, ModelInfo{name, std::nullopt, {}}).first->second;
  };
  for (const auto& ref : store.history().refs(kTags)) {
    if (auto tag = split_tag(ref.name))
      info_of(tag->first).versions.push_back({tag->second, ref.commit, false});
  }
  for (const auto& ref : store.history().refs(kHeads)) {
    const auto line = Line::from_ref(ref.name);
    if (!line) continue;
    auto& info = info_of(line->model);
    if (line->branch) {
      info.versions.push_back({line->branch->text(), ref.commit, true});
    } else {
      info.tip = ref.commit;
    }
  }
  std::vector<ModelInfo> list;
  for (auto& [name, info] : models) list.push_back(std::move(info));
  return list;
}

std::vector<VersionInfo> versions_of(Store& store, const ModelName& model) {
  std::vector<VersionInfo> versions;
  const auto collect = [&](const std::string& prefix, bool branch) {
    for (const auto& ref : store.history().refs(prefix)) {
      versions.push_back({ref.name.substr(prefix.size()), ref.commit, branch});
    }
  };
  collect(kTags + model.text() + "@", false);
  collect(kHeads + model.text() + "@", true);
  return versions;
}

void check_new_model(Store& store, const ModelName& name) {
  const auto text = folded(name.text());
  for (const auto& info : list_models(store)) {
    if (info.name == name) continue;
    const auto other = folded(info.name.text());
    const bool twin = text == other;
    if (!twin && !is_path_prefix(text, other) && !is_path_prefix(other, text)) continue;
    throw Error(ErrorCode::usage, "cannot name a model '" + name.text() + "'")
        .because("the store has '" + info.name.text() + "', " +
                 (twin ? "which differs only in upper and lower case"
                       : "and one name would be a folder of the other"))
        .hint("choose another name: `axon init NAMESPACE/NAME`");
  }
}

void check_new_version(Store& store, const ModelName& model, const VersionName& name) {
  const bool tag = store.history().ref(tag_ref(model, name)).has_value();
  if (!tag && !store.history().ref(Line{model, name}.ref())) return;
  throw Error(ErrorCode::already_exists, "'" + model.text() + "' has a " + (tag ? "version" : "branch") +
                                             " '" + name.text() + "' already")
      .hint(tag ? "choose another name, or remove it with `axon tag -d " + name.text() + "`"
                : "choose another name: tags and branches share one set");
}

}  // namespace axon::store

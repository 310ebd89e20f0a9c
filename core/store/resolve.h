// Resolving specs and listing models: from the names that people use to commits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/model_spec.h"
#include "core/store/store.h"

namespace axon::store {

// Where a spec without a name starts from; made from the workspace.
struct ResolveContext {
  Line line;
  std::optional<GitId> base;
};

struct ResolvedSpec {
  ModelName model;
  GitId commit;
  std::optional<VersionName> tag;   // the version's name when a tag was asked for
  std::optional<Line> line;         // when a line's tip was asked for
  std::optional<std::string> note;  // for the user: "tag '1234567' wins over a commit with that prefix"
};

// No version: the line's tip; inside a workspace `~N` alone counts from the base. Throws Error(not_found)
// with "did you mean", Error(usage) for a spec without a name outside a workspace or `@live` of a store,
// which serves nothing.
ResolvedSpec resolve(Store& store, const ModelSpec& spec, const std::optional<ResolveContext>& context);

struct VersionInfo {
  std::string name;  // of the tag or branch
  GitId commit;
  bool branch = false;
};
struct ModelInfo {
  ModelName name;
  std::optional<GitId> tip;           // of the main line
  std::vector<VersionInfo> versions;  // tags, then branches, by name
};
std::vector<ModelInfo> list_models(Store& store);
// The names of tags that point at each commit of this model, for log.
std::vector<VersionInfo> versions_of(Store& store, const ModelName& model);

// Throws Error(usage) when `name` is a path prefix or a case-fold twin of another model in the store.
void check_new_model(Store& store, const ModelName& name);
// Throws when a tag or branch of this name exists on the model already.
void check_new_version(Store& store, const ModelName& model, const VersionName& name);

}  // namespace axon::store

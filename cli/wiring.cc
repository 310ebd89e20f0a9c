#include "cli/wiring.h"

#include "cli/settings.h"
#include "core/base/error.h"
#include "core/workspace/checkout.h"

namespace axon::cli {

namespace {

store::StoreOptions store_options(Context& context) {
  store::StoreOptions options;
  options.lock_timeout = lock_timeout(context);
  return options;
}

Error no_workspace(const Context& context) {
  return Error(ErrorCode::not_a_workspace, "'" + context.directory().string() + "' is not in a workspace")
      .hint("run `axon init` to make it one, or `axon clone` to get a model from elsewhere");
}

}  // namespace

store::Environment environment_of(Context& context) {
  return {context.host().fs, context.host().clock, context.host().random};
}

fs::Path store_root(const Context& context) {
  return context.home() / "store";
}

std::unique_ptr<store::Store> open_store(Context& context) {
  const fs::Path root = store_root(context);
  if (!fs::exists(context.host().fs, root)) {
    throw Error(ErrorCode::not_a_workspace, "there is no store yet at '" + root.string() + "'")
        .hint("run `axon init` in a directory with a model");
  }
  return std::make_unique<store::Store>(environment_of(context), root, store_options(context));
}

std::unique_ptr<store::Store> open_or_create_store(Context& context) {
  store::Store::create(environment_of(context), store_root(context));
  return open_store(context);
}

std::optional<store::ResolveContext> Place::resolve_context() const {
  if (!workspace) return std::nullopt;
  return workspace->context();
}

Place open_place(Context& context) {
  Place place;
  const auto root = workspace::Workspace::find(context.host().fs, context.directory());
  if (!root) {
    place.store = open_store(context);
    return place;
  }
  const auto environment = environment_of(context);
  place.workspace = std::make_unique<workspace::Workspace>(environment, *root);
  place.store =
      std::make_unique<store::Store>(environment, place.workspace->state().store, store_options(context));
  return place;
}

Place open_workspace(Context& context) {
  if (!workspace::Workspace::find(context.host().fs, context.directory())) throw no_workspace(context);
  return open_place(context);
}

std::vector<std::string> workspace_paths(Context& context, const Place& place,
                                         const std::vector<std::string>& typed) {
  std::vector<std::string> paths;
  for (const auto& path : typed) {
    paths.push_back(workspace::workspace_path(place.workspace->layout().root, context.directory(), path));
  }
  return paths;
}

store::ResolvedSpec resolve_spec(Context& context, const Place& place, const std::string& text) {
  auto resolved = store::resolve(*place.store, ModelSpec::parse(text), place.resolve_context());
  if (resolved.note) context.printer().warn(*resolved.note);
  return resolved;
}

ModelName model_of(const Place& place, const std::optional<ModelName>& named) {
  if (named) return *named;
  if (place.workspace) return place.workspace->state().line.model;
  throw Error(ErrorCode::usage, "which model?")
      .because("only inside a workspace can its name be left out")
      .hint("`axon models` lists those in the store");
}

}  // namespace axon::cli

// Wiring: the one place where a command gets its store, its workspace and its author from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "core/store/resolve.h"
#include "core/store/store.h"
#include "core/workspace/workspace.h"

namespace axon::cli {

// What the store and the workspace are given to work with.
store::Environment environment_of(Context& context);

// The user's store: AXON_HOME/store.
fs::Path store_root(const Context& context);
// Throws Error(not_a_workspace), hint `axon init`, when there is none yet.
std::unique_ptr<store::Store> open_store(Context& context);
// Makes it when it is absent.
std::unique_ptr<store::Store> open_or_create_store(Context& context);

// Where a command runs: always in a store, and in a workspace where there is one at or above the directory.
struct Place {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<workspace::Workspace> workspace;  // null outside of one

  std::optional<store::ResolveContext> resolve_context() const;
};
// Inside a workspace the store is the one that it names.
Place open_place(Context& context);
// The same, but throws Error(not_a_workspace) outside of a workspace.
Place open_workspace(Context& context);

// Paths as the user typed them, relative to the workspace's root. Throws Error(usage) for one outside of it.
std::vector<std::string> workspace_paths(Context& context, const Place& place,
                                         const std::vector<std::string>& typed);

// What `text` names; a note ("a tag wins over a commit of the same text") is printed as a warning.
store::ResolvedSpec resolve_spec(Context& context, const Place& place, const std::string& text);
// The model that a command is about: of the spec, or the workspace's. Throws Error(usage) when there is
// neither.
ModelName model_of(const Place& place, const std::optional<ModelName>& named);

}  // namespace axon::cli

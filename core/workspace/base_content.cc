#include "core/workspace/base_content.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/error.h"

namespace axon::workspace {

namespace {

// Of a model in more files than this the rest is stored without deltas; their recipes would only take memory.
constexpr std::size_t kMostRecipes = 4096;

std::optional<content::Recipe> find_recipe(store::Store& store, const store::VersionFile& file) {
  if (!file.pointer || file.size < content::kTensorChunkThreshold) return std::nullopt;
  try {
    auto found = store.content().recipe(file.sha256.as<Oid>());
    if (!found || found->recipe.tensors.empty()) return std::nullopt;
    return std::move(found->recipe);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity && error.code() != ErrorCode::not_found) throw;
    return std::nullopt;
  }
}

}  // namespace

BaseContent read_base_content(store::Store& store, const std::vector<store::VersionFile>& base,
                              const std::vector<std::string>& touched, const std::optional<GitId>& lineage) {
  BaseContent content;
  std::size_t read = 0;
  const std::unordered_set<std::string_view> first(touched.begin(), touched.end());
  const auto take = [&](const std::vector<store::VersionFile>& files, bool wanted_first, bool own) {
    for (const auto& file : files) {
      if (own && first.contains(file.path) != wanted_first) continue;
      if (read >= kMostRecipes) return;
      if (!file.pointer || file.size < content::kTensorChunkThreshold) continue;
      ++read;
      auto recipe = find_recipe(store, file);
      if (!recipe) continue;
      content.bases.add(*recipe);
      if (own) content.tensors.push_back({file.path, std::move(recipe->tensors)});
    }
  };
  take(base, true, true);
  take(base, false, true);
  if (lineage) take(store::read_version(store, *lineage), false, false);
  return content;
}

}  // namespace axon::workspace

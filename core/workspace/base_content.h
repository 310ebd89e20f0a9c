// What the content of a commit's ancestors lends to its own: bases for deltas, and tensors to compare with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/content/delta_bases.h"
#include "core/workspace/message.h"

namespace axon::workspace {

struct BaseContent {
  content::DeltaBases bases;
  std::vector<BaseTensors> tensors;  // of the base's files
};

// From the recipes of the base's files, those in `touched` first, and of the version `lineage`. Recipes that
// are missing or damaged are passed over: a commit does not need them.
BaseContent read_base_content(store::Store& store, const std::vector<store::VersionFile>& base,
                              const std::vector<std::string>& touched, const std::optional<GitId>& lineage);

}  // namespace axon::workspace

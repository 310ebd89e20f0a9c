// The message of a commit whose author gave none: what changed, in one line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/workspace/changes.h"

namespace axon::workspace {

// The tensors of a file of the base.
struct BaseTensors {
  std::string path;
  std::vector<content::RecipeTensor> tensors;
};

// "12 of 290 tensors changed in 2 files, change config.json"; `base`: as far as known.
std::string describe_edits(std::span<const FileEdit> edits, std::span<const BaseTensors> base);

}  // namespace axon::workspace

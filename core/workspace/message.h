// What is said of a commit: the message when its author gave none, and the line in the reflogs.
#pragma once

#include <span>
#include <string>
#include <string_view>
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

// "commit: " and the first line of the message.
std::string reflog_text(std::string_view message);

}  // namespace axon::workspace

// How differences of files and of tensors are shown.
#pragma once

#include "cli/context.h"
#include "cli/diff_sides.h"

namespace axon::cli {

enum class Totals { too, only };
enum class Numbers { no, yes };

// Print, and return whether there are differences.
bool show_file_diff(Context& context, const DiffSides& sides, Totals totals);
bool show_tensor_diff(Context& context, const DiffSides& sides, Numbers numbers);

}  // namespace axon::cli

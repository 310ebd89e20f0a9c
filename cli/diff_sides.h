// The two sides of a diff: versions in the store, or the files of the workspace.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/wiring.h"
#include "core/model/tensor_diff.h"
#include "core/model/tensor_stats.h"
#include "core/store/snapshot.h"

namespace axon::cli {

class DiffSide {
 public:
  virtual ~DiffSide() = default;
  // How people call it: "v1 (4f2c1a9be0d1)", "the files here".
  virtual std::string name() const = 0;
  virtual std::optional<GitId> commit() const = 0;
  virtual const std::vector<store::VersionFile>& files() const = 0;
  virtual std::vector<model::ModelTensor> tensors() = 0;
  virtual model::TensorReader read(const model::ModelTensor& tensor) = 0;
};

struct DiffSides {
  std::unique_ptr<DiffSide> before, after;
};

// "" for `before`: the workspace's base; for `after`: its files. The place outlives the sides.
DiffSides open_sides(Context& context, Place& place, const std::string& before, const std::string& after);

}  // namespace axon::cli

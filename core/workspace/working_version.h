// WorkingVersion: what a workspace holds right now, as a version would have it, without storing anything.
// What diffs compare with.
//
// Files that the stat cache knows are not opened. The caller holds the store's content lock.
#pragma once

#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/model/tensor_diff.h"
#include "core/model/tensor_stats.h"
#include "core/store/snapshot.h"
#include "core/workspace/workspace.h"

namespace axon::workspace {

struct WorkingVersion {
  std::vector<store::VersionFile> files;  // sorted by path bytes
  std::vector<std::string> warnings;      // what is left out, and why
};

// Throws Error(failed) for a file that changes while it is read.
WorkingVersion read_working_version(store::Store& store, Workspace& workspace, Progress& progress,
                                    const CancelToken& cancel);

// All tensors of these files: by recipe where the store has the content, else by reading the file.
std::vector<model::ModelTensor> read_working_tensors(store::Store& store, const Workspace& workspace,
                                                     const WorkingVersion& version, Progress& progress,
                                                     const CancelToken& cancel);

// A tensor's bytes, from the file. The workspace outlives the reader.
model::TensorReader working_tensor_reader(const Workspace& workspace, const model::ModelTensor& tensor);

}  // namespace axon::workspace

// compare: how the files and the tensors of two versions differ.
//
// From sizes, hashes and recipes alone: no content is read. The caller holds the store's content lock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/tensor_diff.h"
#include "core/model/tensor_stats.h"
#include "core/store/snapshot.h"

namespace axon::store {

enum class FileDifferenceKind { added, removed, changed, renamed };

struct FileDifference {
  FileDifferenceKind kind = FileDifferenceKind::changed;
  std::optional<VersionFile> before, after;  // both of changed and renamed files
  const std::string& path() const { return after ? after->path : before->path; }
};

// Sorted by path. A removed and an added file with the same content (more than 0 bytes) are one renamed file.
// A file whose mode alone changed is changed.
std::vector<FileDifference> compare_files(const std::vector<VersionFile>& before,
                                          const std::vector<VersionFile>& after);

// All tensors of a version's files, by their recipes; files without a tensor table give none. Throws
// Error(integrity) when a file has no readable recipe.
std::vector<model::ModelTensor> read_tensors(Store& store, const std::vector<VersionFile>& files);

// A tensor's bytes, one block after another, each chunk checked against its name. `tensor` is one of
// `files` of a version. The store outlives the reader.
model::TensorReader tensor_reader(Store& store, const std::vector<VersionFile>& files,
                                  const model::ModelTensor& tensor);

}  // namespace axon::store

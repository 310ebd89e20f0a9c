// diff_tensors: what changed between two versions of a model, from names and ids alone; no weights are read.
//
// Tensors are matched by name. Where one name occurs more than once (a model that ships two formats), those
// in the same file are matched first, then those of equal id, then in order. A tensor that moved to another
// file and kept its name and id is unchanged: sharding is no property of a model. What is left over is
// removed or added; a removed and an added tensor with equal id, dtype and shape are one renamed tensor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/ids.h"

namespace axon::model {

struct ModelTensor {
  std::string name, dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t length = 0;  // bytes
  TensorId id;
  std::string file;  // the path in the model that holds it
};

// Points into the spans given to diff_tensors, which outlive it.
struct TensorPair {
  const ModelTensor* before = nullptr;
  const ModelTensor* after = nullptr;
};

struct TensorDiff {
  std::vector<const ModelTensor*> added, removed;
  std::vector<TensorPair> renamed;   // other name, same content
  std::vector<TensorPair> retyped;   // other dtype (and perhaps another shape)
  std::vector<TensorPair> reshaped;  // same dtype, other shape
  std::vector<TensorPair> changed;   // same dtype and shape, other content
  std::size_t unchanged = 0;

  // False when the two versions hold the same tensors.
  bool any() const;
};

// Every list is sorted by name (of a pair: the name after).
TensorDiff diff_tensors(std::span<const ModelTensor> before, std::span<const ModelTensor> after);

}  // namespace axon::model

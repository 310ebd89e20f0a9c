// DeltaBases: the tensors of the version that a commit starts from, by name; where the encoder finds bases
// for deltas.
//
// Built once per commit from the recipes of the parents (and of `Axon-Base:`), read by all threads.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/content/layout.h"
#include "core/content/recipe.h"

namespace axon::content {

class DeltaBases {
 public:
  // Remembers the chunked tensors of `recipe`; of several with one name the first added stays.
  void add(const Recipe& recipe);
  // The chunks of the tensor that `tensor` continues: same name, dtype and length; else empty.
  std::span<const ChunkId> find(const LayoutTensor& tensor) const;
  bool empty() const { return tensors_.empty(); }

 private:
  struct Base {
    std::string dtype;
    std::uint64_t length = 0;
    std::vector<ChunkId> chunks;
  };
  std::unordered_map<std::string, Base> tensors_;
};

// The chunks of `recipe` that tile exactly [tensor.offset, +length), or empty when the tensor has no chunks
// of its own.
std::span<const RecipeChunk> chunks_of(const Recipe& recipe, const RecipeTensor& tensor);

}  // namespace axon::content

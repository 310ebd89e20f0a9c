// Recipe: the list of chunks that tile a file, and the table of the tensors in it. Grammar:
// docs/formats/recipe.md.
//
// A recipe is an object of its own; its id is the SHA-256 of its encoded bytes. Encoding is canonical: one
// recipe, one byte string. A tensor's id is the SHA-256 of its bytes when it is shorter than
// kTensorChunkThreshold, else the SHA-256 of its chunks' ids one after another followed by its length (u64,
// little-endian): equal content, equal id, in any file, shard or format.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace axon::content {

constexpr std::uint64_t kTensorChunkThreshold =
    64 * 1024;  // a tensor of this size or more starts its own chunks
constexpr std::uint32_t kTensorChunkSize = 1024 * 1024;  // and they have this size, the last one excepted
constexpr std::uint32_t kMaxChunkSize = 1024 * 1024;     // of any chunk
constexpr std::size_t kMaxRecipeSize = std::size_t{64} << 20;  // encoded

struct RecipeChunk {
  ChunkId id;
  std::uint32_t length = 0;  // 1 … kMaxChunkSize
  bool operator==(const RecipeChunk&) const = default;
};

struct RecipeTensor {
  std::string name, dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t offset = 0, length = 0;
  TensorId id;
  bool operator==(const RecipeTensor&) const = default;
};

struct Recipe {
  Oid oid;
  std::uint64_t size = 0;  // = the sum of the chunks' lengths
  std::vector<RecipeChunk> chunks;
  std::vector<RecipeTensor> tensors;  // sorted by offset, not overlapping
  bool operator==(const Recipe&) const = default;
};

// Throws Error(failed) when the recipe breaks an invariant above or a cap.
Bytes encode_recipe(const Recipe& recipe);
// Throws Error(integrity) for anything that encode_recipe would not have written.
Recipe decode_recipe(ByteSpan bytes);
RecipeId recipe_id(ByteSpan encoded);

TensorId large_tensor_id(std::span<const RecipeChunk> chunks, std::uint64_t length);

}  // namespace axon::content

#include "core/content/delta_bases.h"

#include <algorithm>

namespace axon::content {
namespace {

// Chunk boundaries of a recipe: boundaries[i] is the offset of chunk i, and one more for the end.
std::vector<std::uint64_t> boundaries_of(const Recipe& recipe) {
  std::vector<std::uint64_t> boundaries;
  boundaries.reserve(recipe.chunks.size() + 1);
  std::uint64_t offset = 0;
  for (const auto& chunk : recipe.chunks) {
    boundaries.push_back(offset);
    offset += chunk.length;
  }
  boundaries.push_back(offset);
  return boundaries;
}

std::span<const RecipeChunk> chunks_between(const Recipe& recipe,
                                            const std::vector<std::uint64_t>& boundaries, std::uint64_t begin,
                                            std::uint64_t end) {
  const auto first = std::lower_bound(boundaries.begin(), boundaries.end(), begin);
  const auto last = std::lower_bound(first, boundaries.end(), end);
  if (first == boundaries.end() || last == boundaries.end() || *first != begin || *last != end) return {};
  return std::span(recipe.chunks).subspan(first - boundaries.begin(), last - first);
}

bool has_own_chunks(const RecipeTensor& tensor) {
  return tensor.length >= kTensorChunkThreshold;
}

}  // namespace

std::span<const RecipeChunk> chunks_of(const Recipe& recipe, const RecipeTensor& tensor) {
  if (!has_own_chunks(tensor)) return {};
  return chunks_between(recipe, boundaries_of(recipe), tensor.offset, tensor.offset + tensor.length);
}

void DeltaBases::add(const Recipe& recipe) {
  const auto boundaries = boundaries_of(recipe);
  for (const auto& tensor : recipe.tensors) {
    if (!has_own_chunks(tensor)) continue;
    const auto chunks = chunks_between(recipe, boundaries, tensor.offset, tensor.offset + tensor.length);
    if (chunks.empty()) continue;
    Base base{tensor.dtype, tensor.length, {}};
    base.chunks.reserve(chunks.size());
    for (const auto& chunk : chunks) base.chunks.push_back(chunk.id);
    tensors_.try_emplace(tensor.name, std::move(base));
  }
}

std::span<const ChunkId> DeltaBases::find(const LayoutTensor& tensor) const {
  const auto found = tensors_.find(tensor.name);
  if (found == tensors_.end()) return {};
  if (found->second.dtype != tensor.dtype || found->second.length != tensor.length) return {};
  return found->second.chunks;
}

}  // namespace axon::content

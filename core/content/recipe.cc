#include "core/content/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/utf8.h"

namespace axon::content {

namespace {

constexpr std::string_view kMagic = "AXONRECP";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHeaderSize = 64;
constexpr std::size_t kChunkSize = ChunkId::kSize + 4;            // in the two chunk tables together
constexpr std::size_t kTensorSize = 8 + 8 + TensorId::kSize + 4;  // before name, dtype and shape
constexpr std::size_t kMaxNameLength = 4096;
constexpr std::size_t kMaxDtypeLength = 32;
constexpr std::size_t kMaxRank = 16;

// What is wrong with a recipe, in words; empty when nothing is.
using Fault = std::string;

Fault chunk_fault(const Recipe& recipe) {
  std::uint64_t sum = 0;  // cannot overflow: a recipe of 64 MiB holds fewer than 2^21 chunks of 2^20 bytes
  for (const RecipeChunk& chunk : recipe.chunks) {
    if (chunk.length == 0 || chunk.length > kMaxChunkSize) {
      return fmt::format("a chunk has {} bytes", chunk.length);
    }
    sum += chunk.length;
  }
  if (sum != recipe.size) return fmt::format("its chunks have {} bytes, its file {}", sum, recipe.size);
  return {};
}

Fault tensor_fault(const RecipeTensor& tensor) {
  if (tensor.name.size() > kMaxNameLength) return "a tensor's name is too long";
  if (!is_utf8(tensor.name)) return "a tensor's name is not UTF-8";
  if (tensor.dtype.size() > kMaxDtypeLength) return "a tensor's dtype is too long";
  if (!is_utf8(tensor.dtype)) return "a tensor's dtype is not UTF-8";
  if (tensor.shape.size() > kMaxRank) return "a tensor has too many dimensions";
  return {};
}

Fault tensors_fault(const Recipe& recipe) {
  std::uint64_t end = 0;
  for (const RecipeTensor& tensor : recipe.tensors) {
    if (Fault fault = tensor_fault(tensor); !fault.empty()) return fault;
    if (tensor.offset < end) return "its tensors overlap or are not sorted";
    if (tensor.offset > recipe.size || tensor.length > recipe.size - tensor.offset) {
      return "a tensor leaves the file";
    }
    end = tensor.offset + tensor.length;
  }
  return {};
}

std::size_t encoded_size(const RecipeTensor& tensor) {
  return kTensorSize + tensor.name.size() + tensor.dtype.size() + 8 * tensor.shape.size();
}

// Counts up without overflow: every single summand is far below 2^63, and the sum stops at the cap.
std::size_t encoded_size(const Recipe& recipe) {
  std::size_t size = kHeaderSize;
  if (recipe.chunks.size() > kMaxRecipeSize / kChunkSize) return kMaxRecipeSize + 1;
  size += recipe.chunks.size() * kChunkSize;
  for (const RecipeTensor& tensor : recipe.tensors) {
    size += encoded_size(tensor);
    if (size > kMaxRecipeSize) break;
  }
  return size;
}

void append_header(Bytes& to, const Recipe& recipe) {
  append(to, as_bytes(kMagic));
  append_le(to, kVersion);
  append_le(to, std::uint16_t{0});
  append_le(to, static_cast<std::uint32_t>(recipe.chunks.size()));
  append(to, recipe.oid.span());
  append_le(to, recipe.size);
  append_le(to, static_cast<std::uint32_t>(recipe.tensors.size()));
  append_le(to, std::uint32_t{0});
}

void append_tensor(Bytes& to, const RecipeTensor& tensor) {
  append_le(to, tensor.offset);
  append_le(to, tensor.length);
  append(to, tensor.id.span());
  append_le(to, static_cast<std::uint16_t>(tensor.name.size()));
  append_le(to, static_cast<std::uint8_t>(tensor.dtype.size()));
  append_le(to, static_cast<std::uint8_t>(tensor.shape.size()));
  append(to, as_bytes(tensor.name));
  append(to, as_bytes(tensor.dtype));
  for (const std::uint64_t extent : tensor.shape) append_le(to, extent);
}

[[noreturn]] void refuse(std::string cause) {
  throw Error(ErrorCode::integrity, "cannot read a recipe").because(std::move(cause));
}

// Hands out the bytes of a recipe from front to back, never more than there are.
class Reader {
 public:
  explicit Reader(ByteSpan bytes) : rest_(bytes) {}

  ByteSpan take(std::size_t size) {
    if (size > rest_.size()) refuse("it is cut short");
    const ByteSpan taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  template <std::unsigned_integral T>
  T number() {
    return load_le<T>(take(sizeof(T)).data());
  }
  std::size_t left() const { return rest_.size(); }

 private:
  ByteSpan rest_;
};

struct Counts {
  std::uint32_t chunks = 0, tensors = 0;
};

Counts read_header(Reader& reader, Recipe& recipe) {
  Counts counts;
  if (as_text(reader.take(kMagic.size())) != kMagic) refuse("it does not begin with 'AXONRECP'");
  if (const auto version = reader.number<std::uint16_t>(); version != kVersion) {
    refuse(fmt::format("its version is {}, this program knows {}", version, kVersion));
  }
  const auto reserved = reader.number<std::uint16_t>();
  counts.chunks = reader.number<std::uint32_t>();
  recipe.oid = Oid::from(reader.take(Oid::kSize));
  recipe.size = reader.number<std::uint64_t>();
  counts.tensors = reader.number<std::uint32_t>();
  if ((reserved | reader.number<std::uint32_t>()) != 0) refuse("a reserved field is not zero");
  return counts;
}

void read_chunks(Reader& reader, std::uint32_t count, Recipe& recipe) {
  if (count > reader.left() / kChunkSize) refuse("it is cut short");
  recipe.chunks.resize(count);
  for (RecipeChunk& chunk : recipe.chunks) chunk.id = ChunkId::from(reader.take(ChunkId::kSize));
  for (RecipeChunk& chunk : recipe.chunks) chunk.length = reader.number<std::uint32_t>();
}

RecipeTensor read_tensor(Reader& reader) {
  RecipeTensor tensor;
  tensor.offset = reader.number<std::uint64_t>();
  tensor.length = reader.number<std::uint64_t>();
  tensor.id = TensorId::from(reader.take(TensorId::kSize));
  const auto name_length = reader.number<std::uint16_t>();
  const auto dtype_length = reader.number<std::uint8_t>();
  const auto rank = reader.number<std::uint8_t>();
  tensor.name = as_text(reader.take(name_length));
  tensor.dtype = as_text(reader.take(dtype_length));
  if (rank > kMaxRank) refuse("a tensor has too many dimensions");
  tensor.shape.resize(rank);
  for (std::uint64_t& extent : tensor.shape) extent = reader.number<std::uint64_t>();
  return tensor;
}

void read_tensors(Reader& reader, std::uint32_t count, Recipe& recipe) {
  if (count > reader.left() / kTensorSize) refuse("it is cut short");
  recipe.tensors.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) recipe.tensors.push_back(read_tensor(reader));
}

}  // namespace

Bytes encode_recipe(const Recipe& recipe) {
  Fault fault = chunk_fault(recipe);
  if (fault.empty()) fault = tensors_fault(recipe);
  const std::size_t size = encoded_size(recipe);
  if (fault.empty() && size > kMaxRecipeSize) fault = "it would be larger than 64 MiB";
  if (!fault.empty()) throw Error(ErrorCode::failed, "cannot write a recipe").because(fault);

  Bytes bytes;
  bytes.reserve(size);
  append_header(bytes, recipe);
  for (const RecipeChunk& chunk : recipe.chunks) append(bytes, chunk.id.span());
  for (const RecipeChunk& chunk : recipe.chunks) append_le(bytes, chunk.length);
  for (const RecipeTensor& tensor : recipe.tensors) append_tensor(bytes, tensor);
  return bytes;
}

Recipe decode_recipe(ByteSpan bytes) {
  if (bytes.size() > kMaxRecipeSize) refuse("it is larger than 64 MiB");
  Reader reader(bytes);
  Recipe recipe;
  const Counts counts = read_header(reader, recipe);
  read_chunks(reader, counts.chunks, recipe);
  read_tensors(reader, counts.tensors, recipe);
  if (reader.left() != 0) refuse("bytes follow its end");
  if (Fault fault = chunk_fault(recipe); !fault.empty()) refuse(std::move(fault));
  if (Fault fault = tensors_fault(recipe); !fault.empty()) refuse(std::move(fault));
  return recipe;
}

RecipeId recipe_id(ByteSpan encoded) {
  return sha256(encoded).as<RecipeId>();
}

TensorId large_tensor_id(std::span<const RecipeChunk> chunks, std::uint64_t length) {
  Sha256 hasher;
  for (const RecipeChunk& chunk : chunks) hasher.update(chunk.id.span());
  std::byte tail[sizeof length];
  store_le(tail, length);
  hasher.update(tail);
  return hasher.finish().as<TensorId>();
}

}  // namespace axon::content

// Any tensor table over any file: an error, or chunks that tile the file, keep their bounds, follow the
// tensors and do not depend on how much the cutter sees.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/base/error.h"
#include "core/content/chunker.h"
#include "core/content/recipe.h"

namespace {

using namespace axon;
using namespace axon::content;

void require(bool holds) {
  if (!holds) std::abort();
}

// u32 file size (at most 1.25 MiB), u8 tensors, per tensor u64 offset and u64 length; then a mask and a seed
// (u64 each, zeros where the input ends) for a file of pseudo-random words
struct Input {
  FileLayout layout;
  Bytes file;
};
Input read(ByteSpan input) {
  Input result;
  if (input.size() < 5) return result;
  const std::size_t size = load_le<std::uint32_t>(input.data()) % (5 << 18);
  std::size_t tensors = std::to_integer<std::size_t>(input[4]);
  input = input.subspan(5);
  for (; tensors > 0 && input.size() >= 16; --tensors, input = input.subspan(16)) {
    LayoutTensor tensor;
    tensor.offset = load_le<std::uint64_t>(input.data());
    tensor.length = load_le<std::uint64_t>(input.data() + 8);
    result.layout.tensors.push_back(tensor);
  }
  std::array<std::byte, 16> tail{};
  std::copy_n(input.begin(), std::min(input.size(), tail.size()), tail.begin());
  const auto mask = load_le<std::uint64_t>(tail.data());
  auto word = load_le<std::uint64_t>(tail.data() + 8);
  result.file.resize((size + 7) / 8 * 8);
  for (std::size_t at = 0; at < size; at += 8) {
    word = (word ^ word >> 29) * 0xBF58476D1CE4E5B9 + 0x9E3779B97F4A7C15;
    store_le(result.file.data() + at, word & mask);
  }
  result.file.resize(size);
  return result;
}

std::vector<CutterChunk> cut(const Input& input, std::size_t ahead) {
  Cutter cutter(input.layout, input.file.size());
  std::vector<CutterChunk> chunks;
  while (cutter.position() < input.file.size()) {
    const ByteSpan rest = ByteSpan(input.file).subspan(cutter.position());
    chunks.push_back(cutter.next(rest.first(std::min(rest.size(), ahead))));
    require(chunks.back().length > 0);
  }
  return chunks;
}

void check(const Input& input, const std::vector<CutterChunk>& chunks) {
  std::uint64_t at = 0;
  for (const CutterChunk& chunk : chunks) {
    require(chunk.offset == at && chunk.length <= kMaxChunkSize);
    at += chunk.length;
    if (chunk.tensor < 0) continue;
    const LayoutTensor& tensor = input.layout.tensors.at(static_cast<std::size_t>(chunk.tensor));
    require(tensor.length >= kTensorChunkThreshold);
    require(chunk.offset == tensor.offset + std::uint64_t{chunk.number} * kTensorChunkSize);
    require(chunk.length == kTensorChunkSize || at == tensor.offset + tensor.length);
  }
  require(at == input.file.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Input input = read({reinterpret_cast<const std::byte*>(data), size});
  try {
    check_layout(input.layout, input.file.size());
  } catch (const Error& error) {
    require(error.code() == ErrorCode::integrity);
    return 0;
  }
  const auto chunks = cut(input, kMaxChunkSize);
  check(input, chunks);
  const auto again = cut(input, kMaxChunkSize + 4097);
  require(std::ranges::equal(chunks, again, {}, &CutterChunk::length, &CutterChunk::length));
  return 0;
}

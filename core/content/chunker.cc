#include "core/content/chunker.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/content/fastcdc.h"
#include "core/content/recipe.h"

namespace axon::content {

static_assert(kMaxCut == kMaxChunkSize);

Cutter::Cutter(const FileLayout& layout, std::uint64_t file_size) : layout_(layout), file_size_(file_size) {}

CutterChunk Cutter::next(ByteSpan ahead) {
  const auto& tensors = layout_.tensors;
  // Small tensors do not cut: they belong to the plain span around them.
  while (tensor_ < tensors.size() && (tensors[tensor_].length < kTensorChunkThreshold ||
                                      tensors[tensor_].offset + tensors[tensor_].length <= position_)) {
    ++tensor_;
  }
  CutterChunk chunk;
  chunk.offset = position_;
  const bool tensor_ahead = tensor_ < tensors.size();
  if (tensor_ahead && tensors[tensor_].offset <= position_) {
    const LayoutTensor& tensor = tensors[tensor_];
    const std::uint64_t inside = position_ - tensor.offset;
    chunk.length =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(kTensorChunkSize, tensor.length - inside));
    chunk.element = tensor.element;
    chunk.tensor = static_cast<std::int32_t>(tensor_);
    chunk.number = static_cast<std::uint32_t>(inside / kTensorChunkSize);
  } else {
    const std::uint64_t span_end = tensor_ahead ? tensors[tensor_].offset : file_size_;
    const std::uint64_t span = std::min<std::uint64_t>(span_end - position_, ahead.size());
    chunk.length = static_cast<std::uint32_t>(fastcdc_cut(ahead.first(span)));
  }
  position_ += chunk.length;
  return chunk;
}

void check_layout(const FileLayout& layout, std::uint64_t file_size) {
  const auto refuse = [](std::string cause) {
    throw Error(ErrorCode::integrity, "the file's tensor table cannot be true").because(std::move(cause));
  };
  std::uint64_t end = 0;
  for (const LayoutTensor& tensor : layout.tensors) {
    if (tensor.offset < end) {
      refuse(fmt::format("tensor '{}' begins before the one before it ends", tensor.name));
    }
    if (tensor.offset > file_size || tensor.length > file_size - tensor.offset) {
      refuse(fmt::format("tensor '{}' leaves the file", tensor.name));
    }
    end = tensor.offset + tensor.length;
  }
}

}  // namespace axon::content

// FileLayout: which tensors a file holds and where; what the cutter aligns its chunks to.
//
// Made by core/model from a file's header. Units: bytes from the start of the file. Invariant, checked by
// `check`: tensors sorted by offset, not overlapping, inside [0, file size). No tensors: the file is cut as
// plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/content/element.h"

namespace axon::content {

struct LayoutTensor {
  std::string name;   // UTF-8, at most 4096 bytes
  std::string dtype;  // the format's own word: "BF16", "F32", "Q4_K"; at most 32 bytes
  Element element = Element::bytes;
  std::vector<std::uint64_t> shape;  // row-major; empty = scalar
  std::uint64_t offset = 0, length = 0;
};

struct FileLayout {
  std::vector<LayoutTensor> tensors;
};

}  // namespace axon::content

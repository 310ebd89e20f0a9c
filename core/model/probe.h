// probe: which format a file has, and which tensors it holds where.
//
// Bytes decide first, the extension second. Only headers are read (and the directory of a zip), never the
// weights. Content may be hostile: whatever contradicts its format gives an empty layout and a warning of one
// line, never an exception, and memory stays below 64 MiB whatever a header claims. What the file system
// throws passes through.
//
// Formats named: "safetensors" and "gguf" (both with a layout), "onnx", "pytorch" (zip or legacy), "pickle",
// "keras", "hdf5", "tflite", "numpy" (.npy and .npz); "" = none of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fs/file_system.h"
#include "core/content/layout.h"

namespace axon::model {

struct Probe {
  std::string format;
  // Sorted, not overlapping, inside the file; tensors without bytes are left out. Empty: cut the file plain.
  content::FileLayout layout;
  // Why the layout is empty although the format has one: "the header is not valid JSON at byte 17". Lower
  // case, printable, at most 300 bytes; names neither the path nor the format.
  std::optional<std::string> warning;
};

// Caps on what a header may hold. Beyond them the file is cut plain, with a warning.
constexpr std::uint64_t kMaxHeaderSize = 100'000'000;  // the safetensors format's own cap; GGUF's too
constexpr std::size_t kMaxTensorTableSize = std::size_t{16} << 20;  // names, dtypes, shapes + 64 per tensor
constexpr std::size_t kMaxTensorNameSize = 4096;
constexpr std::size_t kMaxTensorRank = 16;

// `size`: of the file, in bytes, as it was when it was opened; `path`: for its extension only.
Probe probe(fs::File& file, std::uint64_t size, std::string_view path);

}  // namespace axon::model

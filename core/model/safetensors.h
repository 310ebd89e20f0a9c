// The safetensors format: u64 N, little-endian · N bytes of JSON · the weights, tiled exactly by the tensors.
//
//   {"__metadata__": {text: text}, name: {"dtype": text, "shape": [count], "data_offsets": [begin, end]}, …}
//
// Offsets are relative to the end of the header. The reader is as strict as the reference implementation:
// no equal keys, no holes, no overlap, no bytes after the last tensor, lengths that match dtype and shape
// (of dtypes that it knows; others are taken at their length). Unknown keys are refused.
#pragma once

#include <cstdint>

#include "core/base/fs/file_system.h"
#include "core/content/layout.h"

namespace axon::model {

// From the first nine bytes: a length that fits the file and the cap, and an opening brace.
bool looks_like_safetensors(ByteSpan start, std::uint64_t file_size);

// Throws HeaderError.
content::FileLayout read_safetensors(fs::File& file, std::uint64_t file_size);

}  // namespace axon::model

// The GGUF format, versions 2 and 3, of either byte order.
//
//   "GGUF" · u32 version · u64 tensors · u64 entries · entry… · tensor… · padding · weights
//   string = u64 length · bytes
//   entry  = string key · u32 type · value             (an array: u32 type · u64 count · values; no arrays of
//   tensor = string name · u32 rank · u64 extent… ·     arrays)
//            u32 type · u64 offset                     extents fastest first; offset from the weights' start
//
// Weights start at the next multiple of `general.alignment` (a power of two, 32 by default), and so does each
// tensor. Numbers of a big-endian file are laid out as such: their dtypes end in "_BE".
#pragma once

#include <cstdint>

#include "core/base/fs/file_system.h"
#include "core/content/layout.h"

namespace axon::model {

bool looks_like_gguf(ByteSpan start);

// Throws HeaderError.
content::FileLayout read_gguf(fs::File& file, std::uint64_t file_size);

}  // namespace axon::model

// What a ByteRange means for an object of a known size; the same for every adapter.
#pragma once

#include "remote/storage/storage.h"

namespace axon::storage {

// How many bytes the range has in an object of `size` bytes. Throws Error(integrity) when it leaves the
// object.
std::uint64_t length_within(const ByteRange& range, std::uint64_t size, const Key& key);

}  // namespace axon::storage

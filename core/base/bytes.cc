#include "core/base/bytes.h"

#include <cstdlib>
#include <limits>
#include <new>

namespace axon {

AlignedBuffer::AlignedBuffer(std::size_t capacity) : capacity_(capacity) {
  if (capacity == 0) return;
  if (capacity > std::numeric_limits<std::size_t>::max() - kAlignment) throw std::bad_alloc();
  // aligned_alloc wants a size that is a multiple of the alignment.
  const std::size_t size = (capacity + kAlignment - 1) / kAlignment * kAlignment;
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, size)));
  if (!data_) throw std::bad_alloc();
}

void AlignedBuffer::Free::operator()(std::byte* data) const {
  std::free(data);
}

}  // namespace axon

// Scratch: memory of a codec's own that grows and is never initialised.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/bytes.h"

namespace axon::content {

class Scratch {
 public:
  // `size` bytes; what an earlier call gave is lost.
  MutableByteSpan take(std::size_t size) {
    if (size > capacity_) {
      data_ = std::make_unique_for_overwrite<std::byte[]>(size);
      capacity_ = size;
    }
    return {data_.get(), size};
  }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_ = 0;
};

}  // namespace axon::content

// TensorTable: collects the tensors that a header claims and makes a layout of them, or refuses.
#pragma once

#include <cstdint>

#include "core/content/layout.h"

namespace axon::model {

// Arithmetic on numbers from a file. Throw HeaderError on overflow.
std::uint64_t checked_add(std::uint64_t a, std::uint64_t b);
std::uint64_t checked_multiply(std::uint64_t a, std::uint64_t b);
// The product of the extents; 1 of a scalar.
std::uint64_t element_count(const std::vector<std::uint64_t>& shape);

class TensorTable {
 public:
  // `tensor.offset` counts from where the weights start. Throws HeaderError when a cap of probe.h is passed.
  void add(content::LayoutTensor tensor);
  // The tensors by offset, now from the file's start, those without bytes left out. Throws HeaderError for
  // equal names, for tensors that overlap, and for one that ends after `file_size`.
  content::FileLayout finish(std::uint64_t weights_start, std::uint64_t file_size) &&;

 private:
  void refuse_equal_names() const;
  std::vector<content::LayoutTensor> tensors_;
  std::size_t size_ = 0;
};

}  // namespace axon::model

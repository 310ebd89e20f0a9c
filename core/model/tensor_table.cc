#include "core/model/tensor_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "core/content/utf8.h"
#include "core/model/header_reader.h"
#include "core/model/probe.h"

namespace axon::model {
namespace {

constexpr std::size_t kMaxDtypeSize = 32;
constexpr std::size_t kEntrySize = 64;

}  // namespace

std::uint64_t checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw HeaderError("a number in the header is too large");
  return sum;
}

std::uint64_t checked_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw HeaderError("a number in the header is too large");
  return product;
}

std::uint64_t element_count(const std::vector<std::uint64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, checked_multiply);
}

void TensorTable::add(content::LayoutTensor tensor) {
  if (tensor.name.size() > kMaxTensorNameSize)
    throw HeaderError(fmt::format("the tensor name {} is too long", quoted_name(tensor.name)));
  if (!content::is_utf8(tensor.name))
    throw HeaderError(fmt::format("the tensor name {} is not UTF-8", quoted_name(tensor.name)));
  if (tensor.dtype.size() > kMaxDtypeSize)
    throw HeaderError(fmt::format("the dtype of {} is too long", quoted_name(tensor.name)));
  if (tensor.shape.size() > kMaxTensorRank)
    throw HeaderError(
        fmt::format("{} has more than {} dimensions", quoted_name(tensor.name), kMaxTensorRank));
  size_ += kEntrySize + tensor.name.size() + tensor.dtype.size() + 8 * tensor.shape.size();
  if (size_ > kMaxTensorTableSize)
    throw HeaderError(fmt::format("it names more than {} tensors", tensors_.size()));
  tensors_.push_back(std::move(tensor));
}

content::FileLayout TensorTable::finish(std::uint64_t weights_start, std::uint64_t file_size) && {
  refuse_equal_names();
  std::erase_if(tensors_, [](const auto& tensor) { return tensor.length == 0; });
  std::ranges::sort(tensors_, {}, &content::LayoutTensor::offset);
  std::uint64_t end = 0;
  for (auto& tensor : tensors_) {
    tensor.offset = checked_add(weights_start, tensor.offset);
    if (tensor.offset < end)
      throw HeaderError(fmt::format("{} overlaps the tensor before it", quoted_name(tensor.name)));
    end = checked_add(tensor.offset, tensor.length);
    if (end > file_size) throw HeaderError(fmt::format("{} ends after the file", quoted_name(tensor.name)));
  }
  return {std::move(tensors_)};
}

void TensorTable::refuse_equal_names() const {
  std::vector<std::string_view> names(tensors_.size());
  std::ranges::transform(tensors_, names.begin(), &content::LayoutTensor::name);
  std::ranges::sort(names);
  const auto twin = std::ranges::adjacent_find(names);
  if (twin != names.end()) throw HeaderError(fmt::format("two tensors are named {}", quoted_name(*twin)));
}

}  // namespace axon::model

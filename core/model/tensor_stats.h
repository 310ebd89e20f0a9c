// tensor_stats: how far a tensor moved between two versions, from its bytes, read once and blockwise.
//
// Memory: 2 MiB whatever the tensor's size. Norms are Euclidean, summed in double precision; elements that
// are NaN or infinite on either side are counted and left out of norms and the largest change, so the numbers
// are always finite. Dtypes are words of safetensors and GGUF: BOOL, U8…U64, I8…I64, F8_E4M3, F8_E5M2, F16,
// BF16, F32, F64; of any other only changed bytes are counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "core/base/bytes.h"

namespace axon::model {

// Fills `into` with the tensor's next bytes and returns how many; fewer than into.size() only at its end.
using TensorReader = std::function<std::size_t(MutableByteSpan into)>;

enum class Numbers { understood, opaque };

struct TensorStats {
  Numbers numbers = Numbers::opaque;  // opaque: an element is a byte, and the norms are 0
  double norm_before = 0, norm_after = 0;
  double norm_change = 0;      // of after − before
  double relative_change = 0;  // norm_change / norm_before; of a tensor of zeros: 1, or 0 if it stays so
  double largest_change = 0;   // largest |after − before| of one element
  std::uint64_t elements = 0;
  std::uint64_t elements_changed = 0;     // by their bytes: 0.0 and −0.0 differ, equal NaNs do not
  std::uint64_t elements_not_finite = 0;  // NaN or infinite before or after
};

// Both readers give tensors of dtype `dtype` and equal shape. Throws Error(integrity) when the lengths differ
// or are no multiple of the element's size, and whatever a reader throws.
TensorStats tensor_stats(std::string_view dtype, const TensorReader& before, const TensorReader& after);

}  // namespace axon::model

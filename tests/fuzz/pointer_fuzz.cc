// Any bytes as a pointer: read only in its one form, and whatever is read looks like one to Git LFS.
#include <cstdlib>

#include "core/history/pointer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace axon;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const bool looks = history::looks_like_pointer(bytes);
  const auto pointer = history::parse_pointer(bytes);
  if (!pointer) return 0;
  if (!looks || history::encode_pointer(*pointer) != as_text(bytes)) std::abort();
  return 0;
}

#include "core/content/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace axon::content {

std::uint32_t crc32c(ByteSpan bytes, std::uint32_t before) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // ISA-L counts in int
  std::uint32_t state = ~before;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kMost));
    // ISA-L's parameter lacks a const; it only reads.
    auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(part.data()));
    state = crc32_iscsi(data, static_cast<int>(part.size()), state);
    bytes = bytes.subspan(part.size());
  }
  return ~state;
}

}  // namespace axon::content

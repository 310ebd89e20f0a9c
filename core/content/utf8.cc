#include "core/content/utf8.h"

#include <cstdint>

namespace axon::content {

namespace {

struct Sequence {
  std::size_t length;          // 0: no sequence begins with this byte
  std::uint32_t first, least;  // the first byte's share of the code point, and the least one of this length
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1, lead, 0};
  if (lead < 0xC0) return {0, 0, 0};
  if (lead < 0xE0) return {2, lead & 0x1Fu, 0x80};
  if (lead < 0xF0) return {3, lead & 0x0Fu, 0x800};
  if (lead < 0xF8) return {4, lead & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(text.front()));
    if (sequence.length == 0 || sequence.length > text.size()) return false;
    std::uint32_t point = sequence.first;
    for (std::size_t i = 1; i < sequence.length; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if ((byte & 0xC0u) != 0x80u) return false;
      point = point << 6 | (byte & 0x3Fu);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < sequence.least || surrogate || point > 0x10FFFF) return false;
    text.remove_prefix(sequence.length);
  }
  return true;
}

}  // namespace axon::content

#include "core/base/ids.h"

namespace axon {

std::string to_hex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = std::to_integer<unsigned>(bytes[i]);
    text[2 * i] = kDigits[value >> 4];
    text[2 * i + 1] = kDigits[value & 15];
  }
  return text;
}

namespace {

// 16 for anything that is no digit.
unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return 16;
}

}  // namespace

bool from_hex(std::string_view text, MutableByteSpan into) {
  // Compared by division: 2 × into.size() could wrap for an absurd span.
  if (text.size() % 2 != 0 || text.size() / 2 != into.size()) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const unsigned high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high > 15 || low > 15) return false;
    into[i] = static_cast<std::byte>(high << 4 | low);
  }
  return true;
}

}  // namespace axon

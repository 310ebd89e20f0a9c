#include "remote/storage/key.h"

#include "core/base/error.h"

namespace axon::storage {

namespace {

// The length of the UTF-8 sequence at the start of `text`, or 0 when it is none (overlong forms, surrogates
// and what lies beyond U+10FFFF included).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const auto second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return length;
}

bool valid_segment(std::string_view segment) {
  if (segment.empty() || segment.size() > 255 || segment == "." || segment == "..") return false;
  if (segment.starts_with(Key::kReservedPrefix)) return false;
  for (std::size_t at = 0; at < segment.size();) {
    const auto c = static_cast<unsigned char>(segment[at]);
    if (c < 0x20 || c == 0x7f || c == '\\') return false;
    const auto length = utf8_length(segment.substr(at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace

bool Key::valid(std::string_view text) {
  if (text.size() > kMaxSize) return false;
  for (;;) {
    const auto slash = text.find('/');
    if (!valid_segment(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

Key::Key(std::string_view text) : text_(text) {
  if (!valid(text)) throw Error(ErrorCode::usage, "'" + text_ + "' cannot be the key of an object");
}

std::string_view Key::name() const {
  const std::string_view text = text_;
  const auto slash = text.rfind('/');
  return slash == std::string_view::npos ? text : text.substr(slash + 1);
}

}  // namespace axon::storage

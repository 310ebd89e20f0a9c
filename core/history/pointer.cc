#include "core/history/pointer.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>

#include "core/base/error.h"

namespace axon::history {

namespace {

constexpr std::string_view kVersion = "version https://git-lfs.github.com/spec/v1\n";
constexpr std::string_view kOid = "oid sha256:";
constexpr std::string_view kSize = "size ";

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::optional<std::uint64_t> parse_size(std::string_view digits) {
  std::uint64_t size = 0;
  const auto* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, size);
  // Git LFS holds sizes in a signed number.
  if (error != std::errc() || end != last || size > INT64_MAX) return std::nullopt;
  return size;
}

// --- what git-lfs's reader takes (its lfs/pointer.go), which is more than it writes ---

constexpr std::array<std::string_view, 3> kKeys = {"version", "oid", "size"};
constexpr std::array<std::string_view, 3> kVersions = {
    "https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1", "http://git-media.io/v/2"};
constexpr std::array<std::string_view, 3> kMarks = {"git-media", "hawser", "git-lfs"};
constexpr std::string_view kBlanks = " \t\n\v\f\r";

bool is_extension(std::string_view key) {
  return key.size() > 6 && key.starts_with("ext-") && key[4] >= '0' && key[4] <= '9' && key[5] == '-';
}

bool good_value(std::size_t key, std::string_view value) {
  if (key == 0) {
    for (const auto version : kVersions)
      if (value == version) return true;
    return false;
  }
  if (key == 1) return take(value, "sha256:") && Oid::parse(value).has_value();
  if (value.starts_with('+')) value.remove_prefix(1);
  return parse_size(value).has_value();
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The next line without its end, which may be CR LF.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string encode_pointer(const Pointer& pointer) {
  if (pointer.size == 0) {
    throw Error(ErrorCode::failed, "cannot make a pointer to an empty file")
        .because("Git LFS stores empty files as they are");
  }
  return fmt::format("{}{}{}\n{}{}\n", kVersion, kOid, pointer.oid.hex(), kSize, pointer.size);
}

std::optional<Pointer> parse_pointer(ByteSpan blob) {
  if (blob.size() >= kMaxPointer) return std::nullopt;
  auto text = as_text(blob);
  if (!take(text, kVersion) || !take(text, kOid) || text.size() < 2 * Oid::kSize) return std::nullopt;
  const auto oid = Oid::parse(text.substr(0, 2 * Oid::kSize));
  text.remove_prefix(2 * Oid::kSize);
  if (!oid || !take(text, "\n") || !take(text, kSize) || !text.ends_with('\n')) return std::nullopt;
  text.remove_suffix(1);
  const auto size = parse_size(text);
  if (!size || *size == 0 || text.starts_with('0')) return std::nullopt;
  return Pointer{*oid, *size};
}

bool looks_like_pointer(ByteSpan blob) {
  if (blob.size() >= kMaxPointer) return false;
  auto text = trimmed(as_text(blob));
  bool marked = false;
  for (const auto mark : kMarks) marked = marked || text.find(mark) != text.npos;
  if (!marked) return false;
  std::size_t next = 0;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.empty()) continue;
    const auto space = line.find(' ');
    if (space == line.npos || next == kKeys.size()) return false;
    if (line.substr(0, space) == kKeys[next]) {
      if (!good_value(next++, line.substr(space + 1))) return false;
    } else if (!is_extension(line.substr(0, space))) {
      return false;
    }
  }
  return next == kKeys.size();
}

}  // namespace axon::history

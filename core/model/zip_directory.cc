#include "core/model/zip_directory.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace axon::model {
namespace {

constexpr std::string_view kEndMark("PK\5\6", 4), kEnd64Mark("PK\6\6", 4), kLocator64Mark("PK\6\7", 4);
constexpr std::string_view kEntryMark("PK\1\2", 4);
constexpr std::uint64_t kEndSize = 22, kLocator64Size = 20, kEnd64Size = 56, kEntrySize = 46;
constexpr std::uint64_t kMaxComment = 65'535, kMaxDirectory = 256 * 1024;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;

// The bytes [offset, offset + length) as far as the file has them.
Bytes read_range(fs::File& file, std::uint64_t size, std::uint64_t offset, std::uint64_t length) {
  if (offset >= size) return {};
  Bytes bytes(std::min(length, size - offset));
  bytes.resize(file.read_at(offset, bytes));
  return bytes;
}

bool starts_with(ByteSpan bytes, std::string_view mark) {
  return as_text(bytes).starts_with(mark);
}

std::optional<std::uint64_t> directory_offset_64(fs::File& file, std::uint64_t size,
                                                 std::uint64_t end_offset) {
  if (end_offset < kLocator64Size) return std::nullopt;
  const Bytes locator = read_range(file, size, end_offset - kLocator64Size, kLocator64Size);
  if (locator.size() < kLocator64Size || !starts_with(locator, kLocator64Mark)) return std::nullopt;
  const Bytes end = read_range(file, size, load_le<std::uint64_t>(locator.data() + 8), kEnd64Size);
  if (end.size() < kEnd64Size || !starts_with(end, kEnd64Mark)) return std::nullopt;
  return load_le<std::uint64_t>(end.data() + 48);
}

// The end record is the file's last thing, save for a comment.
std::optional<std::uint64_t> directory_offset(fs::File& file, std::uint64_t size) {
  const std::uint64_t tail = std::min(size, kEndSize + kMaxComment);
  const Bytes bytes = read_range(file, size, size - tail, tail);
  const std::size_t at = as_text(bytes).rfind(kEndMark);
  if (at == std::string_view::npos || bytes.size() - at < kEndSize) return std::nullopt;
  const auto offset = load_le<std::uint32_t>(bytes.data() + at + 16);
  return offset == kIn64 ? directory_offset_64(file, size, size - tail + at) : offset;
}

}  // namespace

std::vector<std::string> zip_names(fs::File& file, std::uint64_t size) {
  std::vector<std::string> names;
  const auto offset = directory_offset(file, size);
  if (!offset) return names;
  const Bytes directory = read_range(file, size, *offset, kMaxDirectory);
  ByteSpan rest = directory;
  while (rest.size() >= kEntrySize && starts_with(rest, kEntryMark)) {
    const std::size_t name = load_le<std::uint16_t>(rest.data() + 28);
    const std::size_t whole = kEntrySize + name + load_le<std::uint16_t>(rest.data() + 30) +
                              load_le<std::uint16_t>(rest.data() + 32);
    if (whole > rest.size()) break;
    names.emplace_back(as_text(rest.subspan(kEntrySize, name)));
    rest = rest.subspan(whole);
  }
  return names;
}

}  // namespace axon::model

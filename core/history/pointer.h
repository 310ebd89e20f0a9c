// Pointer: the Git LFS pointer, a small blob that stands for a large file in a tree
// (docs/formats/pointer.md).
//
//   version https://git-lfs.github.com/spec/v1\n
//   oid sha256:<64 lower-case hex digits>\n
//   size <decimal, at least 1, no leading zero>\n
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace axon::history {

struct Pointer {
  Oid oid;
  std::uint64_t size = 0;
  bool operator==(const Pointer&) const = default;
};

// Blobs of this size and above are never pointers.
inline constexpr std::size_t kMaxPointer = 1024;

// The one canonical text. An empty file has no pointer (Git LFS stores it as it is): Error(failed).
std::string encode_pointer(const Pointer& pointer);
// Canonical texts only.
std::optional<Pointer> parse_pointer(ByteSpan blob);
// True for everything that git-lfs's own lenient reader would take for a pointer, old versions, extensions
// and odd white space included, but for the empty file: such a file cannot be stored as a blob.
bool looks_like_pointer(ByteSpan blob);

}  // namespace axon::history

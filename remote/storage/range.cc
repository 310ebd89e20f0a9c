#include "remote/storage/range.h"

#include "core/base/error.h"

namespace axon::storage {

std::uint64_t length_within(const ByteRange& range, std::uint64_t size, const Key& key) {
  const bool inside =
      range.offset <= size && (range.length == ByteRange::kToEnd || range.length <= size - range.offset);
  if (!inside) {
    throw Error(ErrorCode::integrity, "'" + key.text() + "' is shorter than it should be")
        .because("it has " + std::to_string(size) + " bytes");
  }
  return range.length == ByteRange::kToEnd ? size - range.offset : range.length;
}

}  // namespace axon::storage

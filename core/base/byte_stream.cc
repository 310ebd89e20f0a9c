#include "core/base/byte_stream.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/error.h"

namespace axon {

void SpanSource::read_at(std::uint64_t offset, MutableByteSpan into) {
  const auto from = bytes_.subspan(offset, into.size());
  if (!from.empty()) std::memcpy(into.data(), from.data(), from.size());
}

void FileSource::read_at(std::uint64_t offset, MutableByteSpan into) {
  if (file_.read_at(offset, into) == into.size()) return;
  throw Error(ErrorCode::failed, "cannot read all of a file")
      .because("it became shorter than " + std::to_string(size_) + " bytes while it was read");
}

void BytesSink::write(ByteSpan bytes) {
  if (bytes.size() > limit_ - bytes_.size()) {
    throw Error(ErrorCode::integrity, "cannot take more than " + std::to_string(limit_) + " bytes")
        .because("what was sent is longer");
  }
  append(bytes_, bytes);
}

void ReportingSource::read_at(std::uint64_t offset, MutableByteSpan into) {
  cancel_.throw_if_cancelled();
  source_.read_at(offset, into);
  const auto end = offset + into.size();
  if (end <= furthest_) return;
  progress_.advance(end - std::max(offset, furthest_));
  furthest_ = end;
}

}  // namespace axon

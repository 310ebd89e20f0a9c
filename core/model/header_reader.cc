#include "core/model/header_reader.h"

#include <algorithm>
#include <cstring>

namespace axon::model {
namespace {

constexpr std::size_t kBlockSize = 64 * 1024;
constexpr std::size_t kQuotedLength = 64;

}  // namespace

std::string quoted_name(std::string_view text) {
  std::string result = "'";
  for (const char c : text.substr(0, kQuotedLength)) result += c >= ' ' && c <= '~' ? c : '?';
  return result + (text.size() > kQuotedLength ? "…'" : "'");
}

HeaderReader::HeaderReader(fs::File& file, std::uint64_t start, std::uint64_t end)
    : file_(file), end_(end), start_of_block_(start), block_(kBlockSize) {}

void HeaderReader::read(MutableByteSpan into) {
  if (into.size() > remaining()) throw HeaderError("the header is cut short");
  while (!into.empty()) {
    if (next_ == filled_) load_block();
    const std::size_t piece = std::min(into.size(), filled_ - next_);
    std::memcpy(into.data(), block_.data() + next_, piece);
    next_ += piece;
    into = into.subspan(piece);
  }
}

void HeaderReader::skip(std::uint64_t length) {
  if (length > remaining()) throw HeaderError("the header is cut short");
  if (length <= filled_ - next_) {
    next_ += static_cast<std::size_t>(length);
    return;
  }
  start_of_block_ = position() + length;
  next_ = filled_ = 0;
}

void HeaderReader::load_block() {
  start_of_block_ += filled_;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockSize, end_ - start_of_block_));
  next_ = 0;
  filled_ = file_.read_at(start_of_block_, MutableByteSpan(block_).first(wanted));
  if (filled_ < wanted || wanted == 0) throw HeaderError("the file became shorter while it was read");
}

}  // namespace axon::model

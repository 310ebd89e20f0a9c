// HeaderReader: a file's header from front to back, in blocks, never past a limit.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/fs/file_system.h"

namespace axon::model {

// What contradicts a format; caught by probe, where it becomes the warning. The text is lower case, printable
// and short: pass what comes from the file through `quoted_name`.
class HeaderError : public std::exception {
 public:
  explicit HeaderError(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// 'text' in single quotes, shortened and with a question mark for each byte that is not printable ASCII.
std::string quoted_name(std::string_view text);

class HeaderReader {
 public:
  // The bytes [start, end) of `file`, which outlives the reader.
  HeaderReader(fs::File& file, std::uint64_t start, std::uint64_t end);

  std::uint64_t position() const { return start_of_block_ + next_; }  // in the file
  std::uint64_t remaining() const { return end_ - position(); }
  bool at_end() const { return next_ == filled_ && position() == end_; }
  // Not at the end.
  std::byte peek() {
    if (next_ == filled_) load_block();
    return block_[next_];
  }
  std::byte take() {
    const std::byte value = peek();
    ++next_;
    return value;
  }
  // Both throw HeaderError when fewer bytes remain.
  void read(MutableByteSpan into);
  void skip(std::uint64_t length);

 private:
  void load_block();

  fs::File& file_;
  std::uint64_t end_;
  std::uint64_t start_of_block_;
  std::size_t next_ = 0, filled_ = 0;  // in block_
  Bytes block_;
};

}  // namespace axon::model

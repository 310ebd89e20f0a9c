// MemoryFile: a file of given bytes, followed by zeros up to a size that costs nothing; for parsers of
// headers.
#pragma once

#include <algorithm>
#include <cstring>

#include "core/base/error.h"
#include "core/base/fs/file_system.h"

namespace axon::test {

class MemoryFile final : public fs::File {
 public:
  // `bytes` is copied; the file has `size` bytes, at least as many.
  MemoryFile(ByteSpan bytes, std::uint64_t size) : bytes_(bytes.begin(), bytes.end()), size_(size) {}
  explicit MemoryFile(ByteSpan bytes) : MemoryFile(bytes, bytes.size()) {}

  std::uint64_t size() const { return size_; }
  // How many bytes were read so far, counting repeats.
  std::uint64_t bytes_read() const { return bytes_read_; }

  std::size_t read_at(std::uint64_t offset, MutableByteSpan into) override {
    if (offset >= size_) return 0;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    const std::size_t known = offset < bytes_.size() ? std::min(count, bytes_.size() - offset) : 0;
    if (known != 0) std::memcpy(into.data(), bytes_.data() + offset, known);
    std::fill(into.begin() + known, into.begin() + count, std::byte{0});
    bytes_read_ += count;
    return count;
  }
  void write_at(std::uint64_t, ByteSpan) override { refuse(); }
  void resize(std::uint64_t) override { refuse(); }
  void sync() override {}
  fs::FileInfo info() override {
    fs::FileInfo info;
    info.size = size_;
    return info;
  }
  void set_mode(std::uint32_t) override { refuse(); }
  bool try_lock(fs::LockMode) override { return true; }
  std::optional<std::uint64_t> next_data(std::uint64_t offset) override { return offset; }
  bool direct() const override { return false; }
  void close() override {}

 private:
  [[noreturn]] static void refuse() { throw Error(ErrorCode::permission, "cannot write a file in memory"); }

  Bytes bytes_;
  std::uint64_t size_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace axon::test

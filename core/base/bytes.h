// Bytes: the spans and buffers that large data moves in, and little-endian numbers in them.
//
// Units: bytes. Ownership: a Buffer owns, a span never does. Threads: no shared state.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace axon {

using ByteSpan = std::span<const std::byte>;
using MutableByteSpan = std::span<std::byte>;
using Bytes = std::vector<std::byte>;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads or writes an unsigned number at `at`; the caller has checked that sizeof(T) bytes are there.
template <std::unsigned_integral T>
T load_le(const std::byte* at) {
  static_assert(std::endian::native == std::endian::little, "big-endian hosts need a byte swap here");
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <std::unsigned_integral T>
void store_le(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof value);
}
template <std::unsigned_integral T>
void append_le(Bytes& to, T value) {
  const auto at = to.size();
  to.resize(at + sizeof value);
  store_le(to.data() + at, value);
}
inline void append(Bytes& to, ByteSpan bytes) {
  // Not `insert`, at which g++ 12 warns of overflows that cannot be.
  const auto at = to.size();
  to.resize(at + bytes.size());
  if (!bytes.empty()) std::memcpy(to.data() + at, bytes.data(), bytes.size());
}

// A block of memory aligned for O_DIRECT (4096 bytes), not initialised, reused rather than freed where speed
// matters: touching fresh memory costs more than hashing it.
class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = 4096;
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t capacity);
  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t capacity() const { return capacity_; }
  MutableByteSpan span() { return {data_.get(), capacity_}; }

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t capacity_ = 0;
};

}  // namespace axon

// Numbers as git's files hold them: big-endian, at any alignment.
#pragma once

#include <concepts>
#include <cstddef>

#include "core/base/bytes.h"

namespace axon::history {

// The caller has checked that sizeof(T) bytes are there.
template <std::unsigned_integral T>
T load_be(const std::byte* at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>((value << 8) | std::to_integer<T>(at[i]));
  return value;
}

template <std::unsigned_integral T>
void store_be(std::byte* at, T value) {
  for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8))
    at[i] = static_cast<std::byte>(value & 0xff);
}

template <std::unsigned_integral T>
void append_be(Bytes& to, T value) {
  const auto at = to.size();
  to.resize(at + sizeof value);
  store_be(to.data() + at, value);
}

}  // namespace axon::history

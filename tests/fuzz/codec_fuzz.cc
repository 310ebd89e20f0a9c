// Two things by the first byte: any payload decoded to any length, as an error or in bounds; or any content
// encoded as any element, with or without a base, and decoded to itself.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "core/base/error.h"
#include "core/content/codec.h"

namespace {

using namespace axon;
using namespace axon::content;

// second byte: the encoding; then the raw length (u32, here at most 256 KiB); then the payload
void decode_any(ByteSpan input) {
  if (input.size() < 5) return;
  const auto encoding = static_cast<Encoding>(input[0]);
  const std::size_t size = load_le<std::uint32_t>(input.data() + 1) % (256 * 1024 + 1);
  // Memory of exactly this size, so that a sanitizer sees a step over its end.
  const auto raw = std::make_unique<std::byte[]>(size), base = std::make_unique<std::byte[]>(size);
  for (std::size_t i = 0; i < size; ++i) base[i] = static_cast<std::byte>(i * 7 >> 3);
  const ByteSpan payload = input.subspan(5);
  element_of(encoding, payload);
  try {
    Decoder().decode(encoding, payload, {base.get(), size}, {raw.get(), size});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) std::abort();
  }
}

// second byte: the element, and in its high bit whether there is a base; the rest is raw, the base is raw
// with a byte changed here and there
void round_trip(ByteSpan input) {
  if (input.empty()) return;
  const auto element = static_cast<Element>(std::to_integer<unsigned>(input[0]) % 8);
  const ByteSpan raw = input.subspan(1);
  Bytes base, payload, decoded(raw.size());
  if ((input[0] & std::byte{0x80}) != std::byte{0}) {
    base.assign(raw.begin(), raw.end());
    for (std::size_t at = 0; at < base.size(); at += 29) base[at] ^= std::byte{5};
  }
  const Encoding encoding = Encoder().encode(raw, element, base, payload);
  if (payload.size() > raw.size()) std::abort();
  Decoder().decode(encoding, payload, base, decoded);
  if (!std::ranges::equal(decoded, raw)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteSpan input(reinterpret_cast<const std::byte*>(data), size);
  (data[0] & 1) != 0 ? round_trip(input.subspan(1)) : decode_any(input.subspan(1));
  return 0;
}

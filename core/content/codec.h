// Codec: how one frame's bytes are stored; whichever of these is smallest at the wanted speed, judged by the
// entropy of samples:
//   stored  the bytes
//   zstd    one zstd frame, level 1
//   planes  the bytes of each element's position gathered into planes, each stored, Huffman-coded or zstd
//   delta   zigzag of the integer difference to a base of the same length, element by element, in planes
// Grammar of the payloads, the rules of choice and figures: docs/formats/encodings.md. A payload never names
// its base; the frame does.
//
// Threads: an Encoder or Decoder keeps contexts and scratch memory; one per thread. Memory: a few MiB each.
#pragma once

#include <cstdint>
#include <memory>

#include "core/base/bytes.h"
#include "core/content/element.h"

namespace axon::content {

enum class Encoding : std::uint8_t { stored = 0, zstd = 1, planes = 2, delta = 3 };

constexpr std::uint32_t kMaxRawLength = std::uint32_t{64}
                                        << 20;  // of a frame: chunks ≤ 1 MiB, recipes ≤ 64 MiB

class Encoder {
 public:
  Encoder();
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  // Encodes `raw` into `out` (replaced) and says how. `base`: the parent's aligned chunk, or empty; used only
  // when it has raw's length and the delta saves a tenth over the best encoding without it.
  Encoding encode(ByteSpan raw, Element element, ByteSpan base, Bytes& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Decoder {
 public:
  Decoder();
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  // Fills `raw` exactly, or throws Error(integrity). `base` is needed for Encoding::delta only and has raw's
  // size. Safe on hostile payloads: no read or write out of bounds, no allocation beyond kMaxRawLength.
  void decode(Encoding encoding, ByteSpan payload, ByteSpan base, MutableByteSpan raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The element that a planes or delta payload was made with (its first byte); bytes for the other encodings.
Element element_of(Encoding encoding, ByteSpan payload);

}  // namespace axon::content

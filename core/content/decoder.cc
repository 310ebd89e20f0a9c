#include <cstring>

#include "core/base/error.h"
#include "core/content/codec.h"
#include "core/content/codec_scratch.h"
#include "core/content/plane_plan.h"
#include "core/content/zstd_context.h"

namespace axon::content {

namespace {

[[noreturn]] void refuse(std::string cause) {
  throw Error(ErrorCode::integrity, "cannot decode a frame").because(std::move(cause));
}

constexpr auto kLastElement = static_cast<unsigned>(Element::i64);

// A planes or delta payload taken apart; every length has been checked against the payload and the raw size.
struct PlanePayload {
  Elements elements;
  std::size_t count = 0;
  ByteSpan edge;
  std::array<ByteSpan, kMaxPlanes> planes;
};

Elements read_elements(ByteSpan payload, std::size_t raw_size) {
  if (payload.size() < 2) refuse("its payload is cut short");
  const auto code = std::to_integer<unsigned>(payload[0]);
  if (code > kLastElement) refuse("its elements are of an unknown kind");
  const Elements elements{static_cast<Element>(code), std::to_integer<std::size_t>(payload[1])};
  if (elements.skip >= elements.width() || elements.skip > raw_size) refuse("its first element lies outside");
  return elements;
}

PlanePayload take_apart(ByteSpan payload, std::size_t raw_size) {
  PlanePayload parts;
  parts.elements = read_elements(payload, raw_size);
  const std::size_t width = parts.elements.width();
  parts.count = parts.elements.count(raw_size);
  if (parts.count == 0) refuse("it is too short for its elements");
  const std::size_t edge = raw_size - parts.count * width;
  if (payload.size() < plane_header_size(width) + edge) refuse("its payload is cut short");
  const ByteSpan header = payload.first(plane_header_size(width));
  parts.edge = payload.subspan(header.size(), edge);
  ByteSpan rest = payload.subspan(header.size() + edge);
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t length = load_le<std::uint32_t>(header.data() + 2 + 4 * i);
    if (length > parts.count || length > rest.size()) refuse("a plane is too long");
    parts.planes[i] = rest.first(length);
    rest = rest.subspan(length);
  }
  if (!rest.empty()) refuse("bytes follow its planes");
  return parts;
}

}  // namespace

struct Decoder::State {
  ZstdDecompressor zstd;
  Scratch scratch;

  void decode_planes(const std::byte* base, Turn turn, const PlanePayload& parts, MutableByteSpan raw);
};

void Decoder::State::decode_planes(const std::byte* base, Turn turn, const PlanePayload& parts,
                                   MutableByteSpan raw) {
  const std::size_t width = parts.elements.width(), skip = parts.elements.skip;
  const MutableByteSpan space = scratch.take(width * parts.count);
  ConstPlanePointers pointers{};
  for (std::size_t i = 0; i < width; ++i) {
    pointers[i] = parts.planes[i].data();
    if (parts.planes[i].size() == parts.count) continue;  // stored
    const MutableByteSpan plane = space.subspan(i * parts.count, parts.count);
    if (!zstd.decompress(parts.planes[i], plane)) refuse("a plane does not decompress to its length");
    pointers[i] = plane.data();
  }
  std::memcpy(raw.data(), parts.edge.data(), skip);
  const ByteSpan tail = parts.edge.subspan(skip);
  std::memcpy(raw.data() + raw.size() - tail.size(), tail.data(), tail.size());
  join_planes(pointers, base == nullptr ? nullptr : base + skip, turn, width, parts.count, raw.data() + skip);
}

Decoder::Decoder() : state_(std::make_unique<State>()) {}
Decoder::~Decoder() = default;

void Decoder::decode(Encoding encoding, ByteSpan payload, ByteSpan base, MutableByteSpan raw) {
  if (raw.size() > kMaxRawLength) refuse("it is longer than any frame may be");
  switch (encoding) {
    case Encoding::stored:
      if (payload.size() != raw.size()) refuse("its payload has another length");
      if (!raw.empty()) std::memcpy(raw.data(), payload.data(), raw.size());
      return;
    case Encoding::zstd:
      if (!state_->zstd.decompress(payload, raw)) refuse("it does not decompress to its length");
      return;
    case Encoding::planes: {
      const PlanePayload parts = take_apart(payload, raw.size());
      state_->decode_planes(nullptr, turn_of(parts.elements.element), parts, raw);
      return;
    }
    case Encoding::delta:
      if (base.size() != raw.size()) refuse("its base has another length");
      state_->decode_planes(base.data(), Turn::delta, take_apart(payload, raw.size()), raw);
      return;
  }
  refuse("its encoding is unknown");
}

Element element_of(Encoding encoding, ByteSpan payload) {
  const bool in_planes = encoding == Encoding::planes || encoding == Encoding::delta;
  if (!in_planes || payload.empty()) return Element::bytes;
  const auto code = std::to_integer<unsigned>(payload[0]);
  return code > kLastElement ? Element::bytes : static_cast<Element>(code);
}

}  // namespace axon::content

#include <algorithm>
#include <array>
#include <cstring>

#include "core/content/byte_guess.h"
#include "core/content/codec.h"
#include "core/content/codec_scratch.h"
#include "core/content/plane_plan.h"
#include "core/content/zstd_context.h"

namespace axon::content {

namespace {

constexpr std::size_t kTrial = 8 * 1024;  // bytes of a plane that are coded both ways

// Makes room without shrinking: a vector that was long enough is not written to.
std::byte* room(Bytes& out, std::size_t size) {
  if (out.size() < size) out.resize(size);
  return out.data();
}

bool nothing_to_gain(const PlanePlan& plan) {
  return std::all_of(plan.methods.begin(), plan.methods.begin() + plan.elements.width(),
                     [](PlaneMethod method) { return method == PlaneMethod::stored; });
}

bool saves_a_tenth(std::size_t size, std::size_t than) {
  return size <= than - than / 10;
}

}  // namespace

struct Encoder::State {
  ZstdCompressor zstd;
  Scratch planes;
  Bytes alone;  // the encoding without a base, while one with it is tried

  // Each of these fills `out` and returns true, or returns false when it would not be smaller than `raw`.
  bool zstd_encode(ByteSpan raw, Bytes& out);
  bool planes_encode(ByteSpan raw, ByteSpan base, const PlanePlan& plan, Bytes& out);

  Encoding encode_alone(ByteSpan raw, const PlanePlan& plan, Bytes& out);
  Encoding encode_numbers(ByteSpan raw, Element element, ByteSpan base, Bytes& out);
  Encoding encode_bytes(ByteSpan raw, ByteSpan base, Bytes& out);

 private:
  Effort effort_for(ByteSpan plane, PlaneMethod method);
  std::size_t put_plane(ByteSpan plane, PlaneMethod method, std::size_t estimate, std::size_t at, Bytes& out);
};

bool Encoder::State::zstd_encode(ByteSpan raw, Bytes& out) {
  if (raw.empty()) return false;
  room(out, raw.size() - 1);
  const auto size = zstd.compress(raw, Effort::matches, MutableByteSpan(out).first(raw.size() - 1));
  if (!size) return false;
  out.resize(*size);
  return true;
}

// Measured on the low plane of fine-tuned weights at 1.6 bits a byte: Huffman 1.84 bits at 1,000 MB/s, level
// 1 2.32 bits at 350 MB/s. On planes that repeat themselves it is the other way round, and the entropy is
// equal.
Effort Encoder::State::effort_for(ByteSpan plane, PlaneMethod method) {
  if (method == PlaneMethod::huffman) return Effort::huffman;
  if (method == PlaneMethod::matches) return Effort::matches;
  std::array<std::byte, kTrial> into;
  const std::size_t size = std::min(plane.size(), kTrial);
  const ByteSpan piece = plane.subspan((plane.size() - size) / 2, size);
  const auto huffman = zstd.compress(piece, Effort::huffman, into);
  const auto matches = zstd.compress(piece, Effort::matches, into);
  return matches.value_or(size) < huffman.value_or(size) ? Effort::matches : Effort::huffman;
}

// Appends a plane at `at`, compressed or as it is. Returns its length there.
std::size_t Encoder::State::put_plane(ByteSpan plane, PlaneMethod method, std::size_t estimate,
                                      std::size_t at, Bytes& out) {
  const std::size_t most = plane.size() - 1;  // a plane as long as its elements are many counts as stored
  if (method != PlaneMethod::stored) {
    const Effort effort = effort_for(plane, method);
    // First with the room that it should take and a good bit more, because room in `out` costs time, and a
    // second attempt costs much.
    const std::size_t likely = estimate + estimate / 8 + plane.size() / 8 + 1024;
    for (const std::size_t capacity : {std::min(most, likely), most}) {
      room(out, at + capacity);
      const auto size = zstd.compress(plane, effort, MutableByteSpan(out).subspan(at, capacity));
      if (size) return *size;
      if (capacity == most) break;
    }
  }
  std::memcpy(room(out, at + plane.size()) + at, plane.data(), plane.size());
  return plane.size();
}

bool Encoder::State::planes_encode(ByteSpan raw, ByteSpan base, const PlanePlan& plan, Bytes& out) {
  const std::size_t width = plan.elements.width(), skip = plan.elements.skip;
  const std::size_t count = plan.elements.count(raw.size());
  if (count == 0 || nothing_to_gain(plan)) return false;

  const std::size_t tail = raw.size() - skip - count * width;
  std::size_t at = plane_header_size(width);
  // Planes that come first and are stored go straight to their place, the others by way of scratch memory.
  std::size_t direct = 0;
  while (plan.methods[direct] == PlaneMethod::stored) ++direct;
  room(out, at + skip + tail + direct * count);
  out[0] = static_cast<std::byte>(plan.elements.element);
  out[1] = static_cast<std::byte>(skip);
  std::memcpy(out.data() + at, raw.data(), skip);
  std::memcpy(out.data() + at + skip, raw.data() + raw.size() - tail, tail);
  at += skip + tail;

  const MutableByteSpan scratch = planes.take((width - direct) * count);
  PlanePointers pointers{};
  for (std::size_t i = 0; i < width; ++i) {
    pointers[i] = i < direct ? out.data() + at + i * count : scratch.data() + (i - direct) * count;
  }
  split_planes(raw.data() + skip, base.empty() ? nullptr : base.data() + skip, plan.turn, width, count,
               pointers);

  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t length =
        i < direct ? count : put_plane({pointers[i], count}, plan.methods[i], plan.estimates[i], at, out);
    store_le(out.data() + 2 + 4 * i, static_cast<std::uint32_t>(length));
    at += length;
  }
  out.resize(at);
  return at < raw.size();
}

Encoding Encoder::State::encode_alone(ByteSpan raw, const PlanePlan& plan, Bytes& out) {
  if (planes_encode(raw, {}, plan, out)) return Encoding::planes;
  out.assign(raw.begin(), raw.end());
  return Encoding::stored;
}

Encoding Encoder::State::encode_numbers(ByteSpan raw, Element element, ByteSpan base, Bytes& out) {
  const PlanePlan alone_plan = plan_planes(raw, {}, {element, 0});
  const std::size_t best = std::min(alone_plan.estimate, raw.size());
  if (!base.empty()) {
    const PlanePlan delta = plan_planes(raw, base, {element, 0});
    if (saves_a_tenth(delta.estimate, best) && planes_encode(raw, base, delta, out) &&
        saves_a_tenth(out.size(), best)) {
      return Encoding::delta;
    }
  }
  return encode_alone(raw, alone_plan, out);
}

Encoding Encoder::State::encode_bytes(ByteSpan raw, ByteSpan base, Bytes& out) {
  const ByteGuess guess = guess_bytes(raw, zstd);
  Encoding encoding = Encoding::stored;
  if (guess.kind == ByteGuess::Kind::numbers) {
    encoding = encode_alone(raw, guess.plan, out);
  } else if (guess.kind == ByteGuess::Kind::text && zstd_encode(raw, out)) {
    encoding = Encoding::zstd;
  } else {
    out.assign(raw.begin(), raw.end());
  }
  if (base.empty()) return encoding;
  const PlanePlan delta = plan_planes(raw, base, guess.plan.elements);
  if (!saves_a_tenth(delta.estimate, out.size())) return encoding;
  alone.swap(out);
  if (planes_encode(raw, base, delta, out) && saves_a_tenth(out.size(), alone.size())) return Encoding::delta;
  alone.swap(out);
  return encoding;
}

Encoder::Encoder() : state_(std::make_unique<State>()) {}
Encoder::~Encoder() = default;

Encoding Encoder::encode(ByteSpan raw, Element element, ByteSpan base, Bytes& out) {
  if (base.size() != raw.size()) base = {};
  if (element == Element::bytes || raw.size() < width_of(element))
    return state_->encode_bytes(raw, base, out);
  return state_->encode_numbers(raw, element, base, out);
}

}  // namespace axon::content

#include "core/history/pack_entry.h"

#include "core/base/error.h"
#include "core/history/big_endian.h"

namespace axon::history {

namespace {

// Reads bytes one by one; past the end it yields zero and remembers.
class Cursor {
 public:
  explicit Cursor(ByteSpan bytes) : bytes_(bytes) {}
  std::uint64_t byte() {
    if (at_ == bytes_.size()) {
      failed_ = true;
      return 0;
    }
    return std::to_integer<std::uint64_t>(bytes_[at_++]);
  }
  // Seven bits at a time, lowest first, on top of `value`, which has `shift` bits.
  std::uint64_t varint(std::uint64_t value, unsigned shift) {
    for (;; shift += 7) {
      const auto next = byte();
      const auto bits = next & 0x7f;
      if (shift > 63 || (bits << shift) >> shift != bits) failed_ = true;
      if (failed_) return 0;
      value |= bits << shift;
      if ((next & 0x80) == 0) return value;
    }
  }
  ByteSpan take(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    const auto taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }
  bool at_end() const { return at_ == bytes_.size(); }
  bool failed() const { return failed_; }
  std::size_t position() const { return at_; }

 private:
  ByteSpan bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// The distance of an offset delta: seven bits at a time, highest first, each continuation adding one.
std::uint64_t read_distance(Cursor& cursor) {
  auto next = cursor.byte();
  std::uint64_t distance = next & 0x7f;
  while ((next & 0x80) != 0 && !cursor.failed()) {
    if (distance >= (std::uint64_t{1} << 56)) return 0;
    next = cursor.byte();
    distance = ((distance + 1) << 7) | (next & 0x7f);
  }
  return distance;
}

[[noreturn]] void bad_delta(const char* what) {
  throw Error(ErrorCode::integrity, "cannot apply a delta of a git pack").because(what);
}

// Bits 0–3 of `op` say which bytes of the offset follow, bits 4–6 which of the length.
void copy_from_base(Bytes& result, ByteSpan base, std::uint64_t op, Cursor& cursor, std::uint64_t size) {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  for (unsigned i = 0; i < 4; ++i)
    if ((op >> i) & 1) offset |= cursor.byte() << (8 * i);
  for (unsigned i = 0; i < 3; ++i)
    if ((op >> (4 + i)) & 1) length |= cursor.byte() << (8 * i);
  if (length == 0) length = 0x10000;
  if (cursor.failed() || offset > base.size() || length > base.size() - offset ||
      length > size - result.size())
    bad_delta("it copies from beyond its base");
  append(result, base.subspan(offset, length));
}

}  // namespace

std::optional<EntryHead> parse_entry_head(ByteSpan bytes) {
  Cursor cursor(bytes);
  EntryHead head;
  const auto first = cursor.byte();
  const auto kind = (first >> 4) & 7;
  head.size = (first & 0x80) != 0 ? cursor.varint(first & 0x0f, 4) : first & 0x0f;
  if (kind >= 1 && kind <= 4) {
    head.type = static_cast<ObjectType>(kind);
  } else if (kind == 6) {
    head.kind = EntryHead::Kind::offset_delta;
    head.distance = read_distance(cursor);
    if (head.distance == 0) return std::nullopt;
  } else if (kind == 7) {
    head.kind = EntryHead::Kind::name_delta;
    const auto name = cursor.take(GitId::kSize);
    if (cursor.failed()) return std::nullopt;
    head.base = GitId::from(name);
  } else {
    return std::nullopt;
  }
  if (cursor.failed()) return std::nullopt;
  head.length = cursor.position();
  return head;
}

Bytes encode_entry_head(ObjectType type, std::uint64_t size) {
  Bytes head;
  auto next = (static_cast<std::uint64_t>(type) << 4) | (size & 0x0f);
  for (size >>= 4; size != 0; size >>= 7) {
    head.push_back(static_cast<std::byte>(next | 0x80));
    next = size & 0x7f;
  }
  head.push_back(static_cast<std::byte>(next));
  return head;
}

Bytes encode_pack_header(std::uint32_t count) {
  Bytes header;
  append(header, as_bytes("PACK"));
  append_be(header, std::uint32_t{2});
  append_be(header, count);
  return header;
}

std::optional<std::uint32_t> parse_pack_header(ByteSpan bytes) {
  if (bytes.size() < kPackHeader || as_text(bytes.first(4)) != "PACK") return std::nullopt;
  const auto version = load_be<std::uint32_t>(bytes.data() + 4);
  if (version != 2 && version != 3) return std::nullopt;
  return load_be<std::uint32_t>(bytes.data() + 8);
}

Bytes apply_delta(ByteSpan base, ByteSpan delta, std::uint64_t limit) {
  Cursor cursor(delta);
  const auto base_size = cursor.varint(0, 0);
  const auto size = cursor.varint(0, 0);
  if (cursor.failed() || base_size != base.size()) bad_delta("it was made for another base");
  if (size > limit) bad_delta("its object is too large");
  Bytes result;
  result.reserve(size);
  while (!cursor.at_end()) {
    const auto op = cursor.byte();
    if ((op & 0x80) != 0) {
      copy_from_base(result, base, op, cursor, size);
    } else if (op == 0 || op > size - result.size()) {
      bad_delta("it adds more than it says");
    } else {
      append(result, cursor.take(op));
      if (cursor.failed()) bad_delta("it is cut short");
    }
  }
  if (result.size() != size) bad_delta("it is cut short");
  return result;
}

}  // namespace axon::history

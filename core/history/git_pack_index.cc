#include "core/history/git_pack_index.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"
#include "core/history/big_endian.h"
#include "core/history/hashing.h"

namespace axon::history {

namespace {

constexpr std::uint32_t kMagic = 0xff744f63;
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kFanOut = 8;
constexpr std::size_t kNames = kFanOut + 256 * 4;
constexpr std::size_t kPerObject = GitId::kSize + 4 + 4;
constexpr std::size_t kTrailer = 2 * GitId::kSize;
constexpr std::uint32_t kLarge = 0x80000000;
constexpr std::uint64_t kFirstEntry = 12;  // after the pack's header

[[noreturn]] void bad(const char* what) {
  throw Error(ErrorCode::integrity, "cannot read a pack's idx").because(what);
}

void require(bool holds, const char* otherwise) {
  if (!holds) bad(otherwise);
}

void append_fan_out(Bytes& idx, const std::vector<PackedObject>& objects) {
  std::size_t next = 0;
  for (unsigned first = 0; first < 256; ++first) {
    while (next < objects.size() && std::to_integer<unsigned>(objects[next].id.bytes[0]) == first) ++next;
    append_be(idx, static_cast<std::uint32_t>(next));
  }
}

void append_offsets(Bytes& idx, const std::vector<PackedObject>& objects) {
  std::vector<std::uint64_t> large;
  for (const auto& object : objects) {
    if (object.offset < kLarge) {
      append_be(idx, static_cast<std::uint32_t>(object.offset));
    } else {
      append_be(idx, kLarge | static_cast<std::uint32_t>(large.size()));
      large.push_back(object.offset);
    }
  }
  for (const auto offset : large) append_be(idx, offset);
}

// The lowest and highest name that start with `hex`.
std::pair<GitId, GitId> bounds_of(std::string_view hex) {
  const auto padded = [&](char fill) {
    return GitId::parse(std::string(hex) + std::string(2 * GitId::kSize - hex.size(), fill));
  };
  const auto low = padded('0');
  const auto high = padded('f');
  if (!low || !high) return {GitId{}, GitId{}};
  return {*low, *high};
}

}  // namespace

Bytes encode_pack_index(std::vector<PackedObject>& objects, const GitId& pack_checksum) {
  std::sort(objects.begin(), objects.end(),
            [](const PackedObject& a, const PackedObject& b) { return a.id < b.id; });
  Bytes idx;
  idx.reserve(kNames + objects.size() * kPerObject + kTrailer);
  append_be(idx, kMagic);
  append_be(idx, kVersion);
  append_fan_out(idx, objects);
  for (const auto& object : objects) append(idx, object.id.span());
  for (const auto& object : objects) append_be(idx, object.crc);
  append_offsets(idx, objects);
  append(idx, pack_checksum.span());
  append(idx, sha1(idx).span());
  return idx;
}

GitPackIndex GitPackIndex::parse(Bytes bytes, std::uint64_t pack_size) {
  GitPackIndex index(std::move(bytes));
  const ByteSpan idx = index.idx_;
  require(idx.size() >= kNames + kTrailer, "it is cut short");
  const auto body = idx.first(idx.size() - GitId::kSize);
  require(sha1(body) == GitId::from(idx.subspan(body.size())), "its checksum does not match its bytes");
  require(load_be<std::uint32_t>(idx.data()) == kMagic, "it is no idx of version 2");
  require(load_be<std::uint32_t>(idx.data() + 4) == kVersion, "it is no idx of version 2");
  index.count_ = load_be<std::uint32_t>(idx.data() + kNames - 4);
  const std::uint64_t tables = idx.size() - kNames - kTrailer;
  require(tables >= index.count_ * std::uint64_t{kPerObject}, "it is cut short");
  const std::uint64_t rest = tables - index.count_ * std::uint64_t{kPerObject};
  require(rest % 8 == 0 && rest / 8 <= index.count_, "its length does not fit its count");
  index.large_ = static_cast<std::uint32_t>(rest / 8);
  index.check(pack_size);
  return index;
}

void GitPackIndex::check(std::uint64_t pack_size) const {
  std::uint32_t next = 0;
  for (unsigned first = 0; first < 256; ++first) {
    const auto end = load_be<std::uint32_t>(idx_.data() + kFanOut + first * 4);
    require(end >= next && end <= count_, "its fan-out is out of order");
    for (; next < end; ++next) {
      require(std::to_integer<unsigned>(id(next).bytes[0]) == first, "its fan-out does not fit its names");
      require(next == 0 || id(next - 1) < id(next), "its names are out of order");
    }
  }
  const auto* offsets = idx_.data() + kNames + std::size_t{count_} * (GitId::kSize + 4);
  for (std::uint32_t at = 0; at < count_; ++at) {
    const auto small = load_be<std::uint32_t>(offsets + std::size_t{at} * 4);
    require(small < kLarge || (small & ~kLarge) < large_, "an offset is out of range");
    require(offset(at) >= kFirstEntry && offset(at) < pack_size, "an offset is out of range");
  }
}

GitId GitPackIndex::id(std::uint32_t at) const {
  return GitId::from(ByteSpan(idx_).subspan(kNames + std::size_t{at} * GitId::kSize, GitId::kSize));
}

std::uint32_t GitPackIndex::crc(std::uint32_t at) const {
  return load_be<std::uint32_t>(idx_.data() + kNames + std::size_t{count_} * GitId::kSize +
                                std::size_t{at} * 4);
}

std::uint64_t GitPackIndex::offset(std::uint32_t at) const {
  const auto* offsets = idx_.data() + kNames + std::size_t{count_} * (GitId::kSize + 4);
  const auto small = load_be<std::uint32_t>(offsets + std::size_t{at} * 4);
  if (small < kLarge) return small;
  return load_be<std::uint64_t>(offsets + std::size_t{count_} * 4 + std::size_t{small & ~kLarge} * 8);
}

GitId GitPackIndex::pack_checksum() const {
  return GitId::from(ByteSpan(idx_).subspan(idx_.size() - kTrailer, GitId::kSize));
}

std::uint32_t GitPackIndex::lower_bound(const GitId& wanted) const {
  const auto first = std::to_integer<std::size_t>(wanted.bytes[0]);
  std::uint32_t low = first == 0 ? 0 : load_be<std::uint32_t>(idx_.data() + kFanOut + (first - 1) * 4);
  std::uint32_t high = load_be<std::uint32_t>(idx_.data() + kFanOut + first * 4);
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (id(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::optional<std::uint32_t> GitPackIndex::find(const GitId& wanted) const {
  const auto at = lower_bound(wanted);
  if (at == count_ || id(at) != wanted) return std::nullopt;
  return at;
}

std::pair<std::uint32_t, std::uint32_t> GitPackIndex::find_prefix(std::string_view hex) const {
  if (hex.size() > 2 * GitId::kSize) return {0, 0};
  const auto [low, high] = bounds_of(hex);
  if (high.is_zero()) return {0, 0};
  const auto first = lower_bound(low);
  auto last = lower_bound(high);
  if (last < count_ && id(last) == high) ++last;
  return {first, last};
}

}  // namespace axon::history

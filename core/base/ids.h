// Ids: strong types for everything that is named by a hash.
//
// A Digest is 32 bytes of SHA-256; a GitId is the 20 bytes of SHA-1 that git names objects by. Values,
// ordered by their bytes, hashable, all zeros when default-made (is_zero). Text form: lower-case hex.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace axon {

std::string to_hex(ByteSpan bytes);
// Fills `into` from exactly 2 × into.size() hex digits (lower case only); false if `text` is anything else.
bool from_hex(std::string_view text, MutableByteSpan into);

template <class Tag, std::size_t Size>
struct Id {
  static constexpr std::size_t kSize = Size;
  std::array<std::byte, Size> bytes{};

  auto operator<=>(const Id& other) const {
    return std::memcmp(bytes.data(), other.bytes.data(), Size) <=> 0;
  }
  bool operator==(const Id& other) const { return bytes == other.bytes; }
  bool is_zero() const { return *this == Id{}; }
  std::string hex() const { return to_hex(bytes); }
  std::string short_hex() const { return hex().substr(0, 12); }
  ByteSpan span() const { return bytes; }

  static std::optional<Id> parse(std::string_view text) {
    Id id;
    if (!from_hex(text, id.bytes)) return std::nullopt;
    return id;
  }
  // The caller has checked that `from` has kSize bytes.
  static Id from(ByteSpan from) {
    Id id;
    std::memcpy(id.bytes.data(), from.data(), Size);
    return id;
  }
  // The same bytes under another name; explicit, because each conversion is a claim.
  template <class Other>
  Other as() const {
    static_assert(Other::kSize == Size);
    Other other;
    other.bytes = bytes;
    return other;
  }
};

using Digest = Id<struct DigestTag, 32>;    // any SHA-256
using ChunkId = Id<struct ChunkTag, 32>;    // SHA-256 of a chunk's bytes
using RecipeId = Id<struct RecipeTag, 32>;  // SHA-256 of a recipe's bytes
using Oid = Id<struct OidTag, 32>;          // SHA-256 of a whole file
using TensorId = Id<struct TensorTag, 32>;  // of a tensor's content, see content/recipe.h
using PackId = Id<struct PackTag, 32>;      // SHA-256 of a pack's footer
using FrameId = Id<struct FrameTag, 32>;    // a chunk's or recipe's id, as the name of its frame
using GitId = Id<struct GitTag, 20>;        // SHA-1 of a git object

}  // namespace axon

template <class Tag, std::size_t Size>
struct std::hash<axon::Id<Tag, Size>> {
  std::size_t operator()(const axon::Id<Tag, Size>& id) const noexcept {
    std::size_t value;  // the bytes are uniformly spread already
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};

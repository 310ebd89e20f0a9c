#include "core/content/footer.h"

#include <algorithm>
#include <compare>
#include <string>

#include "core/base/error.h"
#include "core/content/frame.h"
#include "core/content/hash.h"

namespace axon::content {
namespace {

constexpr std::string_view kHeaderMagic = "AXONPACK";
constexpr std::string_view kFooterMagic = "AXONFOOT";
constexpr std::string_view kTrailerMagic = "AXONPEND";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kPiece = std::size_t{64} << 10;

Error damaged(std::string cause) {
  return Error(ErrorCode::integrity, "cannot read a pack's footer").because(std::move(cause));
}

void require(bool good, const char* cause) {
  if (!good) throw damaged(cause);
}

bool all_zero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

bool starts_with(ByteSpan bytes, std::string_view magic) {
  return as_text(bytes.first(magic.size())) == magic;
}

void append_entry(Bytes& to, const FrameEntry& entry) {
  append(to, entry.id.span());
  append_le(to, entry.offset);
  append_le(to, entry.raw);
  append_le(to, entry.stored);
  append_le(to, entry.crc);
  to.push_back(static_cast<std::byte>(entry.kind));
  to.push_back(static_cast<std::byte>(entry.encoding));
  append_le(to, std::uint16_t{0});
  append(to, entry.aux.span());
}

FrameEntry parse_entry(const std::byte* at) {
  FrameEntry entry;
  entry.id = FrameId::from({at, FrameId::kSize});
  entry.offset = load_le<std::uint64_t>(at + 32);
  entry.raw = load_le<std::uint32_t>(at + 40);
  entry.stored = load_le<std::uint32_t>(at + 44);
  entry.crc = load_le<std::uint32_t>(at + 48);
  entry.kind = static_cast<FrameKind>(at[52]);
  entry.encoding = static_cast<Encoding>(at[53]);
  require(load_le<std::uint16_t>(at + 54) == 0, "reserved bytes of an entry are used");
  entry.aux = Digest::from({at + 56, Digest::kSize});
  if (const char* problem = problem_of(entry)) throw damaged(problem);
  return entry;
}

bool before(const FrameEntry& a, const FrameEntry& b) {
  const auto order = a.id <=> b.id;
  return std::is_eq(order) ? a.offset < b.offset : std::is_lt(order);
}

// The frames cover everything between header and footer, without gaps and without overlap. The sums cannot
// overflow: there are at most 2^20 frames of less than 2^27 bytes.
void check_tiling(const std::vector<FrameEntry>& entries, std::uint64_t end) {
  struct Extent {
    std::uint64_t offset, size;
  };
  std::vector<Extent> extents;
  extents.reserve(entries.size());
  for (const auto& entry : entries) extents.push_back({entry.offset, entry.size()});
  std::sort(extents.begin(), extents.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  std::uint64_t expected = kPackHeaderSize;
  for (const auto& extent : extents) {
    require(extent.offset == expected, "its frames leave a gap or overlap");
    expected += extent.size;
  }
  require(expected == end, "its frames do not end where the footer starts");
}

}  // namespace

Bytes encode_pack_header(const PackNonce& nonce) {
  Bytes header;
  append(header, as_bytes(kHeaderMagic));
  append_le(header, kVersion);
  header.resize(header.size() + 6);
  append(header, nonce.span());
  return header;
}

void check_pack_header(ByteSpan bytes, const PackNonce& nonce) {
  const auto expected = encode_pack_header(nonce);
  if (!std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end())) {
    throw Error(ErrorCode::integrity, "cannot read a pack's header")
        .because("it is not that of the pack that the footer belongs to");
  }
}

PackId encode_footer(const PackNonce& nonce, std::span<const FrameEntry> entries,
                     const std::function<void(ByteSpan)>& sink) {
  Sha256 hasher;
  Bytes piece;
  piece.reserve(kPiece + kFooterEntrySize);
  const auto flush = [&] {
    hasher.update(piece);
    sink(piece);
    piece.clear();
  };
  append(piece, as_bytes(kFooterMagic));
  append_le(piece, kVersion);
  append_le(piece, std::uint16_t{0});
  append_le(piece, static_cast<std::uint32_t>(entries.size()));
  append(piece, nonce.span());
  for (const auto& entry : entries) {
    append_entry(piece, entry);
    if (piece.size() >= kPiece) flush();
  }
  flush();
  const auto hash = hasher.finish();
  append_le(piece, footer_size(entries.size()) - kPackTrailerSize);
  append(piece, hash.span());
  append(piece, as_bytes(kTrailerMagic));
  sink(piece);
  return hash.as<PackId>();
}

std::uint32_t footer_size_of(ByteSpan trailer, std::uint64_t pack_size) {
  require(as_text(trailer.subspan(40, 8)) == kTrailerMagic, "its last bytes are not a pack's trailer");
  const auto size = load_le<std::uint64_t>(trailer.data());
  constexpr std::uint64_t kMost = footer_size(kMaxPackFrames) - kPackTrailerSize;
  require(size >= kFooterHeaderSize && size <= kMost, "the footer's length is impossible");
  require((size - kFooterHeaderSize) % kFooterEntrySize == 0,
          "the footer's length is no whole number of entries");
  const auto whole = size + kPackTrailerSize;
  require(pack_size >= kPackHeaderSize && whole <= pack_size - kPackHeaderSize,
          "the footer is longer than the pack");
  return static_cast<std::uint32_t>(whole);
}

ParsedFooter parse_whole_footer(ByteSpan bytes, std::uint64_t pack_size, const PackId& expected) {
  require(bytes.size() >= kFooterHeaderSize + kPackTrailerSize, "it is cut short");
  const auto trailer = bytes.last(kPackTrailerSize);
  require(footer_size_of(trailer, pack_size) == bytes.size(), "its length is not what the trailer says");
  const auto body = bytes.first(bytes.size() - kPackTrailerSize);
  ParsedFooter parsed;
  PackFooter& footer = parsed.footer;
  footer.id = PackId::from(trailer.subspan(8, PackId::kSize));
  require(sha256(body).as<PackId>() == footer.id, "its hash is not what the trailer says");
  require(expected.is_zero() || footer.id == expected, "it belongs to another pack");

  require(starts_with(body, kFooterMagic), "it does not start like a footer");
  const auto version = load_le<std::uint16_t>(body.data() + 8);
  if (version != kVersion) {
    throw Error(ErrorCode::unsupported, "cannot read a pack's footer")
        .because("it has version " + std::to_string(version) + ", this program knows version 1")
        .hint("update axon");
  }
  require(all_zero(body.subspan(10, 2)), "reserved bytes of the footer are used");
  const std::uint64_t count = load_le<std::uint32_t>(body.data() + 12);
  require(footer_size(count) == bytes.size(), "the number of its entries does not fit its length");
  parsed.nonce = PackNonce::from(body.subspan(16, PackNonce::kSize));

  footer.pack_size = pack_size;
  footer.footer_size = static_cast<std::uint32_t>(bytes.size());
  footer.entries.reserve(count);
  for (auto at = kFooterHeaderSize; at < body.size(); at += kFooterEntrySize) {
    footer.entries.push_back(parse_entry(body.data() + at));
    const auto size = footer.entries.size();
    require(size < 2 || before(footer.entries[size - 2], footer.entries[size - 1]),
            "its entries are not sorted");
  }
  check_tiling(footer.entries, pack_size - bytes.size());
  return parsed;
}

}  // namespace axon::content

#include "remote/sync/pack_assembly.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "core/content/footer.h"

namespace axon::sync {

PackAssembly::PackAssembly(content::ContentStore& store, std::vector<content::FrameLocation> frames,
                           Random& random)
    : frames_(std::move(frames)), reader_(store, frames_), frame_number_(frames_.size()) {
  content::PackNonce nonce;
  random.fill(nonce.bytes);
  header_ = content::encode_pack_header(nonce);
  std::vector<content::FrameEntry> entries;
  entries.reserve(frames_.size());
  offsets_.reserve(frames_.size());
  std::uint64_t offset = header_.size();
  for (const auto& frame : frames_) {
    offsets_.push_back(offset);
    entries.push_back(frame.entry);
    entries.back().offset = offset;
    offset += frame.entry.size();
  }
  std::ranges::sort(entries, [](const auto& a, const auto& b) {
    return std::tie(a.id, a.offset) < std::tie(b.id, b.offset);
  });
  const auto id = content::encode_footer(nonce, entries, [this](ByteSpan bytes) { append(footer_, bytes); });
  pack_ = {PackKind::content, id.as<Digest>(), offset + footer_.size(),
           static_cast<std::uint32_t>(footer_.size())};
}

std::size_t PackAssembly::frame_at(std::uint64_t offset) const {
  const auto after = std::upper_bound(offsets_.begin(), offsets_.end(), offset);
  return static_cast<std::size_t>(after - offsets_.begin()) - 1;
}

// The bytes from `offset` to the end of what they belong to: header, frame or footer.
ByteSpan PackAssembly::piece_at(std::uint64_t offset) {
  if (offset < header_.size()) return ByteSpan(header_).subspan(offset);
  const auto footer = pack_.size - footer_.size();
  if (offset >= footer) return ByteSpan(footer_).subspan(offset - footer);
  const auto number = frame_at(offset);
  if (number != frame_number_) {
    frame_number_ = frames_.size();
    frame_ = reader_.frame(number);
    frame_number_ = number;
  }
  return frame_.subspan(offset - offsets_[number]);
}

void PackAssembly::read_at(std::uint64_t offset, MutableByteSpan into) {
  while (!into.empty()) {
    const auto piece = piece_at(offset);
    const auto length = std::min(piece.size(), into.size());
    std::memcpy(into.data(), piece.data(), length);
    offset += length;
    into = into.subspan(length);
  }
}

}  // namespace axon::sync

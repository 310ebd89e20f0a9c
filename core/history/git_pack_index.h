// GitPackIndex: where each object of a git pack lies; git's idx file, version 2.
//
//   "\377tOc" version=2
//   256 x u32 fan-out: objects whose first byte is at most i
//   n x 20 bytes of object names, ascending; n x u32 CRC-32 of the entries; n x u32 offsets
//   m x u64 offsets above 2^31, which the u32 offsets with the top bit set number
//   SHA-1 of the pack; SHA-1 of all before                     (all numbers big-endian)
//
// Held in memory whole: 28 bytes per object. Immutable after parsing, so thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace axon::history {

struct PackedObject {
  GitId id;
  std::uint32_t crc = 0;  // CRC-32 of the entry as it lies in the pack, header included
  std::uint64_t offset = 0;
};

// The bytes of an idx; sorts `objects` by name. Each name occurs once.
Bytes encode_pack_index(std::vector<PackedObject>& objects, const GitId& pack_checksum);

class GitPackIndex {
 public:
  // Checks everything but the CRCs: checksum, lengths, order, fan-out, offsets below `pack_size`.
  // Error(integrity) says what is wrong.
  static GitPackIndex parse(Bytes idx, std::uint64_t pack_size);

  std::uint32_t size() const { return count_; }
  GitId id(std::uint32_t at) const;
  std::uint32_t crc(std::uint32_t at) const;
  std::uint64_t offset(std::uint32_t at) const;
  GitId pack_checksum() const;
  std::optional<std::uint32_t> find(const GitId& id) const;
  // [first, last) of the objects whose names start with these lower-case hex digits.
  std::pair<std::uint32_t, std::uint32_t> find_prefix(std::string_view hex) const;

 private:
  explicit GitPackIndex(Bytes idx) : idx_(std::move(idx)) {}
  void check(std::uint64_t pack_size) const;
  std::uint32_t lower_bound(const GitId& wanted) const;
  Bytes idx_;
  std::uint32_t count_ = 0;
  std::uint32_t large_ = 0;  // entries of the table of 64-bit offsets
};

}  // namespace axon::history

// How frames become rows of the index, and rows frames.
#pragma once

#include <tuple>
#include <vector>

#include "core/base/sqlite.h"
#include "core/content/index.h"

namespace axon::content {

// The part of a 32-byte id that the index sorts by.
template <class AnyId>
std::int64_t prefix_of(const AnyId& id) {
  return static_cast<std::int64_t>(__builtin_bswap64(load_le<std::uint64_t>(id.bytes.data())));
}

// The columns of a frame, for SELECT, and the entry made of them (they start at `column`). A row that cannot
// be a frame throws Error(integrity).
constexpr const char* kFrameColumns = "f.id, f.kind, f.encoding, f.offset, f.raw, f.stored, f.crc, f.aux";
FrameEntry read_frame_row(Statement& row, int column);

// Throws Error(integrity) unless the blob has the id's length.
template <class AnyId>
AnyId read_id(Statement& row, int column);

// Adds packs inside a write transaction of the caller's.
class PackInserter {
 public:
  explicit PackInserter(Database& database);
  // False when the pack was there already.
  bool add(const PackFooter& footer);
  // Inserts what lookups by id need: sorted, for all packs at once, because that is much faster.
  void finish();

 private:
  struct LookupRow {
    std::int64_t prefix, pack;
    std::int64_t place;  // the frame's offset; of a delta, offset | kDelta
    static constexpr std::int64_t kDelta = std::int64_t{1} << 62;
    std::int64_t delta() const { return (place & kDelta) != 0; }
    std::int64_t offset() const { return place & ~kDelta; }
    auto key() const { return std::make_tuple(prefix, delta(), pack, offset()); }
  };
  std::int64_t insert_pack(const PackFooter& footer);
  void insert_frame(std::int64_t pack, const FrameEntry& entry);
  void insert_recipe(std::int64_t pack, const FrameEntry& entry);

  Database& database_;
  Statement find_pack_, pack_, frame_, lookup_, recipe_;
  std::vector<LookupRow> lookups_;
};

}  // namespace axon::content

#include "core/content/index_rows.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/base/error.h"
#include "core/content/frame.h"

namespace axon::content {
namespace {

Error damaged(const char* cause) {
  return Error(ErrorCode::integrity, "cannot use the index").because(cause);
}

template <class Number>
Number read_number(Statement& row, int column) {
  const auto value = row.column_int(column);
  if (!std::in_range<Number>(value)) throw damaged("a number in it is out of range");
  return static_cast<Number>(value);
}

}  // namespace

template <class AnyId>
AnyId read_id(Statement& row, int column) {
  const auto blob = row.column_blob(column);
  if (blob.size() != AnyId::kSize) throw damaged("an id in it has a wrong length");
  return AnyId::from(blob);
}
template PackId read_id<PackId>(Statement&, int);
template RecipeId read_id<RecipeId>(Statement&, int);

FrameEntry read_frame_row(Statement& row, int column) {
  FrameEntry entry;
  entry.id = read_id<FrameId>(row, column);
  entry.kind = static_cast<FrameKind>(read_number<std::uint8_t>(row, column + 1));
  entry.encoding = static_cast<Encoding>(read_number<std::uint8_t>(row, column + 2));
  entry.offset = read_number<std::uint64_t>(row, column + 3);
  entry.raw = read_number<std::uint32_t>(row, column + 4);
  entry.stored = read_number<std::uint32_t>(row, column + 5);
  entry.crc = read_number<std::uint32_t>(row, column + 6);
  if (!row.column_null(column + 7)) entry.aux = read_id<Digest>(row, column + 7);
  if (const char* problem = problem_of(entry)) throw damaged(problem);
  return entry;
}

PackInserter::PackInserter(Database& database)
    : database_(database),
      find_pack_(database.prepare("SELECT 1 FROM packs WHERE id=?1")),
      pack_(database.prepare("INSERT INTO packs(id, size, frames, raw, stored) VALUES(?1, ?2, ?3, ?4, ?5)")),
      frame_(database.prepare("INSERT INTO frames VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")),
      lookup_(database.prepare("INSERT INTO lookup VALUES(?1, ?2, ?3, ?4)")),
      // A recipe that another pack brought already keeps what is known of it.
      recipe_(database.prepare(
          "INSERT INTO recipes VALUES(?1, ?2, ?3, EXISTS("
          "SELECT 1 FROM recipes r CROSS JOIN frames f ON f.pack=r.pack AND f.offset=r.offset "
          "WHERE r.prefix=?1 AND r.verified AND f.id=?4 AND f.aux=?5))")) {}

bool PackInserter::add(const PackFooter& footer) {
  find_pack_.bind_blob(1, footer.id.span());
  const bool known = find_pack_.step();
  find_pack_.reset();
  if (known) return false;
  const auto pack = insert_pack(footer);
  std::vector<std::uint32_t> by_offset(footer.entries.size());
  std::iota(by_offset.begin(), by_offset.end(), 0);
  std::sort(by_offset.begin(), by_offset.end(), [&](std::uint32_t a, std::uint32_t b) {
    return footer.entries[a].offset < footer.entries[b].offset;
  });
  for (const auto position : by_offset) {
    const auto& entry = footer.entries[position];
    insert_frame(pack, entry);
    if (entry.kind == FrameKind::recipe) insert_recipe(pack, entry);
    const auto offset = static_cast<std::int64_t>(entry.offset);
    const auto place = entry.stands_alone() ? offset : offset | LookupRow::kDelta;
    lookups_.push_back({prefix_of(entry.id), pack, place});
  }
  return true;
}

std::int64_t PackInserter::insert_pack(const PackFooter& footer) {
  std::int64_t raw = 0, stored = 0;
  for (const auto& entry : footer.entries) {
    raw += entry.raw;
    stored += entry.stored;
  }
  pack_.bind_blob(1, footer.id.span())
      .bind(2, static_cast<std::int64_t>(footer.pack_size))
      .bind(3, static_cast<std::int64_t>(footer.entries.size()))
      .bind(4, raw)
      .bind(5, stored)
      .run();
  return database_.last_insert_rowid();
}

void PackInserter::insert_frame(std::int64_t pack, const FrameEntry& entry) {
  frame_.bind(1, pack)
      .bind(2, static_cast<std::int64_t>(entry.offset))
      .bind_blob(3, entry.id.span())
      .bind(4, static_cast<std::int64_t>(entry.kind))
      .bind(5, static_cast<std::int64_t>(entry.encoding))
      .bind(6, entry.raw)
      .bind(7, entry.stored)
      .bind(8, entry.crc);
  if (entry.aux.is_zero()) {
    frame_.bind_null(9);
  } else {
    frame_.bind_blob(9, entry.aux.span());
  }
  frame_.run();
}

void PackInserter::insert_recipe(std::int64_t pack, const FrameEntry& entry) {
  recipe_.bind(1, prefix_of(entry.aux))
      .bind(2, pack)
      .bind(3, static_cast<std::int64_t>(entry.offset))
      .bind_blob(4, entry.id.span())
      .bind_blob(5, entry.aux.span())
      .run();
}

void PackInserter::finish() {
  std::sort(lookups_.begin(), lookups_.end(),
            [](const LookupRow& a, const LookupRow& b) { return a.key() < b.key(); });
  for (const auto& row : lookups_) {
    lookup_.bind(1, row.prefix).bind(2, row.delta()).bind(3, row.pack).bind(4, row.offset()).run();
  }
  lookups_.clear();
}

}  // namespace axon::content

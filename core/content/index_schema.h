// The index's database: its tables, and how it is opened. Page: docs/formats/index.md.
#pragma once

#include <memory>

#include "core/base/sqlite.h"
#include "core/content/index.h"

namespace axon::content {

constexpr std::int64_t kIndexApplicationId = 0x41584958;  // "AXIX"
constexpr std::int64_t kIndexVersion = 1;

// Opens, creates where allowed, and checks that the tables are ours: Error(integrity) if not.
std::unique_ptr<Database> open_index(const fs::Path& path, IndexMode mode);
// Fills an empty database; the caller holds a write transaction.
void create_index_schema(Database& database);

// Runs `work`. SQL that does not fit the tables, or a broken constraint, is damage: Error(integrity).
template <class Work>
auto failure_is_damage(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::failed) throw;
    Error damage(ErrorCode::integrity, error.message());
    for (const auto& cause : error.causes()) damage.because(cause);
    throw damage;
  }
}

}  // namespace axon::content

#include "core/content/index_schema.h"

#include <string>

namespace axon::content {
namespace {

constexpr std::uint32_t kCacheKib = 16 * 1024;

// Stored by SQLite as they are written here, and compared on opening: changing a byte needs a new version.
//
// Frames lie as they do in their packs, so that a pack is added at the end, listed by one scan and removed as
// a range. The random access of ids falls on `lookup`, which has only their first 8 bytes: it stays small (a
// fifth of the whole), so that most of its pages are in memory, and misses, which a first commit consists of,
// read nothing else.
constexpr const char* kTables[] = {
    "CREATE TABLE frames(pack INTEGER NOT NULL, offset INTEGER NOT NULL, id BLOB NOT NULL, "
    "kind INTEGER NOT NULL, encoding INTEGER NOT NULL, raw INTEGER NOT NULL, stored INTEGER NOT NULL, "
    "crc INTEGER NOT NULL, aux BLOB, PRIMARY KEY(pack, offset)) WITHOUT ROWID",
    "CREATE TABLE lookup(prefix INTEGER NOT NULL, delta INTEGER NOT NULL, pack INTEGER NOT NULL, "
    "offset INTEGER NOT NULL, PRIMARY KEY(prefix, delta, pack, offset)) WITHOUT ROWID",
    "CREATE TABLE packs(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, "
    "frames INTEGER NOT NULL, raw INTEGER NOT NULL, stored INTEGER NOT NULL)",
    "CREATE TABLE recipes(prefix INTEGER NOT NULL, pack INTEGER NOT NULL, offset INTEGER NOT NULL, "
    "verified INTEGER NOT NULL, PRIMARY KEY(prefix, pack, offset)) WITHOUT ROWID",
};

std::string expected_schema() {
  std::string schema;
  for (const char* table : kTables) schema += std::string(table) + '\n';
  return schema;
}

std::string schema_of(Database& database) {
  auto statement = database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
  std::string schema;
  while (statement.step()) schema += std::string(statement.column_text(0)) + '\n';
  return schema;
}

Error not_ours(const Database& database, const char* cause) {
  return Error(ErrorCode::integrity, "cannot use index '" + database.path().string() + "'").because(cause);
}

enum class Content { none, index };

Content content_of(Database& database) {
  const auto application = database.query_int("PRAGMA application_id");
  const auto version = database.query_int("PRAGMA user_version");
  const auto schema = schema_of(database);
  if (application == 0 && version == 0 && schema.empty()) return Content::none;
  if (application != kIndexApplicationId) throw not_ours(database, "it is another program's database");
  if (version != kIndexVersion) throw not_ours(database, "it has another version");
  if (schema != expected_schema()) throw not_ours(database, "its tables are not those of an index");
  return Content::index;
}

Content content_now(Database& database) {
  Transaction transaction(database, Transaction::Kind::read);
  const auto content = content_of(database);
  transaction.commit();
  return content;
}

void create_if_empty(Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  // Another process may have done it meanwhile.
  if (content_of(database) == Content::none) create_index_schema(database);
  transaction.commit();
}

bool has_content(const fs::Path& path) {
  std::error_code absent;
  const auto size = std::filesystem::file_size(path, absent);
  return !absent && size > 0;
}

std::unique_ptr<Database> open_read_only(const fs::Path& path) {
  // An immutable database is read without its log or journal. Where there is one, another process is writing
  // (or crashed), and reading with it is better, if these files are accessible.
  if (has_content(path.string() + "-wal") || has_content(path.string() + "-journal")) {
    try {
      return std::make_unique<Database>(
          path, DatabaseOptions{.access = DatabaseAccess::read_only, .cache_kib = kCacheKib});
    } catch (const Error& error) {
      if (error.code() == ErrorCode::integrity) throw;
    }
  }
  return std::make_unique<Database>(
      path, DatabaseOptions{.access = DatabaseAccess::immutable, .cache_kib = kCacheKib});
}

}  // namespace

void create_index_schema(Database& database) {
  for (const char* table : kTables) database.exec(table);
  database.exec("PRAGMA application_id=" + std::to_string(kIndexApplicationId) +
                "; PRAGMA user_version=" + std::to_string(kIndexVersion));
}

std::unique_ptr<Database> open_index(const fs::Path& path, IndexMode mode) {
  if (mode == IndexMode::read_only) {
    auto database = open_read_only(path);
    if (content_now(*database) == Content::none) throw not_ours(*database, "it is empty");
    return database;
  }
  auto database = std::make_unique<Database>(path, DatabaseOptions{.cache_kib = kCacheKib});
  // Where the log grew by a large transaction, its file shrinks again.
  database->exec("PRAGMA journal_size_limit=16777216");
  const auto content = content_now(*database);  // first: what is not ours is left as it is
  database->choose_journal();
  if (content == Content::none) create_if_empty(*database);
  return database;
}

}  // namespace axon::content

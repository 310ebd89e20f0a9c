#include "core/workspace/stat_cache.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <span>
#include <utility>

#include "core/base/error.h"
#include "core/base/sqlite.h"

namespace axon::workspace {

namespace {

constexpr std::int64_t kApplication = 0x41584f4e;  // "AXON"
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kSecond = 1'000'000'000;

constexpr const char* kSchema =
    "CREATE TABLE files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,"
    " ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL, mode INTEGER NOT NULL,"
    " blob BLOB NOT NULL, sha256 BLOB NOT NULL, pointer INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT "
    "ROWID;";

DatabaseOptions options() {
  DatabaseOptions options;
  options.busy_timeout = std::chrono::seconds{1};  // another status is at work; its entries are as good
  return options;
}

void remove_database(fs::FileSystem& fs, const fs::Path& path) {
  for (const auto* suffix : {"", "-journal", "-wal", "-shm"}) {
    fs::Path file = path;
    file += suffix;
    if (fs::exists(fs, file)) fs.remove(file);
  }
}

bool is_ours(Database& database) {
  return database.query_int("PRAGMA application_id") == kApplication &&
         database.query_int("PRAGMA user_version") == kVersion;
}

void make_schema(Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  if (is_ours(database)) return;  // made meanwhile by another process
  database.exec(kSchema);
  database.exec("PRAGMA application_id = " + std::to_string(kApplication));
  database.exec("PRAGMA user_version = " + std::to_string(kVersion));
  transaction.commit();
}

}  // namespace

// The kernel stamps files with the time of its last tick, at most 10 ms ago. Whole seconds in both times give
// away a file system that knows no better, or one of whose files this is true of by chance.
std::int64_t racy_window(const fs::FileInfo& info) {
  const bool whole_seconds = info.mtime_ns % kSecond == 0 && info.ctime_ns % kSecond == 0;
  return whole_seconds ? 2 * kSecond : 20'000'000;
}

bool is_racy(const fs::FileInfo& info, std::int64_t looked_at_ns) {
  const auto window = racy_window(info);
  // A user may set any mtime, also one in the future; only the kernel sets a ctime.
  const bool by_mtime = std::abs(looked_at_ns - info.mtime_ns) <= window;
  return by_mtime || info.ctime_ns >= looked_at_ns - window;
}

StatCache::StatCache(fs::FileSystem& fs, fs::Path path) : fs_(fs), path_(std::move(path)) {
  try {
    load();
  } catch (const Error& error) {
    entries_.clear();
    const bool useless = error.code() == ErrorCode::integrity || error.code() == ErrorCode::failed;
    if (!useless) return;
    try {
      remove_database(fs_, path_);
    } catch (const Error&) {  // then it stays, and `save` fails as quietly
    }
  }
}

// FNV-1a over all of a row. What a row says goes into commits, so a flipped bit must not go unseen, and
// SQLite checks the shape of its pages only.
std::int64_t StatCache::Entry::sum(std::string_view path) const {
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&](ByteSpan bytes) {
    for (const auto byte : bytes) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3U;
  };
  add(as_bytes(path));
  const std::array<std::uint64_t, 7> numbers{content.size,
                                             std::bit_cast<std::uint64_t>(mtime_ns),
                                             std::bit_cast<std::uint64_t>(ctime_ns),
                                             inode,
                                             device,
                                             mode,
                                             content.pointer ? 1U : 0U};
  add(std::as_bytes(std::span(numbers)));
  add(content.blob.span());
  add(content.sha256.span());
  return std::bit_cast<std::int64_t>(hash);
}

void StatCache::load() {
  if (!fs::exists(fs_, path_)) return;
  auto opened = options();
  opened.access = DatabaseAccess::read_only;
  Database database(path_, opened);
  if (!is_ours(database)) throw Error(ErrorCode::integrity, "not a stat cache");
  entries_.reserve(static_cast<std::size_t>(std::max<std::int64_t>(
      0, std::min<std::int64_t>(1'000'000, database.query_int("SELECT count(*) FROM files")))));
  auto rows = database.prepare(
      "SELECT path, size, mtime_ns, ctime_ns, inode, device, mode, blob, sha256, pointer, sum FROM files");
  while (rows.step()) {
    const auto blob = rows.column_blob(7), sha256 = rows.column_blob(8);
    if (blob.size() != GitId::kSize || sha256.size() != Digest::kSize) {
      throw Error(ErrorCode::integrity, "a row of the stat cache is damaged");
    }
    Entry entry;
    entry.content = {GitId::from(blob), Digest::from(sha256),
                     std::bit_cast<std::uint64_t>(rows.column_int(1)), rows.column_int(9) != 0};
    entry.mtime_ns = rows.column_int(2);
    entry.ctime_ns = rows.column_int(3);
    entry.inode = std::bit_cast<std::uint64_t>(rows.column_int(4));
    entry.device = std::bit_cast<std::uint64_t>(rows.column_int(5));
    entry.mode = static_cast<std::uint32_t>(rows.column_int(6));
    if (entry.sum(rows.column_text(0)) != rows.column_int(10)) {
      throw Error(ErrorCode::integrity, "a row of the stat cache is damaged");
    }
    entries_.emplace(rows.column_text(0), entry);
  }
}

const KnownContent* StatCache::find(std::string_view path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : &found->second.content;
}

const KnownContent* StatCache::unchanged(std::string_view path, const fs::FileInfo& now) const {
  const auto found = entries_.find(path);
  if (found == entries_.end()) return nullptr;
  const auto& entry = found->second;
  if (entry.mtime_ns == 0 && entry.ctime_ns == 0) return nullptr;
  const bool same = entry.content.size == now.size && entry.mtime_ns == now.mtime_ns &&
                    entry.ctime_ns == now.ctime_ns && entry.inode == now.inode &&
                    entry.device == now.device && entry.mode == now.mode;
  return same ? &entry.content : nullptr;
}

void StatCache::record(const std::string& path, const fs::FileInfo& info, const KnownContent& content,
                       std::int64_t looked_at_ns) {
  Entry entry{content, info.mtime_ns, info.ctime_ns, info.inode, info.device, info.mode};
  if (is_racy(info, looked_at_ns)) entry.mtime_ns = entry.ctime_ns = 0;
  const auto [place, fresh] = entries_.try_emplace(path, entry);
  if (!fresh && place->second == entry) return;
  place->second = entry;
  changed_.insert(path);
  dropped_.erase(path);
}

StatCache::Entries::iterator StatCache::drop(Entries::iterator entry) {
  changed_.erase(entry->first);
  dropped_.insert(entry->first);
  return entries_.erase(entry);
}

void StatCache::save() noexcept {
  if (changed_.empty() && dropped_.empty()) return;
  try {
    write();
    changed_.clear();
    dropped_.clear();
  } catch (const std::exception&) {  // the next command hashes what this one did
  }
}

void StatCache::write() {
  Database database(path_, options());
  database.exec("PRAGMA synchronous = NORMAL");
  if (!is_ours(database)) make_schema(database);
  Transaction transaction(database, Transaction::Kind::write);
  auto remove = database.prepare("DELETE FROM files WHERE path = ?");
  for (const auto& path : dropped_) remove.bind_text(1, path).run();
  auto put = database.prepare("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  std::vector<std::string_view> sorted(changed_.begin(), changed_.end());
  std::ranges::sort(sorted);  // pages fill one after another
  for (const auto path : sorted) {
    const auto& entry = entries_.find(path)->second;
    put.bind_text(1, path)
        .bind(2, std::bit_cast<std::int64_t>(entry.content.size))
        .bind(3, entry.mtime_ns)
        .bind(4, entry.ctime_ns)
        .bind(5, std::bit_cast<std::int64_t>(entry.inode))
        .bind(6, std::bit_cast<std::int64_t>(entry.device))
        .bind(7, entry.mode)
        .bind_blob(8, entry.content.blob.span())
        .bind_blob(9, entry.content.sha256.span())
        .bind(10, entry.content.pointer ? 1 : 0)
        .bind(11, entry.sum(path))
        .run();
  }
  transaction.commit();
}

}  // namespace axon::workspace

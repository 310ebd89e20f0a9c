#include "core/base/sqlite.h"

#include <sqlite3.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <thread>
#include <utility>

namespace axon {
namespace {

ErrorCode code_of_errno(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission;
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::not_found;
    default:
      return ErrorCode::io;
  }
}

ErrorCode code_of(int result, int system_error) {
  // The file was taken away, or put in another's place, under an open connection.
  if (result == SQLITE_IOERR_CORRUPTFS || result == SQLITE_READONLY_DBMOVED) return ErrorCode::integrity;
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::integrity;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return ErrorCode::locked;
    case SQLITE_FULL:
      return ErrorCode::no_space;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::permission;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return code_of_errno(system_error);
    default:
      return ErrorCode::failed;
  }
}

// From linux/magic.h, which lacks half of them.
constexpr std::uint64_t kNotSharing[] = {
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x65735546,  // FUSE
    0x01021997,  // 9P
    0x5346414F,  // AFS
    0x73757245,  // Coda
    0x00C36400,  // Ceph
    0x0BD00BD0,  // Lustre
    0x786F4256,  // VirtualBox shared folders
    0xBACBACBC,  // VMware shared folders
};

bool plain_in_uri(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::strchr("/._-~", c) != nullptr;
}

std::string immutable_uri(const std::string& path) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  // An empty authority: a path that starts with two slashes would be taken for one.
  std::string uri = path.starts_with('/') ? "file://" : "file:";
  for (const char c : path) {
    if (plain_in_uri(c)) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return uri + "?immutable=1";
}

int flags_of(DatabaseAccess access) {
  constexpr int kThreads = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  switch (access) {
    case DatabaseAccess::read_write:
      return kThreads | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case DatabaseAccess::read_only:
      return kThreads | SQLITE_OPEN_READONLY;
    case DatabaseAccess::immutable:
      return kThreads | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  }
  return kThreads | SQLITE_OPEN_READONLY;
}

}  // namespace

bool shares_memory(std::uint64_t file_system_type) {
  return std::find(std::begin(kNotSharing), std::end(kNotSharing), file_system_type) == std::end(kNotSharing);
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Database::Database(const std::filesystem::path& path, const DatabaseOptions& options)
    : path_(path), access_(options.access), busy_timeout_(options.busy_timeout) {
  open();
  exec("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-" +
       std::to_string(options.cache_kib));
}

Database::Database(const std::filesystem::path& path, std::chrono::milliseconds busy_timeout, Untouched)
    : path_(path), busy_timeout_(busy_timeout) {
  open();
}

void Database::open() {
  // Absolute, because SQLite reads some relative names as something else (":memory:", "", "file:…").
  const auto name = std::filesystem::absolute(path_).string();
  const auto opened = access_ == DatabaseAccess::immutable ? immutable_uri(name) : name;
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(opened.c_str(), &handle, flags_of(access_), nullptr);
  handle_.reset(handle);
  check(result, "open");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout_.count()));
  // A damaged or hostile schema must not run code.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

Error Database::error_of(int result, const char* action) {
  const std::string headline = std::string("cannot ") + action + " database '" + path_.string() + "'";
  if (!handle_) return Error(ErrorCode::failed, headline).because(sqlite3_errstr(result));
  const int number = sqlite3_system_errno(handle_.get());
  Error error(code_of(result, number), headline);
  if (result == SQLITE_READONLY && access_ == DatabaseAccess::read_write &&
      ::access(path_.c_str(), W_OK) == 0) {
    error = Error(ErrorCode::integrity, headline).because("its header claims an unknown version");
  }
  error.because(sqlite3_errmsg(handle_.get()));
  const int kind = result & 0xff;
  if ((kind == SQLITE_CANTOPEN || kind == SQLITE_IOERR) && number != 0) error.because(std::strerror(number));
  return error;
}

void Database::check(int result, const char* action) {
  if (result != SQLITE_OK) throw error_of(result, action);
}

void Database::exec(const std::string& sql) {
  check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr), "use");
}

Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr),
        "use");
  return Statement(*this, statement);
}

std::int64_t Database::query_int(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement.step()) throw error_of(SQLITE_DONE, "query");
  return statement.column_int(0);
}

std::string Database::query_text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement.step()) throw error_of(SQLITE_DONE, "query");
  return std::string(statement.column_text(0));
}

std::int64_t Database::last_insert_rowid() {
  return sqlite3_last_insert_rowid(handle_.get());
}

void Database::choose_journal() {
  struct statfs status {};
  const auto folder = std::filesystem::absolute(path_).parent_path();
  const bool shared =
      ::statfs(folder.c_str(), &status) == 0 && shares_memory(static_cast<std::uint32_t>(status.f_type));
  const std::string wanted = shared ? "wal" : "delete";
  if (query_text("PRAGMA journal_mode") == wanted) return;
  const auto deadline = std::chrono::steady_clock::now() + busy_timeout_;
  for (;;) {
    try {
      // Answers the mode that it has afterwards; where it cannot be changed, the old one works too.
      query_text("PRAGMA journal_mode=" + wanted);
      return;
    } catch (const Error& error) {
      // The busy timeout does not reach this change: SQLite gives up at once.
      if (error.code() != ErrorCode::locked || std::chrono::steady_clock::now() >= deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

void Database::copy_over(const std::filesystem::path& to) {
  Database target(to, busy_timeout_, Untouched{});
  sqlite3* handle = target.handle_.get();
  // This look into the file also tells SQLite of a write-ahead log, through which the content can be replaced
  // while others have it open.
  const int looked = sqlite3_exec(handle, "SELECT 1 FROM sqlite_schema", nullptr, nullptr, nullptr);
  if (looked != SQLITE_OK && code_of(looked, 0) != ErrorCode::locked) {
    // Whatever the file holds counts as an empty database. Not for sound ones: their schema's number would
    // start again, and others would not notice that their tables are new.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  }
  sqlite3_backup* backup = sqlite3_backup_init(handle, "main", handle_.get(), "main");
  if (backup == nullptr) throw target.error_of(sqlite3_extended_errcode(handle), "replace");
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  target.check(stepped == SQLITE_DONE ? finished : stepped, "replace");
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  database_->check(sqlite3_bind_int64(handle_.get(), parameter, value), "use");
  return *this;
}

Statement& Statement::bind_blob(int parameter, ByteSpan value) {
  database_->check(sqlite3_bind_blob64(handle_.get(), parameter,
                                       value.empty() ? "" : static_cast<const void*>(value.data()),
                                       value.size(), SQLITE_STATIC),
                   "use");
  return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view value) {
  database_->check(sqlite3_bind_text64(handle_.get(), parameter, value.empty() ? "" : value.data(),
                                       value.size(), SQLITE_STATIC, SQLITE_UTF8),
                   "use");
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  database_->check(sqlite3_bind_null(handle_.get(), parameter), "use");
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(handle_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  const Error error = database_->error_of(result, "use");
  reset();
  throw error;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() noexcept {
  sqlite3_reset(handle_.get());
}

std::int64_t Statement::column_int(int column) {
  return sqlite3_column_int64(handle_.get(), column);
}

ByteSpan Statement::column_blob(int column) {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const std::byte*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

std::string_view Statement::column_text(int column) {
  const auto* data = sqlite3_column_text(handle_.get(), column);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

bool Statement::column_null(int column) {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.exec(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!open_) return;
  // Fails when SQLite has rolled back by itself (after a full disk, say): the same outcome.
  sqlite3_exec(database_.handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.exec("COMMIT");
  open_ = false;
}

}  // namespace axon

// SQLite, as far as axon uses it: a database, its statements, its transactions.
//
// Threads: a Database and everything made from it belong to one thread at a time. Ownership: a Statement or
// Transaction must not outlive its Database. SQLite does its own I/O, past the FileSystem seam.
// Errors name the database's path; codes: integrity (damaged, or not a database), locked (another process
// held it for longer than the busy timeout), no_space, permission, not_found (no such file), io, failed (SQL
// that does not fit the schema, a broken constraint).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace axon {

enum class DatabaseAccess {
  read_write,  // created when absent
  read_only,   // takes part in locking, so it needs the folder's shared memory file where the journal is WAL
  immutable,   // promises SQLite that nobody writes meanwhile: no locks, no journal; what a WAL holds is not
               // seen
};

struct DatabaseOptions {
  DatabaseAccess access = DatabaseAccess::read_write;
  std::chrono::milliseconds busy_timeout{60'000};
  std::uint32_t cache_kib = 2048;  // the most that pages may take
};

// False for the types (statfs) of file systems whose clients do not see each other's shared memory.
bool shares_memory(std::uint64_t file_system_type);

class Statement;

// One connection.
class Database {
 public:
  explicit Database(const std::filesystem::path& path, const DatabaseOptions& options = {});
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs one or more statements; rows are dropped.
  void exec(const std::string& sql);
  Statement prepare(std::string_view sql);
  // The first column of the first row; throws Error(failed) when there is none.
  std::int64_t query_int(std::string_view sql);
  std::string query_text(std::string_view sql);
  std::int64_t last_insert_rowid();

  // Write-ahead log where processes can share memory through the file system, else a rollback journal
  // (network and FUSE file systems). Waits for other connections as long as the busy timeout says.
  void choose_journal();

  // Replaces the database at `to` by this one, in one transaction, whatever was there: nothing, another
  // database, a damaged one. Those that have it open see the old content or the new: safer than a rename,
  // which would marry the new file to the old one's log.
  void copy_over(const std::filesystem::path& to);

  const std::filesystem::path& path() const { return path_; }

 private:
  friend class Statement;
  friend class Transaction;
  Error error_of(int result, const char* action);
  void check(int result, const char* action);
  void open();

  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Untouched {};
  // Opens without looking into the file.
  Database(const std::filesystem::path& path, std::chrono::milliseconds busy_timeout, Untouched);

  std::filesystem::path path_;
  DatabaseAccess access_ = DatabaseAccess::read_write;
  std::chrono::milliseconds busy_timeout_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement. Parameters are numbered from 1, columns from 0. While it is between step and reset it
// holds the database's read lock: see Use.
class Statement {
 public:
  Statement(Statement&&) noexcept = default;
  Statement& operator=(Statement&&) noexcept = default;

  Statement& bind(int parameter, std::int64_t value);
  // Blobs and texts are not copied: they stay in place until the statement has run.
  Statement& bind_blob(int parameter, ByteSpan value);
  Statement& bind_text(int parameter, std::string_view value);
  Statement& bind_null(int parameter);

  // True: a row is there. After an error the statement is reset.
  bool step();
  // Runs a statement that gives no rows (or whose rows do not matter) and resets it.
  void run();
  void reset() noexcept;

  // Of the current row; spans are valid until the next step or reset.
  std::int64_t column_int(int column);
  ByteSpan column_blob(int column);
  std::string_view column_text(int column);
  bool column_null(int column);

  // Resets the statement at the end of a scope.
  class Use {
   public:
    explicit Use(Statement& statement) : statement_(statement) {}
    ~Use() { statement_.reset(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Statement& statement_;
  };

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(Database& database, sqlite3_stmt* statement) : database_(&database), handle_(statement) {}

  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// Rolls back in its destructor unless committed.
class Transaction {
 public:
  enum class Kind {
    read,   // one consistent view; never waits for writers where the journal is WAL
    write,  // takes the write lock at once, so that it cannot fail for it later
  };
  Transaction(Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace axon

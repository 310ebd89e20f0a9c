#include "core/base/sqlite.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/support/temp_dir.h"

namespace axon {
namespace {

class SqliteTest : public ::testing::Test {
 protected:
  std::filesystem::path path() const { return folder_ / "a.db"; }
  void make_table() { Database(path()).exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)"); }
  template <class Work>
  static ErrorCode code_of(const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      EXPECT_FALSE(error.causes().empty());
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::failed;
  }
  test::TempDir folder_;
};

TEST_F(SqliteTest, KeepsNumbersBlobsAndTexts) {
  Database database(path());
  database.exec("CREATE TABLE t(a, b, c, d)");
  database.prepare("INSERT INTO t VALUES(?1, ?2, ?3, ?4)")
      .bind(1, -5'000'000'000)
      .bind_blob(2, as_bytes(std::string_view("\0x", 2)))
      .bind_text(3, "it's")
      .bind_null(4)
      .run();
  auto row = database.prepare("SELECT a, b, c, d FROM t");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.column_int(0), -5'000'000'000);
  EXPECT_EQ(as_text(row.column_blob(1)), std::string_view("\0x", 2));
  EXPECT_EQ(row.column_text(2), "it's");
  EXPECT_FALSE(row.column_null(2));
  EXPECT_TRUE(row.column_null(3));
  EXPECT_FALSE(row.step());
}

TEST_F(SqliteTest, TellsAnEmptyBlobFromNone) {
  Database database(path());
  database.exec("CREATE TABLE t(a)");
  database.prepare("INSERT INTO t VALUES(?1)").bind_blob(1, {}).run();
  EXPECT_EQ(database.query_int("SELECT a IS NULL FROM t"), 0);
  EXPECT_EQ(database.query_text("SELECT typeof(a) FROM t"), "blob");
}

TEST_F(SqliteTest, RunsAStatementAgain) {
  make_table();
  Database database(path());
  auto insert = database.prepare("INSERT INTO t(a) VALUES(?1)");
  for (int i = 0; i < 10; ++i) insert.bind(1, i).run();
  EXPECT_EQ(database.query_int("SELECT count(*) FROM t"), 10);
  EXPECT_EQ(database.last_insert_rowid(), 9);
}

TEST_F(SqliteTest, AsksForARowThatMustBeThere) {
  make_table();
  Database database(path());
  EXPECT_EQ(code_of([&] { database.query_int("SELECT a FROM t"); }), ErrorCode::failed);
}

TEST_F(SqliteTest, UndoesATransactionThatIsNotCommitted) {
  make_table();
  Database database(path());
  {
    Transaction transaction(database, Transaction::Kind::write);
    database.exec("INSERT INTO t(a) VALUES(1)");
  }
  EXPECT_EQ(database.query_int("SELECT count(*) FROM t"), 0);
  {
    Transaction transaction(database, Transaction::Kind::write);
    database.exec("INSERT INTO t(a) VALUES(1)");
    transaction.commit();
  }
  EXPECT_EQ(Database(path()).query_int("SELECT count(*) FROM t"), 1);
}

TEST_F(SqliteTest, GoesOnAfterAFailedStatement) {
  make_table();
  Database database(path());
  auto insert = database.prepare("INSERT INTO t(a) VALUES(?1)");
  insert.bind(1, 1).run();
  EXPECT_EQ(code_of([&] { insert.run(); }), ErrorCode::failed);
  insert.bind(1, 2).run();
  EXPECT_EQ(database.query_int("SELECT count(*) FROM t"), 2);
}

TEST_F(SqliteTest, UseResetsAtTheEndOfItsScope) {
  make_table();
  Database database(path());
  database.exec("INSERT INTO t(a) VALUES(1), (2)");
  auto select = database.prepare("SELECT a FROM t ORDER BY a");
  for (int i = 0; i < 2; ++i) {
    const Statement::Use use(select);
    ASSERT_TRUE(select.step());
    EXPECT_EQ(select.column_int(0), 1);
  }
}

TEST_F(SqliteTest, SaysLockedWhenAnotherWritesForTooLong) {
  make_table();
  Database writer(path());
  Transaction transaction(writer, Transaction::Kind::write);
  Database other(path(), {.busy_timeout = std::chrono::milliseconds(30)});
  EXPECT_EQ(code_of([&] { Transaction(other, Transaction::Kind::write); }), ErrorCode::locked);
}

TEST_F(SqliteTest, WaitsForAWriterThatIsQuickEnough) {
  make_table();
  Database writer(path());
  auto transaction = std::make_unique<Transaction>(writer, Transaction::Kind::write);
  std::thread waiter([&] {
    Database other(path());
    EXPECT_NO_THROW(Transaction(other, Transaction::Kind::write));
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  transaction.reset();
  waiter.join();
}

TEST_F(SqliteTest, SaysWhatIsDamaged) {
  std::ofstream(path()) << std::string(5000, 'x');
  EXPECT_EQ(code_of([&] { Database(path()).exec("SELECT 1 FROM sqlite_schema"); }), ErrorCode::integrity);
}

TEST_F(SqliteTest, SaysWhatIsNotThere) {
  EXPECT_EQ(code_of([&] { Database(path(), {.access = DatabaseAccess::read_only}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { Database(path(), {.access = DatabaseAccess::immutable}); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { Database(folder_ / "no" / "a.db"); }), ErrorCode::not_found);
}

TEST_F(SqliteTest, RefusesToWriteWhereItOnlyReads) {
  make_table();
  for (const auto access : {DatabaseAccess::read_only, DatabaseAccess::immutable}) {
    Database database(path(), {.access = access});
    EXPECT_EQ(code_of([&] { database.exec("INSERT INTO t(a) VALUES(1)"); }), ErrorCode::permission);
  }
}

TEST_F(SqliteTest, WritesAheadOnALocalFileSystem) {
  make_table();
  Database database(path());
  database.choose_journal();
  // The folder for tests may itself lie on a file system without shared memory.
  const auto mode = database.query_text("PRAGMA journal_mode");
  EXPECT_TRUE(mode == "wal" || mode == "delete");
  Database again(path());
  again.choose_journal();
  EXPECT_EQ(again.query_text("PRAGMA journal_mode"), mode);
}

TEST_F(SqliteTest, ChoosesTheJournalWhileManyDo) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      Database database(path());
      database.choose_journal();
      Transaction transaction(database, Transaction::Kind::write);
      database.exec("CREATE TABLE IF NOT EXISTS n(x); INSERT INTO n VALUES(" + std::to_string(i) + ")");
      transaction.commit();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Database(path()).query_int("SELECT count(*) FROM n"), 6);
}

TEST(SharedMemory, IsNotAssumedOnNetworkFileSystems) {
  EXPECT_TRUE(shares_memory(0xEF53));       // ext4
  EXPECT_TRUE(shares_memory(0x01021994));   // tmpfs
  EXPECT_TRUE(shares_memory(0x9123683E));   // btrfs
  EXPECT_FALSE(shares_memory(0x6969));      // NFS
  EXPECT_FALSE(shares_memory(0xFE534D42));  // SMB2
  EXPECT_FALSE(shares_memory(0x65735546));  // FUSE
}

class SqliteCopy : public SqliteTest {
 protected:
  SqliteCopy() : source_(folder_ / "source.db") {
    source_.exec("CREATE TABLE t(a); INSERT INTO t VALUES(42)");
  }
  void expect_copied() { EXPECT_EQ(Database(path()).query_int("SELECT a FROM t"), 42); }
  Database source_;
};

TEST_F(SqliteCopy, MakesADatabaseWhereNoneWas) {
  source_.copy_over(path());
  expect_copied();
}

TEST_F(SqliteCopy, ReplacesGarbage) {
  std::ofstream(path()) << std::string(50'000, 'x');
  source_.copy_over(path());
  expect_copied();
}

TEST_F(SqliteCopy, ReplacesADatabaseOfAnotherPageSize) {
  Database(path()).exec("PRAGMA page_size=1024; CREATE TABLE other(x)");
  source_.copy_over(path());
  expect_copied();
}

TEST_F(SqliteCopy, IsSeenByThoseWhoHaveItOpen) {
  make_table();
  Database user(path());
  user.choose_journal();
  user.exec("INSERT INTO t(a) VALUES(1)");
  source_.copy_over(path());
  EXPECT_EQ(user.query_int("SELECT a FROM t"), 42);
  user.exec("UPDATE t SET a=43");
  EXPECT_EQ(Database(path()).query_int("SELECT a FROM t"), 43);
}

TEST_F(SqliteCopy, WaitsForWriters) {
  make_table();
  Database writer(path());
  writer.choose_journal();
  Transaction transaction(writer, Transaction::Kind::write);
  Database impatient(folder_ / "source.db", {.busy_timeout = std::chrono::milliseconds(30)});
  EXPECT_EQ(code_of([&] { impatient.copy_over(path()); }), ErrorCode::locked);
}

}  // namespace
}  // namespace axon

// Every call on the file system fails, or is the last one before the power goes, while a push or a clone runs
// between a store and a remote in a directory. Afterwards the same command succeeds, what was acknowledged is
// there, and everybody reads the same files.
#include <filesystem>

#include "core/base/error.h"
#include "core/content/pack_reader.h"
#include "remote/storage/adapters/local_directory.h"
#include "tests/support/faulty_file_system.h"
#include "tests/unit/remote/sync/site.h"

namespace axon::sync {
namespace {

namespace stdfs = std::filesystem;
using test::Fault;
using test::FaultyFileSystem;
using test::PowerCut;
using test::Unsynced;

const char* const kModel = "hf/bert";
FileMap first_files() {
  return {{"README.md", text("hello\n")}, {"large.bin", noise(300'000, 1)}};
}
FileMap second_files() {
  auto files = first_files();
  files["large.2"] = noise(200'000, 2);
  return files;
}

class SyncFaults : public testing::Test {
 protected:
  SyncFaults() {
    Site ada(prepared(), 1);
    ada.commit(kModel, first_files());
    storage::LocalDirectory remote(fs::posix(), prepared() / "remote");
    ada.push(remote, {kModel});
    ada.commit(kModel, second_files());
    stdfs::copy(prepared(), unpushed(), stdfs::copy_options::recursive);
    ada.push(remote, {kModel});
  }
  // A store with two versions beside a remote that has one, or both.
  fs::Path prepared() const { return folder_ / "prepared"; }
  fs::Path unpushed() const { return folder_ / "unpushed"; }

  static void push(fs::FileSystem& fs, const fs::Path& root) {
    Site ada(root, next_seed(), fs);
    storage::LocalDirectory remote(fs, root / "remote");
    ada.push(remote, {kModel});
  }
  static void clone(fs::FileSystem& fs, const fs::Path& root, const fs::Path& reader) {
    Site bob(reader, next_seed(), fs);
    storage::LocalDirectory remote(fs, root / "remote");
    bob.clone(remote, kModel);
  }
  static std::uint64_t entries(const fs::Path& root) {
    storage::LocalDirectory remote(fs::posix(), root / "remote");
    PushLog log(remote, RemoteState(open_remote(remote).id));
    return log.replay().seq();
  }
  static void expect_clone(const fs::Path& root, const fs::Path& reader, const FileMap& files) {
    clone(fs::posix(), root, reader);
    Site bob(reader, next_seed());
    EXPECT_TRUE(bob.files(bob.tip(kModel).value()) == files);
  }

  // Whatever entry can be read, all that it lists is there.
  static void expect_all_packs(const fs::Path& root) {
    storage::LocalDirectory remote(fs::posix(), root / "remote");
    PushLog log(remote, RemoteState(open_remote(remote).id));
    const auto state = log.replay();
    for (const auto& [pack, dead] : state.packs()) {
      const auto bytes = storage::read_object(remote, pack.key(), 1 << 24);
      ASSERT_TRUE(bytes);
      if (pack.kind == PackKind::history) {
        EXPECT_EQ(content::sha256(*bytes), pack.id);
      } else {
        EXPECT_NO_THROW(
            content::parse_footer(ByteSpan(*bytes).last(pack.footer), pack.size, pack.id.as<PackId>()));
      }
    }
  }

  // Names of temporary files are random; a command that follows another one does not repeat them.
  static std::uint64_t next_seed() {
    static std::uint64_t seed = 100;
    return ++seed;
  }

  test::TempDir folder_;
};

enum class Ending { done, failed, unknown };
template <class Act>
Ending ending_of(const Act& act) {
  try {
    act();
    return Ending::done;
  } catch (const PowerCut&) {
    return Ending::unknown;
  } catch (const Error& error) {
    return error.code() == ErrorCode::unknown_outcome ? Ending::unknown : Ending::failed;
  }
}

TEST_F(SyncFaults, APushWhoseEveryCallFailsEndsRight) {
  for (const auto fault : {Fault::io_error, Fault::no_space, Fault::fsync_failure}) {
    const std::uint64_t step = fault == Fault::no_space ? 7 : 1;  // io_error strikes the same calls
    std::uint64_t n = 1;
    for (;; n += step) {
      const test::TempDir run;
      stdfs::copy(unpushed(), run / "site", stdfs::copy_options::recursive);
      FaultyFileSystem faulty(fs::posix(), run / "site");
      faulty.fail_at(n, fault);
      const auto ending = ending_of([&] { push(faulty, run / "site"); });
      if (!faulty.fired()) break;
      const auto seq = entries(run / "site");
      if (ending == Ending::done) {
        EXPECT_EQ(seq, 2u) << n;
      }
      if (ending == Ending::failed) {
        EXPECT_EQ(seq, 1u) << n << " " << faulty.log()[n - 1].path;
      }
      EXPECT_EQ(faulty.syncs_after_failure(), 0u);
      push(fs::posix(), run / "site");
      EXPECT_EQ(entries(run / "site"), 2u) << n;
      if (n % 8 == 0) expect_clone(run / "site", run / "reader", second_files());
    }
    EXPECT_GT(n, 10u);
  }
}

TEST_F(SyncFaults, APushDuringWhichThePowerGoesEndsRight) {
  for (const auto unsynced : {Unsynced::lost, Unsynced::entries_survive}) {
    const std::uint64_t step = unsynced == Unsynced::lost ? 1 : 5;
    std::uint64_t n = 1;
    for (;; n += step) {
      const test::TempDir run;
      stdfs::copy(unpushed(), run / "site", stdfs::copy_options::recursive);
      FaultyFileSystem faulty(fs::posix(), run / "site");
      faulty.cut_power_at(n);
      const auto ending = ending_of([&] { push(faulty, run / "site"); });
      const bool fired = faulty.fired();
      faulty.restore_durable_state(unsynced);
      if (ending == Ending::done) {
        EXPECT_EQ(entries(run / "site"), 2u) << n;
      }
      expect_all_packs(run / "site");
      push(fs::posix(), run / "site");
      EXPECT_EQ(entries(run / "site"), 2u) << n;
      if (n % 8 == 0 || !fired) expect_clone(run / "site", run / "reader", second_files());
      if (!fired) break;
    }
    EXPECT_GT(n, 20u);
  }
}

TEST_F(SyncFaults, ACloneWhoseEveryCallFailsEndsRight) {
  for (const auto fault : {Fault::io_error, Fault::no_space, Fault::fsync_failure}) {
    const std::uint64_t step = fault == Fault::no_space ? 7 : 1;  // io_error strikes the same calls
    std::uint64_t n = 1;
    for (;; n += step) {
      const test::TempDir run;
      stdfs::create_directories(run / "reader");
      { const Site made(run / "reader", 2); }
      FaultyFileSystem faulty(fs::posix(), run / "reader");
      faulty.fail_at(n, fault);
      ending_of([&] { clone(faulty, prepared(), run / "reader"); });
      if (!faulty.fired()) break;
      {
        // Whatever leads to a version leads to all of it.
        Site bob(run / "reader", next_seed());
        for (const auto& ref : bob.store().history().refs("refs/"))
          EXPECT_TRUE(bob.files(ref.commit) == second_files()) << n << " " << ref.name;
      }
      expect_clone(prepared(), run / "reader", second_files());
    }
    EXPECT_GT(n, 10u);
  }
}

TEST_F(SyncFaults, ACloneDuringWhichThePowerGoesEndsRight) {
  for (const auto unsynced : {Unsynced::lost, Unsynced::entries_survive}) {
    const std::uint64_t step = unsynced == Unsynced::lost ? 1 : 5;
    std::uint64_t n = 1;
    for (;; n += step) {
      const test::TempDir run;
      stdfs::create_directories(run / "reader");
      { const Site made(run / "reader", 2); }
      FaultyFileSystem faulty(fs::posix(), run / "reader");
      faulty.cut_power_at(n);
      ending_of([&] { clone(faulty, prepared(), run / "reader"); });
      const bool fired = faulty.fired();
      faulty.restore_durable_state(unsynced);
      {
        Site bob(run / "reader", next_seed());
        for (const auto& ref : bob.store().history().refs("refs/"))
          EXPECT_TRUE(bob.files(ref.commit) == second_files()) << n << " " << ref.name;
      }
      expect_clone(prepared(), run / "reader", second_files());
      if (!fired) break;
    }
    EXPECT_GT(n, 20u);
  }
}

}  // namespace
}  // namespace axon::sync

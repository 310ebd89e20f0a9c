// Several people push to and fetch from one remote in a directory at the same time: no update is lost, and
// whoever fetches finds whole versions.
#include <atomic>
#include <thread>

#include "core/base/error.h"
#include "remote/storage/adapters/local_directory.h"
#include "tests/unit/remote/sync/site.h"

namespace axon::sync {
namespace {

FileMap files_of(int writer, int version) {
  return {{"version", text(std::to_string(version))},
          {"large.bin", noise(60'000, static_cast<std::uint64_t>(writer * 1000 + version))},
          {"large.shared", noise(60'000, 5)}};
}

TEST(SyncRaces, NoPushIsLostAndNobodyReadsHalfOfOne) {
  constexpr int kWriters = 6, kReaders = 2, kVersions = 6;
  const test::TempDir folder;
  const auto remote = [&] { return storage::LocalDirectory(fs::posix(), folder.path() / "remote"); };
  std::atomic<int> running{kWriters};
  std::atomic<int> fetched{0};
  {
    std::vector<std::jthread> people;
    for (int writer = 0; writer < kWriters; ++writer) {
      people.emplace_back([&, writer] {
        Site site(folder.path() / ("writer" + std::to_string(writer)), 10 + writer);
        const auto model = "hf/model" + std::to_string(writer);
        auto storage = remote();
        for (int version = 0; version < kVersions; ++version) {
          site.commit(model, files_of(writer, version));
          site.push(storage, {model});
        }
        --running;
      });
    }
    for (int reader = 0; reader < kReaders; ++reader) {
      people.emplace_back([&, reader] {
        Site site(folder.path() / ("reader" + std::to_string(reader)), 90 + reader);
        auto storage = remote();
        do {
          for (int writer = 0; writer < kWriters; ++writer) {
            try {
              const auto cloned = site.clone(storage, "hf/model" + std::to_string(writer));
              const auto files = site.files(cloned.tip);
              const int version = std::stoi(std::string(as_text(files.at("version"))));
              EXPECT_TRUE(files == files_of(writer, version));
              ++fetched;
            } catch (const Error& error) {
              EXPECT_EQ(error.code(), ErrorCode::not_found) << error.message();
            }
          }
        } while (running != 0);
      });
    }
  }
  EXPECT_GT(fetched, 0);
  auto storage = remote();
  PushLog log(storage, RemoteState(open_remote(storage).id));
  EXPECT_EQ(log.replay().seq(), static_cast<std::uint64_t>(kWriters * kVersions));
  Site last(folder.path() / "last", 99);
  for (int writer = 0; writer < kWriters; ++writer) {
    const auto cloned = last.clone(storage, "hf/model" + std::to_string(writer));
    EXPECT_TRUE(last.files(cloned.tip) == files_of(writer, kVersions - 1));
  }
}

}  // namespace
}  // namespace axon::sync

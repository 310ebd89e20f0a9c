#include "core/history/git_pack_writer.h"

#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "core/history/git_pack_index.h"
#include "tests/support/faulty_file_system.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

using GitPackWriterTest = HistoryFixture;

std::string noise(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text(size + sizeof(std::uint64_t), '\0');
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    const auto word = random();
    std::memcpy(text.data() + at, &word, sizeof word);
  }
  text.resize(size);
  return text;
}

TEST_F(GitPackWriterTest, WritesNothingWhenNothingWasAdded) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  EXPECT_FALSE(writer.finish());
  EXPECT_TRUE(fs::posix().list(pack_folder(git_dir)).empty());
}

TEST_F(GitPackWriterTest, NamesObjectsAsGitDoes) {
  const std::string text = "a line of text\n";
  EXPECT_EQ(object_id(ObjectType::blob, as_bytes(text)).hex(), git({"hash-object", "--stdin"}, text));
}

TEST_F(GitPackWriterTest, WritesPacksThatGitVerifies) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  std::vector<std::pair<GitId, std::string>> blobs;
  for (const std::size_t size : {0, 1, 15, 16, 100, 4096, 65536, 3 << 20}) {
    const auto text = noise(size, 1);
    blobs.emplace_back(writer.add(ObjectType::blob, as_bytes(text)), text);
  }
  const auto name = writer.finish();
  ASSERT_TRUE(name);
  git({"verify-pack", "objects/pack/pack-" + name->hex() + ".idx"});
  git({"fsck", "--strict"});
  for (const auto& [id, text] : blobs)
    EXPECT_EQ(git({"cat-file", "-s", id.hex()}), std::to_string(text.size()));
}

TEST_F(GitPackWriterTest, WritesNothingBesideAPackThatIsToBeSent) {
  test::FaultyFileSystem faulty(fs::posix(), dir.path());
  GitPackWriter writer(faulty, pack_folder(git_dir), random, PackUse::send);
  writer.add(ObjectType::blob, as_bytes("text"));
  const auto name = "pack-" + writer.finish()->hex() + ".pack";
  EXPECT_EQ(packs(), std::vector{pack_folder(git_dir) / name});
  EXPECT_EQ(fs::posix().list(pack_folder(git_dir)).size(), 1U);
  EXPECT_EQ(faulty.calls(test::Fault::fsync_failure), 0U);
  git({"index-pack", "objects/pack/" + name});
}

// git computes the same idx from the pack, byte by byte.
TEST_F(GitPackWriterTest, WritesTheIdxThatGitWouldWrite) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  for (int i = 0; i < 300; ++i) writer.add(ObjectType::blob, as_bytes("text " + std::to_string(i)));
  const auto pack = pack_folder(git_dir) / ("pack-" + writer.finish()->hex() + ".pack");
  git({"index-pack", "--no-rev-index", "-o", (dir / "other.idx").string(), pack.string()});
  const auto ours = fs::read_file(fs::posix(), fs::Path(pack).replace_extension(".idx"), 1 << 20);
  EXPECT_EQ(ours, fs::read_file(fs::posix(), dir / "other.idx", 1 << 20));
}

TEST_F(GitPackWriterTest, StoresAnObjectOnce) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto first = writer.add(ObjectType::blob, as_bytes("the same"));
  const auto size = writer.size();
  EXPECT_EQ(writer.add(ObjectType::blob, as_bytes("the same")), first);
  EXPECT_EQ(writer.add(GitPackWriter::prepare(ObjectType::blob, as_bytes("the same"))), first);
  EXPECT_EQ(writer.objects(), 1U);
  EXPECT_EQ(writer.size(), size);
}

TEST_F(GitPackWriterTest, CanBeFilledAgainAfterFinish) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto one = writer.add(ObjectType::blob, as_bytes("one"));
  writer.finish();
  EXPECT_EQ(writer.objects(), 0U);
  const auto two = writer.add(ObjectType::blob, as_bytes("two"));
  writer.finish();
  EXPECT_EQ(git({"cat-file", "blob", one.hex()}), "one");
  EXPECT_EQ(git({"cat-file", "blob", two.hex()}), "two");
}

TEST_F(GitPackWriterTest, LeavesNothingBehindWithoutFinish) {
  {
    GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
    writer.add(ObjectType::blob, as_bytes(noise(3 << 20, 5)));
    EXPECT_FALSE(fs::posix().list(pack_folder(git_dir)).empty());
  }
  EXPECT_TRUE(fs::posix().list(pack_folder(git_dir)).empty());
}

TEST_F(GitPackWriterTest, PreparesOnManyThreads) {
  std::vector<GitPackWriter::Prepared> prepared(400);
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < prepared.size(); at = next++)
        prepared[at] =
            GitPackWriter::prepare(ObjectType::blob, as_bytes("file number " + std::to_string(at)));
    });
  }
  for (auto& thread : threads) thread.join();
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  for (const auto& each : prepared) writer.add(each);
  writer.finish();
  git({"fsck", "--strict"});
  EXPECT_EQ(git({"cat-file", "blob", prepared[399].id.hex()}), "file number 399");
}

// The pack outgrows the buffer, so that every kind of call is made.
GitId write_pack(fs::FileSystem& fs, const fs::Path& folder, Random& random, std::uint64_t seed) {
  GitPackWriter writer(fs, folder, random);
  const auto id = writer.add(ObjectType::blob, as_bytes(noise(1 << 20, seed)));
  writer.add(ObjectType::blob, as_bytes(noise(1 << 19, seed + 1000)));
  writer.finish();
  return id;
}

class GitPackWriterFaults : public HistoryFixture, public testing::WithParamInterface<test::Fault> {};

TEST_P(GitPackWriterFaults, LeaveNoDamageAndARetrySucceeds) {
  const auto before = commit({{"a", "1"}});
  for (std::uint64_t n = 1;; ++n) {
    test::FaultyFileSystem faulty(fs::posix(), dir.path());
    faulty.fail_at(n, GetParam());
    const auto failed = error_of([&] { write_pack(faulty, pack_folder(git_dir), random, n); });
    if (!faulty.fired()) break;
    EXPECT_EQ(faulty.syncs_after_failure(), 0U);
    EXPECT_TRUE(failed) << n;
    for (const auto& entry : fs::posix().list(pack_folder(git_dir)))
      EXPECT_TRUE(entry.name.starts_with("pack-")) << entry.name << " at " << n;
    reopen();
    EXPECT_TRUE(open().contains(before)) << n;
    const auto id = write_pack(fs::posix(), pack_folder(git_dir), random, n);
    EXPECT_EQ(open().blob(id, 1 << 21).size(), 1U << 20) << n;
  }
  git({"fsck", "--strict"});
}
INSTANTIATE_TEST_SUITE_P(Every, GitPackWriterFaults,
                         testing::Values(test::Fault::io_error, test::Fault::no_space,
                                         test::Fault::short_write, test::Fault::fsync_failure));

// Acknowledged work is there after a power cut, and with its idx, so that plain git can read it at once.
void expect_whole(const fs::Path& git_folder, const GitId& id, const GitId& pack) {
  const auto base = pack_folder(git_folder) / ("pack-" + pack.hex());
  const auto size = fs::posix().open(fs::Path(base) += ".pack", {})->info().size;
  EXPECT_NO_THROW(GitPackIndex::parse(fs::read_file(fs::posix(), fs::Path(base) += ".idx", 1 << 20), size));
  EXPECT_EQ(Repository(fs::posix(), git_folder).blob(id, 1 << 21).size(), 1U << 20);
}

TEST_F(GitPackWriterTest, IsDurableOnceFinished) {
  for (std::uint64_t n = 1;; ++n) {
    const test::TempDir place;
    const auto git_folder = place / "git";
    Repository::create(fs::posix(), git_folder);
    test::FaultyFileSystem faulty(fs::posix(), place.path());
    faulty.cut_power_at(n);
    std::optional<GitId> finished;
    GitId id;
    try {
      GitPackWriter writer(faulty, pack_folder(git_folder), random);
      id = writer.add(ObjectType::blob, as_bytes(noise(1 << 20, 1)));
      finished = writer.finish();
    } catch (const test::PowerCut&) {
    }
    const bool cut = faulty.fired();
    faulty.restore_durable_state();
    if (finished) expect_whole(git_folder, id, *finished);
    Repository repository(fs::posix(), git_folder);
    const auto again = write_pack(fs::posix(), pack_folder(git_folder), random, 1);
    EXPECT_EQ(repository.blob(again, 1 << 21).size(), 1U << 20) << n;
    EXPECT_EQ(cut, !finished) << n;
    if (!cut) break;
  }
}

TEST_F(GitPackWriterTest, NeedsEachOfItsSyncs) {
  for (const auto& [kind, count] : std::map<test::CallKind, std::uint64_t>{
           {test::CallKind::sync, 2}, {test::CallKind::sync_directory, 1}}) {
    for (std::uint64_t n = 1; n <= count; ++n) {
      const test::TempDir place;
      test::FaultyFileSystem faulty(fs::posix(), place.path());
      faulty.skip_at(kind, n);
      GitPackWriter writer(faulty, place.path(), random);
      writer.add(ObjectType::blob, as_bytes("content"));
      const auto base = place / ("pack-" + writer.finish()->hex());
      EXPECT_EQ(faulty.counts()[kind], count);
      faulty.restore_durable_state();
      const auto pack = fs::posix().stat(fs::Path(base) += ".pack");
      const auto idx = fs::posix().stat(fs::Path(base) += ".idx");
      EXPECT_FALSE(pack && pack->size > 30 && idx && idx->size > 1000) << n;
    }
  }
}

}  // namespace
}  // namespace axon::history

#include <cerrno>
#include <fstream>
#include <random>

#include "core/history/git_pack_index.h"
#include "core/history/object_source.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

// One small pack, and what it must always say, or refuse to say.
class DamageTest : public HistoryFixture {
 protected:
  DamageTest() {
    pack = packs().at(0);
    idx = fs::Path(pack).replace_extension(".idx");
    pack_bytes = fs::read_file(fs::posix(), pack, 1 << 20);
    idx_bytes = fs::read_file(fs::posix(), idx, 1 << 20);
  }
  static void put(const fs::Path& path, ByteSpan bytes) {
    std::filesystem::remove(path);  // a new inode, as any program that writes safely makes
    std::ofstream(path, std::ios::binary) << as_text(bytes);
  }
  // True when all was read, and right; false when an Error(integrity) said why not.
  bool read_all() {
    Repository repository(fs::posix(), git_dir);
    try {
      EXPECT_EQ(repository.walk(std::vector{id}, {}), std::vector{id});
      EXPECT_EQ(repository.commit(id).message, "one\n");
      const auto entries = repository.entries(id);
      EXPECT_EQ(entries.size(), files.size());
      for (const auto& entry : entries)
        EXPECT_EQ(as_text(repository.blob(entry.id, 1 << 20)), files.at(entry.path));
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity) << error.message();
      return false;
    }
  }

  Files files{{"a", "first"}, {"b", "second"}};
  GitId id = commit(files);
  fs::Path pack, idx;
  Bytes pack_bytes, idx_bytes;
};

TEST_F(DamageTest, OfAnyBitOfAPackIsFound) {
  int harmless = 0;
  for (std::size_t bit = 0; bit < pack_bytes.size() * 8; ++bit) {
    auto bad = pack_bytes;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    put(pack, bad);
    if (read_all()) ++harmless;
  }
  // Only the header, the trailers (of streams and of the pack) and bits that zlib does not look at.
  EXPECT_LT(harmless, 450);
}

TEST_F(DamageTest, OfAnIdxIsHealed) {
  std::mt19937 random_bits(7);
  for (std::size_t byte = 0; byte < idx_bytes.size(); byte += 16) {
    auto bad = idx_bytes;
    bad[byte] ^= static_cast<std::byte>(1 << (random_bits() % 8));
    put(idx, bad);
    EXPECT_TRUE(read_all()) << byte;
    EXPECT_EQ(fs::read_file(fs::posix(), idx, 1 << 20), idx_bytes) << byte;
  }
}

TEST_F(DamageTest, OfAnIdxIsHealedWhenItIsLost) {
  std::filesystem::remove(idx);
  EXPECT_TRUE(read_all());
  EXPECT_EQ(fs::read_file(fs::posix(), idx, 1 << 20), idx_bytes);
}

TEST_F(DamageTest, OfAnIdxThatBelongsToAnotherPackIsHealed) {
  commit({{"other", "content"}});
  for (const auto& other : packs())
    if (other != pack)
      put(idx, fs::read_file(fs::posix(), fs::Path(other).replace_extension(".idx"), 1 << 20));
  EXPECT_TRUE(read_all());
}

TEST_F(DamageTest, OfAnIdxIsHealedInMemoryWhereItCannotBeWritten) {
  class ReadOnly final : public fs::FileSystem {
   public:
    std::unique_ptr<fs::File> open(const fs::Path& path, const fs::OpenOptions& options) override {
      if (options.access != fs::Access::read) throw system_error(EROFS, "open", path.string());
      return fs::posix().open(path, options);
    }
    std::optional<fs::FileInfo> stat(const fs::Path& path) override { return fs::posix().stat(path); }
    std::vector<fs::DirectoryEntry> list(const fs::Path& path) override { return fs::posix().list(path); }
    std::string read_symlink(const fs::Path& path) override { return fs::posix().read_symlink(path); }
    void make_directory(const fs::Path& path, std::uint32_t) override { fail(path); }
    void rename(const fs::Path& path, const fs::Path&) override { fail(path); }
    void link(const fs::Path& path, const fs::Path&) override { fail(path); }
    void make_symlink(const std::string&, const fs::Path& path) override { fail(path); }
    void remove(const fs::Path& path) override { fail(path); }
    void remove_directory(const fs::Path& path) override { fail(path); }
    void sync_directory(const fs::Path& path) override { fail(path); }
    void sync_all(const fs::Path& path) override { fail(path); }

   private:
    static void fail(const fs::Path& path) { throw system_error(EROFS, "change", path.string()); }
  };
  put(idx, as_bytes("nothing"));
  ReadOnly read_only;
  Repository repository(read_only, git_dir);
  EXPECT_EQ(repository.commit(id).message, "one\n");
  EXPECT_EQ(fs::read_file(fs::posix(), idx, 100).size(), 7U);
}

TEST_F(DamageTest, OfATruncatedPackIsFoundAtEveryLength) {
  for (std::size_t size = 0; size < pack_bytes.size(); ++size) {
    put(pack, ByteSpan(pack_bytes).first(size));
    put(idx, idx_bytes);
    // The last bytes are the checksum alone: without them every object is still there.
    const bool whole = read_all();
    EXPECT_TRUE(!whole || size >= pack_bytes.size() - GitId::kSize) << size;
    put(idx, idx_bytes);
  }
}

TEST_F(DamageTest, OfAPackSparesTheObjectsBefore) {
  const auto good = GitPackIndex::parse(idx_bytes, pack_bytes.size());
  put(pack, ByteSpan(pack_bytes).first(good.offset(*good.find(id)) + 5));  // the commit is the last
  ObjectSource source(fs::posix(), git_dir);
  EXPECT_FALSE(source.read(id, 1000));
  EXPECT_TRUE(source.read(object_id(ObjectType::blob, as_bytes("first")), 1000));
  const auto problems = open().check_packs(Repository::PackCheck::opening, CancelToken{});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].pack, pack);
  EXPECT_EQ(problems[0].problem, "it is cut short");
}

TEST_F(DamageTest, OfAnyByteOfAPackIsFoundWhenEveryByteIsRead) {
  for (std::size_t bit = 0; bit < pack_bytes.size() * 8; bit += 5) {
    auto bad = pack_bytes;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    put(pack, bad);
    Repository repository(fs::posix(), git_dir);
    EXPECT_EQ(repository.check_packs(Repository::PackCheck::every_byte, CancelToken{}).size(), 1U) << bit;
    put(idx, idx_bytes);
  }
}

TEST_F(DamageTest, IsNotSeenWhereThereIsNone) {
  EXPECT_TRUE(open().check_packs(Repository::PackCheck::every_byte, CancelToken{}).empty());
}

TEST_F(DamageTest, OfAPackThatIsReplacedByAGoodOneIsForgotten) {
  put(pack, ByteSpan(pack_bytes).first(40));
  Repository repository(fs::posix(), git_dir);
  EXPECT_TRUE(error_of([&] { repository.commit(id); }));
  put(pack, pack_bytes);
  put(idx, idx_bytes);
  EXPECT_EQ(repository.commit(id).message, "one\n");
}

TEST_F(DamageTest, OfALooseObjectIsFound) {
  const auto loose = *GitId::parse(git({"hash-object", "-w", "--stdin"}, "loose content"));
  EXPECT_EQ(as_text(open().blob(loose, 100)), "loose content");
  const auto path = git_dir / "objects" / loose.hex().substr(0, 2) / loose.hex().substr(2);
  const auto good = fs::read_file(fs::posix(), path, 1000);
  for (std::size_t size = 0; size < good.size(); ++size) {
    put(path, ByteSpan(good).first(size));
    EXPECT_EQ(error_of([&] { open().blob(loose, 100); }), ErrorCode::integrity) << size;
  }
}

TEST_F(DamageTest, OfALooseObjectWithOtherBytesIsFound) {
  const auto loose = *GitId::parse(git({"hash-object", "-w", "--stdin"}, "loose content"));
  const auto other = *GitId::parse(git({"hash-object", "-w", "--stdin"}, "other content"));
  const auto place = [&](const GitId& name) {
    return git_dir / "objects" / name.hex().substr(0, 2) / name.hex().substr(2);
  };
  put(place(loose), fs::read_file(fs::posix(), place(other), 1000));
  EXPECT_EQ(error_of([&] { open().blob(loose, 100); }), ErrorCode::integrity);
}

TEST_F(DamageTest, OfAnObjectWithOtherBytesUnderRightChecksumsIsFound) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto other = GitPackWriter::prepare(ObjectType::blob, as_bytes("other content"));
  const auto named = object_id(ObjectType::blob, as_bytes("named content"));
  writer.add({named, other.type, other.size, other.compressed});
  writer.finish();
  EXPECT_EQ(error_of([&] { open().blob(named, 100); }), ErrorCode::integrity);
  EXPECT_FALSE(open().check_packs(Repository::PackCheck::every_byte, CancelToken{}).empty());
}

TEST_F(DamageTest, NeverAllocatesWhatAHeadClaims) {
  // A pack of one blob that says to have 2^62 bytes, under right checksums.
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  Bytes entry;
  for (const int byte : {0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f})
    entry.push_back(static_cast<std::byte>(byte));
  append(entry, as_bytes("\x78\x9c"));
  const auto liar = object_id(ObjectType::blob, as_bytes("liar"));
  writer.add_entry(liar, entry);
  writer.finish();
  EXPECT_EQ(error_of([&] { open().blob(liar, UINT64_MAX); }), ErrorCode::integrity);
}

}  // namespace
}  // namespace axon::history

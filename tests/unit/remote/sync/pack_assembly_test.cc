#include "remote/sync/pack_assembly.h"

#include <algorithm>
#include <random>

#include "core/base/error.h"
#include "core/content/pack_reader.h"
#include "remote/sync/frame_reader.h"
#include "tests/unit/remote/sync/site.h"

namespace axon::sync {
namespace {

class PackAssemblyTest : public testing::Test {
 protected:
  PackAssemblyTest() {
    site_.commit("hf/bert", {{"large.bin", noise(3 << 20, 1)}});
    auto& content = site_.store().content();
    for (const auto& pack : content.index().packs()) {
      for (const auto& entry : content.index().frames_of(pack.id)) frames_.push_back({pack.id, entry});
    }
    std::ranges::reverse(frames_);
  }
  Bytes read_all(ByteSource& source) {
    Bytes bytes(source.size());
    source.read_at(0, bytes);
    return bytes;
  }
  PackAssembly assemble() { return {site_.store().content(), frames_, site_.random()}; }

  test::TempDir folder_;
  Site site_{folder_.path(), 1};
  std::vector<content::FrameLocation> frames_;
};

TEST_F(PackAssemblyTest, IsAPackAsReadersKnowIt) {
  auto pack = assemble();
  const auto path = folder_ / "assembled.pack";
  const auto bytes = read_all(pack);
  fs::write_file_atomically(fs::posix(), path, bytes);
  content::PackReader reader(fs::posix(), path);
  const auto footer = reader.read_footer(pack.pack().id.as<PackId>());
  EXPECT_EQ(footer.entries.size(), frames_.size());
  EXPECT_EQ(footer.footer_size, pack.pack().footer);
  Bytes copied, original;
  for (const auto& entry : footer.entries) {
    reader.read_frame(entry, copied);
    site_.store().content().read_stored(*site_.store().content().find(entry.id), original);
    EXPECT_TRUE(copied == original);
  }
}

TEST_F(PackAssemblyTest, CanBeReadAgainFromAnywhere) {
  auto pack = assemble();
  const auto whole = read_all(pack);
  std::mt19937_64 random(7);
  for (int i = 0; i < 200; ++i) {
    const auto offset = random() % whole.size();
    Bytes part(random() % std::min<std::uint64_t>(whole.size() - offset, 1 << (random() % 21)) + 1);
    part.resize(std::min<std::size_t>(part.size(), whole.size() - offset));
    pack.read_at(offset, part);
    ASSERT_TRUE(std::ranges::equal(part, ByteSpan(whole).subspan(offset, part.size())));
  }
}

TEST_F(PackAssemblyTest, HasANameOfItsOwnEachTime) {
  EXPECT_NE(assemble().pack().id, assemble().pack().id);
}

TEST_F(PackAssemblyTest, NoticesADamagedFrameWhenItIsRead) {
  auto pack = assemble();
  const auto path = site_.store().content().pack_path(frames_[0].pack);
  auto bytes = fs::read_file(fs::posix(), path, 64 << 20);
  bytes[frames_[2].entry.offset + 100] ^= std::byte{1};
  fs::write_file_atomically(fs::posix(), path, bytes);
  site_.store().content().forget_pack(frames_[0].pack);
  EXPECT_THROW(read_all(pack), Error);
}

// --- FrameReader ---

content::FrameEntry entry_at(std::uint64_t offset, std::uint32_t stored) {
  content::FrameEntry entry;
  entry.offset = offset;
  entry.stored = stored;
  return entry;
}

TEST(FrameReader, ReadsNeighboursTogether) {
  const auto extents = FrameReader::plan({entry_at(2000, 952), entry_at(32, 100), entry_at(1000, 952)});
  ASSERT_EQ(extents.size(), 1u);
  EXPECT_EQ(extents[0].begin, 32u);
  EXPECT_EQ(extents[0].end, 3000u);
  EXPECT_EQ(extents[0].frames.size(), 3u);
}

TEST(FrameReader, PassesOverLargeGaps) {
  const auto extents = FrameReader::plan({entry_at(32, 1000), entry_at(10 << 20, 1000)});
  ASSERT_EQ(extents.size(), 2u);
  EXPECT_EQ(extents[0].end, 32u + 48 + 1000);
  EXPECT_EQ(extents[1].begin, 10u << 20);
}

class Gathered final : public FrameSink {
 public:
  void frame(const content::FrameEntry& entry, ByteSpan frame) override {
    content::PackReader::check_frame(entry, frame);
    ids.push_back(entry.id);
  }
  std::vector<FrameId> ids;
};

// Hands out what it reads in pieces of one size.
class Pieces final : public ByteSink {
 public:
  Pieces(ByteSink& sink, std::size_t size) : sink_(sink), size_(size) {}
  void write(ByteSpan bytes) override {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(size_, bytes.size())))
      sink_.write(bytes.first(std::min(size_, bytes.size())));
  }

 private:
  ByteSink& sink_;
  std::size_t size_;
};
class InPieces final : public storage::Storage {
 public:
  InPieces(storage::Storage& inner, std::size_t size) : inner_(inner), size_(size) {}
  storage::Traits traits() const override { return inner_.traits(); }
  std::string location() const override { return inner_.location(); }
  std::optional<storage::ObjectInfo> stat(const storage::Key& key) override { return inner_.stat(key); }
  std::optional<storage::ObjectInfo> read(const storage::Key& key, const storage::ByteRange& range,
                                          ByteSink& sink) override {
    Pieces pieces(sink, size_);
    return inner_.read(key, range, pieces);
  }
  storage::WriteResult write(const storage::Key& key, ByteSource& source,
                             const storage::Condition& condition) override {
    return inner_.write(key, source, condition);
  }
  void remove(const storage::Key& key) override { inner_.remove(key); }
  storage::ListPage list(std::string_view prefix, std::string_view after) override {
    return inner_.list(prefix, after);
  }

 private:
  storage::Storage& inner_;
  std::size_t size_;
};

TEST_F(PackAssemblyTest, IsReadFrameByFrameHoweverTheBytesArrive) {
  auto pack = assemble();
  const test::FakeClock clock;
  storage::MemoryStorage memory(clock);
  memory.write(pack.pack().key(), pack, storage::Condition::if_absent());
  const auto bytes = read_all(pack);
  const auto footer = content::parse_footer(ByteSpan(bytes).last(pack.pack().footer), pack.size(), {});
  std::vector<content::FrameEntry> wanted;
  for (std::size_t i = 0; i < footer.entries.size(); i += 2) wanted.push_back(footer.entries[i]);
  for (const std::size_t size : {1u << 30, 4u << 20, 65'536u, 4'097u, 47u}) {
    InPieces storage(memory, size);
    Gathered gathered;
    FrameReader(storage, gathered).read(pack.pack(), wanted);
    std::ranges::sort(gathered.ids);
    ASSERT_EQ(gathered.ids.size(), wanted.size()) << size;
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(gathered.ids[i], wanted[i].id);
  }
}

}  // namespace
}  // namespace axon::sync

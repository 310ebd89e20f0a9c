#include "remote/sync/fetch.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "core/base/error.h"
#include "core/content/pack_reader.h"
#include "core/content/pack_writer.h"
#include "core/store/fsck.h"
#include "remote/sync/fetch_history.h"
#include "tests/unit/remote/sync/log_builder.h"
#include "tests/unit/remote/sync/site.h"

namespace axon::sync {
namespace {

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    first_ = ada_.commit("hf/bert", version_one());
    ada_.push(memory_, {"hf/bert"});
  }
  static FileMap version_one() {
    return {{"README.md", text("hello\n")}, {"large.bin", noise(2 << 20, 1)}, {"large.tiny", noise(5000, 4)}};
  }
  static FileMap version_two() {
    auto files = version_one();
    files["large.2"] = noise(1 << 20, 2);
    return files;
  }
  std::size_t reads(const std::string& prefix) {
    const auto& calls = storage_.calls();
    return static_cast<std::size_t>(std::count_if(
        calls.begin(), calls.end(), [&](const auto& call) { return call.starts_with("read " + prefix); }));
  }
  Bytes read(const storage::Key& key) { return storage::read_object(memory_, key, 64 << 20).value(); }
  void write(const storage::Key& key, ByteSpan bytes) {
    SpanSource source(bytes);
    memory_.write(key, source, storage::Condition::always());
  }
  using EntryChange = std::function<void(content::FrameEntry&, Bytes& payload)>;
  struct Forged {
    ListedPack pack;
    Bytes bytes;
  };
  Forged write_anew(const EntryChange& change);
  void forge(const EntryChange& change);
  storage::Key only_pack(const char* prefix) { return storage::list_all(memory_, prefix).front().key; }
  static ErrorCode code_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::failed;
  }

  test::TempDir folder_;
  test::FakeClock clock_;
  storage::MemoryStorage memory_{clock_};
  ScriptedStorage storage_{memory_};
  Site ada_{folder_.path() / "ada", 1};
  Site bob_{folder_.path() / "bob", 2};
  GitId first_;
};

TEST_F(FetchTest, ClonesTheFilesByteForByte) {
  const auto cloned = bob_.clone(storage_, "hf/bert");
  EXPECT_EQ(cloned.tip, first_);
  EXPECT_EQ(cloned.line.text(), "hf/bert");
  EXPECT_TRUE(bob_.files(cloned.tip) == version_one());
  EXPECT_EQ(cloned.fetched.commits, 1u);
  EXPECT_GT(cloned.fetched.bytes_received, 2u << 20);
}

TEST_F(FetchTest, KeepsTrackOfWhatTheRemoteHas) {
  const auto fetched = bob_.fetch(storage_, "hf/bert");
  EXPECT_EQ(fetched.updates, (std::vector<RefChange>{{"refs/remotes/prod/hf/bert", std::nullopt, first_}}));
  EXPECT_FALSE(bob_.tip("hf/bert")) << "a fetch makes no line";
}

TEST_F(FetchTest, ReceivesOnlyWhatIsNew) {
  bob_.clone(storage_, "hf/bert");
  ada_.commit("hf/bert", version_two());
  ada_.push(memory_, {"hf/bert"});
  storage_.forget_calls();
  const auto fetched = bob_.fetch(storage_, "hf/bert");
  EXPECT_LT(fetched.bytes_received, (1u << 20) + 10'000);
  EXPECT_GT(fetched.bytes_received, 1u << 20);
  EXPECT_EQ(fetched.commits, 1u);
  EXPECT_EQ(reads("history/"), 1u);
  EXPECT_TRUE(bob_.files(fetched.updates[0].after.value()) == version_two());
}

TEST_F(FetchTest, ReadsOneEntryAndNothingElseWhenNothingIsNew) {
  bob_.clone(storage_, "hf/bert");
  storage_.forget_calls();
  EXPECT_TRUE(bob_.fetch(storage_, "hf/bert").updates.empty());
  EXPECT_EQ(reads("log/"), 1u);
  EXPECT_EQ(reads("packs/") + reads("history/"), 0u);
}

TEST_F(FetchTest, ReceivesNothingForContentThatIsHere) {
  bob_.commit("bob/own", version_one());
  const auto cloned = bob_.clone(storage_, "hf/bert");
  EXPECT_LT(cloned.fetched.bytes_received, 10'000u);
  EXPECT_TRUE(bob_.files(cloned.tip) == version_one());
}

TEST_F(FetchTest, ReceivesNothingOfOtherModels) {
  ada_.commit("hf/other", {{"large", noise(4 << 20, 9)}});
  ada_.push(memory_, {"hf/other"});
  storage_.forget_calls();
  EXPECT_LT(bob_.clone(storage_, "hf/bert").fetched.bytes_received, 3u << 20);
  EXPECT_EQ(reads("history/"), 1u);
}

TEST_F(FetchTest, TakesNewVersionsAndKeepsItsOwn) {
  ada_.tag("hf/bert", "v1");
  ada_.tag("hf/bert", "v2", "annotated");
  ada_.push(memory_, {"hf/bert"});
  bob_.commit("hf/bert", {{"a", text("mine")}});
  bob_.tag("hf/bert", "v1");
  const auto fetched = bob_.fetch(storage_, "hf/bert");
  EXPECT_EQ(bob_.store().history().ref("refs/tags/hf/bert@v1")->commit, *bob_.tip("hf/bert"));
  EXPECT_EQ(bob_.store().history().ref("refs/tags/hf/bert@v2")->commit, first_);
  ASSERT_EQ(fetched.warnings.size(), 1u);
  EXPECT_EQ(fetched.warnings[0], "'hf/bert@v1' is another version here than at the remote, and stays");
}

TEST_F(FetchTest, LeavesAStoreThatChecksClean) {
  ada_.commit("hf/bert", version_two());
  ada_.tag("hf/bert", "v1");
  ada_.push(memory_, {"hf/bert"});
  bob_.clone(storage_, "hf/bert");
  const auto report = store::fsck(bob_.store(), content::CheckDepth::full, no_progress(), bob_.cancel());
  EXPECT_TRUE(report.damage.empty());
}

TEST_F(FetchTest, SuggestsTheNameThatWasMeant) {
  try {
    bob_.clone(storage_, "hf/brt");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_EQ(error.message(), "there is no model 'hf/brt' at 'scripted:'");
    EXPECT_EQ(error.hints(), std::vector<std::string>{"did you mean 'hf/bert'?"});
  }
}

// --- lines that are here already ---

TEST_F(FetchTest, MovesALineForwardThatIsBehind) {
  bob_.clone(storage_, "hf/bert");
  const auto second = ada_.commit("hf/bert", version_two());
  ada_.push(memory_, {"hf/bert"});
  EXPECT_EQ(bob_.clone(storage_, "hf/bert").tip, second);
  EXPECT_EQ(bob_.tip("hf/bert"), second);
}

TEST_F(FetchTest, LeavesALineThatIsAhead) {
  bob_.clone(storage_, "hf/bert");
  const auto ahead = bob_.commit("hf/bert", version_two());
  EXPECT_EQ(bob_.clone(storage_, "hf/bert").tip, ahead);
}

TEST_F(FetchTest, RefusesALineThatWentAnotherWay) {
  const auto mine = bob_.commit("hf/bert", {{"a", text("mine")}});
  EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::moved);
  EXPECT_EQ(bob_.tip("hf/bert"), mine);
}

TEST_F(FetchTest, RefusesANameThatClashesWithOneHere) {
  bob_.commit("HF/BERT", version_one());
  EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::usage);
  EXPECT_FALSE(bob_.store().history().ref("refs/remotes/prod/hf/bert"));
}

TEST_F(FetchTest, ClonesTheOnlyLineThereIs) {
  ada_.commit("hf/new@dev", version_two());
  ada_.push(memory_, {"hf/new@dev"});
  const auto cloned = bob_.clone(storage_, "hf/new");
  EXPECT_EQ(cloned.line.text(), "hf/new@dev");
  EXPECT_TRUE(bob_.files(cloned.tip) == version_two());
}

// --- damage at the remote ---

TEST_F(FetchTest, NoticesAnyFlippedByteOfAContentPack) {
  const auto key = only_pack("packs/");
  const auto good = read(key);
  for (std::size_t at = 0; at < good.size(); at += good.size() / 23) {
    auto bad = good;
    bad[at] ^= std::byte{4};
    write(key, bad);
    Site reader(folder_.path() / ("r" + std::to_string(at)), at + 10);
    try {
      const auto cloned = reader.clone(storage_, "hf/bert");
      // What nobody reads (the header) may be anything.
      EXPECT_TRUE(reader.files(cloned.tip) == version_one()) << at;
      EXPECT_LT(at, content::kPackHeaderSize);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity) << at << " " << error.message();
      EXPECT_TRUE(reader.store().history().refs("refs/").empty()) << at;
    }
  }
}

TEST_F(FetchTest, NoticesAnyFlippedByteOfAGitPack) {
  const auto key = only_pack("history/");
  const auto good = read(key);
  for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 15) {
    auto bad = good;
    bad[at] ^= std::byte{4};
    write(key, bad);
    EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::integrity) << at;
    EXPECT_TRUE(bob_.store().history().refs("refs/").empty());
  }
  write(key, good);
  EXPECT_TRUE(bob_.files(bob_.clone(storage_, "hf/bert").tip) == version_one());
}

// The remote's only content pack, written anew with entries changed.
FetchTest::Forged FetchTest::write_anew(const EntryChange& change) {
  const auto good = read(only_pack("packs/"));
  const auto listed = decode_entry(as_text(read(log_key(1))), "entry").packs[0];
  const auto footer = content::parse_footer(ByteSpan(good).last(listed.footer), good.size(), {});
  const auto path = fs::unique_path(folder_.path(), "forged-");
  content::PackWriter writer(fs::posix(), path, bob_.random());
  for (auto entry : footer.entries) {
    const auto frame = ByteSpan(good).subspan(entry.offset, entry.size());
    const auto payload = content::PackReader::check_frame(entry, frame);
    Bytes bytes(payload.begin(), payload.end());
    change(entry, bytes);
    writer.append(entry, bytes);
  }
  const auto made = writer.finish();
  return {{PackKind::content, made.id.as<Digest>(), made.pack_size, made.footer_size},
          fs::read_file(fs::posix(), path, 64 << 20)};
}

// Puts that pack in the place of the true one; the log says so too.
void FetchTest::forge(const EntryChange& change) {
  const auto forged = write_anew(change);
  auto written = decode_entry(as_text(read(log_key(1))), "entry");
  written.packs[0] = forged.pack;
  memory_.remove(only_pack("packs/"));
  write(forged.pack.key(), forged.bytes);
  write(log_key(1), as_bytes(encode_entry(written)));
}

TEST_F(FetchTest, NoticesAChunkThatIsNotWhatItsNameSays) {
  bool changed = false;
  forge([&](content::FrameEntry& entry, Bytes& payload) {
    if (entry.kind != content::FrameKind::chunk || std::exchange(changed, true)) return;
    payload[0] ^= std::byte{1};
  });
  EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::integrity);
  EXPECT_TRUE(bob_.store().history().refs("refs/").empty());
}

// Two recipes have changed places: each says that it makes the other's file.
TEST_F(FetchTest, NoticesARecipeThatBelongsToAnotherFile) {
  const auto one = content::sha256(version_one().at("large.bin"));
  const auto other = content::sha256(version_one().at("large.tiny"));
  forge([&](content::FrameEntry& entry, Bytes&) {
    if (entry.kind == content::FrameKind::recipe) entry.aux = entry.aux == one ? other : one;
  });
  EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::integrity);
  EXPECT_TRUE(bob_.store().history().refs("refs/").empty());
}

TEST_F(FetchTest, NoticesAGitPackThatIsAnother) {
  const auto key = only_pack("history/");
  ada_.commit("hf/other", {{"a", text("a")}});
  ada_.push(memory_, {"hf/other"});
  for (const auto& object : storage::list_all(memory_, "history/")) {
    if (object.key == key) continue;
    const auto own = read(key), other = read(object.key);
    write(key, other);
    EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::integrity);
    write(key, own);
    EXPECT_TRUE(fs::posix().list(bob_.store().layout().git() / "objects" / "pack").empty())
        << "nothing was taken in";
  }
}

// The same frames under another nonce: a sound pack, but not the one that was pushed.
TEST_F(FetchTest, NoticesAContentPackThatIsAnother) {
  const auto key = only_pack("packs/");
  const auto other = write_anew([](content::FrameEntry&, Bytes&) {});
  ASSERT_EQ(other.bytes.size(), read(key).size());
  write(key, other.bytes);
  EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::integrity);
  EXPECT_TRUE(bob_.store().history().refs("refs/").empty());
}

TEST_F(FetchTest, NoticesPacksThatAreGone) {
  for (const char* prefix : {"history/", "packs/"}) {
    const auto key = only_pack(prefix);
    const auto bytes = read(key);
    memory_.remove(key);
    EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::integrity);
    write(key, bytes);
  }
  EXPECT_TRUE(bob_.files(bob_.clone(storage_, "hf/bert").tip) == version_one());
}

TEST_F(FetchTest, NoticesTruncatedPacks) {
  for (const char* prefix : {"history/", "packs/"}) {
    const auto key = only_pack(prefix);
    const auto bytes = read(key);
    write(key, ByteSpan(bytes).first(bytes.size() / 2));
    EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::integrity);
    write(key, bytes);
  }
}

// A storage whose answers to some reads have one wrong byte.
class Flipping final : public storage::Storage {
 public:
  explicit Flipping(storage::Storage& inner) : inner_(inner) {}
  storage::Traits traits() const override { return inner_.traits(); }
  std::string location() const override { return inner_.location(); }
  std::optional<storage::ObjectInfo> stat(const storage::Key& key) override { return inner_.stat(key); }
  std::optional<storage::ObjectInfo> read(const storage::Key& key, const storage::ByteRange& range,
                                          ByteSink& sink) override {
    const bool large = range.length > (1 << 20) && range.length != storage::ByteRange::kToEnd;
    if (!large || flipped) return inner_.read(key, range, sink);
    BytesSink all(64 << 20);
    const auto info = inner_.read(key, range, all);
    auto bytes = all.take();
    bytes[bytes.size() / 2] ^= std::byte{1};
    flipped = true;
    // In odd pieces, as a network would.
    for (std::size_t at = 0; at < bytes.size(); at += 70'001)
      sink.write(ByteSpan(bytes).subspan(at, std::min<std::size_t>(70'001, bytes.size() - at)));
    return info;
  }
  storage::WriteResult write(const storage::Key& key, ByteSource& source,
                             const storage::Condition& condition) override {
    return inner_.write(key, source, condition);
  }
  void remove(const storage::Key& key) override { inner_.remove(key); }
  storage::ListPage list(std::string_view prefix, std::string_view after) override {
    return inner_.list(prefix, after);
  }
  bool flipped = false;

 private:
  storage::Storage& inner_;
};

TEST_F(FetchTest, AsksForADamagedFrameAgainAlone) {
  Flipping flipping(memory_);
  ScriptedStorage storage(flipping);
  const auto cloned = bob_.clone(storage, "hf/bert");
  EXPECT_TRUE(flipping.flipped);
  EXPECT_TRUE(bob_.files(cloned.tip) == version_one());
}

TEST_F(FetchTest, NoticesALogThatWentBack) {
  bob_.clone(storage_, "hf/bert");
  memory_.remove(log_key(1));
  EXPECT_EQ(code_of([&] { bob_.fetch(storage_, "hf/bert"); }), ErrorCode::integrity);
}

// --- what was cut short ---

TEST_F(FetchTest, EndsRightWhicheverRequestFails) {
  ada_.commit("hf/bert", version_two());
  ada_.tag("hf/bert", "v1");
  ada_.push(memory_, {"hf/bert"});
  for (std::uint64_t n = 1;; ++n) {
    Site reader(folder_.path() / ("r" + std::to_string(n)), n + 10);
    ScriptedStorage storage(memory_);
    bool struck = false;
    storage.set_script([&](const std::string&, std::uint64_t number) {
      if (number != n) return CallFault::none;
      struck = true;
      return CallFault::lost_request;
    });
    try {
      reader.clone(storage, "hf/bert");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::network) << error.message();
      for (const auto& ref : reader.store().history().refs("refs/"))
        EXPECT_TRUE(reader.files(ref.commit) == version_two() || reader.files(ref.commit) == version_one());
    }
    if (!struck) break;
    EXPECT_TRUE(reader.files(reader.clone(storage, "hf/bert").tip) == version_two()) << n;
  }
}

TEST_F(FetchTest, StopsWhenCancelledAndGoesOnLater) {
  storage_.set_script([&](const std::string& call, std::uint64_t) {
    if (call.starts_with("read packs/")) bob_.cancel().cancel();
    return CallFault::none;
  });
  EXPECT_EQ(code_of([&] { bob_.clone(storage_, "hf/bert"); }), ErrorCode::interrupted);
  Site again(folder_.path() / "bob", 3);
  storage_.set_script({});
  EXPECT_TRUE(again.files(again.clone(storage_, "hf/bert").tip) == version_one());
}

// The list of git packs that were taken in is a help that may be wrong.
TEST_F(FetchTest, AsksForAllHistoryAgainWhenObjectsAreMissing) {
  const auto pack = *Digest::parse(only_pack("history/").name().substr(0, 64));
  HistoryMemory(fs::posix(), bob_.store().layout().remote_states(), open_remote(memory_).id.hex())
      .add(std::span(&pack, 1));
  EXPECT_TRUE(bob_.files(bob_.clone(storage_, "hf/bert").tip) == version_one());
}

}  // namespace
}  // namespace axon::sync

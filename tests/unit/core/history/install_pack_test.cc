#include <fstream>

#include "tests/support/faulty_file_system.h"
#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

// Packs made by plain git in another repository.
class InstallPackTest : public HistoryFixture {
 protected:
  InstallPackTest() {
    Repository::create(fs::posix(), other);
    GitPackWriter writer(fs::posix(), pack_folder(other), random);
    std::string text(5'000, 'x');
    for (int at = 0; at < 5; ++at) {
      text.replace(static_cast<std::size_t>(at) * 100, 3, std::to_string(100 + at));
      commits.push_back(add_commit(writer, {{"file", text}},
                                   commits.empty() ? std::vector<GitId>{} : std::vector{commits.back()},
                                   std::to_string(at) + "\n"));
    }
    writer.finish();
  }
  fs::Path make_pack(const std::string& revisions, std::vector<std::string> options) {
    std::vector<std::string> argv{"git", "-C", other.string(), "pack-objects", "--stdout", "--revs", "-q"};
    argv.insert(argv.end(), options.begin(), options.end());
    const auto made = run(argv, revisions);
    EXPECT_EQ(made.exit_code, 0) << made.standard_error;
    auto path = dir / "incoming";
    std::ofstream(path, std::ios::binary) << made.standard_output;
    return path;
  }
  std::vector<GitId> install(const fs::Path& pack) {
    return open().install_pack(pack, random, CancelToken{});
  }
  void expect_clean() {
    EXPECT_FALSE(fs::exists(fs::posix(), dir / "incoming"));
    for (const auto& entry : fs::posix().list(dir.path())) EXPECT_FALSE(entry.name.starts_with("unpack-"));
    git({"fsck", "--strict"});
  }

  fs::Path other = dir / "other";
  std::vector<GitId> commits;
};

TEST_F(InstallPackTest, TakesAPackWithoutDeltas) {
  const auto names = install(make_pack(commits.back().hex() + "\n", {"--window=0"}));
  EXPECT_EQ(names.size(), 15U);
  EXPECT_EQ(open().walk(std::vector{commits.back()}, {}).size(), 5U);
  expect_clean();
}

TEST_F(InstallPackTest, TakesAPackWithDeltasAndWritesItWithout) {
  const auto names = install(make_pack(commits.back().hex() + "\n", {"--no-reuse-delta"}));
  EXPECT_EQ(names.size(), 15U);
  EXPECT_EQ(open().blob(open().entries(commits.back())[0].id, 10'000).size(), 5'000U);
  EXPECT_EQ(
      git({"verify-pack", "-v", "objects/pack/" + packs().at(0).stem().string() + ".idx"}).find("chain"),
      std::string::npos);
  expect_clean();
}

TEST_F(InstallPackTest, TakesAThinPackWhoseBasesAreHere) {
  install(make_pack(commits[0].hex() + "\n", {}));
  install(make_pack(commits.back().hex() + "\n^" + commits[0].hex() + "\n", {"--thin"}));
  EXPECT_EQ(open().walk(std::vector{commits.back()}, {}).size(), 5U);
  expect_clean();
}

TEST_F(InstallPackTest, RefusesAThinPackWhoseBasesAreMissing) {
  const auto pack = make_pack(commits.back().hex() + "\n^" + commits[0].hex() + "\n", {"--thin"});
  EXPECT_EQ(error_of([&] { install(pack); }), ErrorCode::integrity);
  EXPECT_TRUE(packs().empty());
}

TEST_F(InstallPackTest, RefusesEveryTruncation) {
  const auto good = fs::read_file(fs::posix(), make_pack(commits[0].hex() + "\n", {"--window=0"}), 1 << 20);
  for (std::size_t size = 0; size < good.size(); ++size) {
    std::ofstream(dir / "incoming", std::ios::binary) << as_text(ByteSpan(good).first(size));
    EXPECT_EQ(error_of([&] { install(dir / "incoming"); }), ErrorCode::integrity) << size;
  }
  EXPECT_TRUE(packs().empty());
}

TEST_F(InstallPackTest, RefusesEveryFlippedBit) {
  const auto good = fs::read_file(fs::posix(), make_pack(commits[0].hex() + "\n", {"--window=0"}), 1 << 20);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    std::ofstream(dir / "incoming", std::ios::binary) << as_text(bad);
    // Versions 2 and 3 of packs do not differ, but for their checksum.
    EXPECT_EQ(error_of([&] { install(dir / "incoming"); }), ErrorCode::integrity) << bit;
  }
  EXPECT_TRUE(packs().empty());
}

TEST_F(InstallPackTest, RefusesFlippedBitsOfDeltas) {
  const auto good = fs::read_file(fs::posix(), make_pack(commits.back().hex() + "\n", {}), 1 << 20);
  for (std::size_t byte = 0; byte < good.size(); byte += 7) {
    auto bad = good;
    bad[byte] ^= std::byte{0x10};
    std::ofstream(dir / "incoming", std::ios::binary) << as_text(bad);
    EXPECT_EQ(error_of([&] { install(dir / "incoming"); }), ErrorCode::integrity) << byte;
  }
  EXPECT_TRUE(packs().empty());
}

TEST_F(InstallPackTest, StopsWhenCancelled) {
  const auto pack = make_pack(commits.back().hex() + "\n", {});
  CancelToken cancel;
  cancel.cancel();
  EXPECT_EQ(error_of([&] { open().install_pack(pack, random, cancel); }), ErrorCode::interrupted);
  EXPECT_TRUE(packs().empty());
}

TEST_F(InstallPackTest, CanBeRepeatedAfterAnyFault) {
  for (std::uint64_t n = 1;; ++n) {
    const auto pack = make_pack(commits.back().hex() + "\n", {"--window=0"});
    const auto saved = fs::read_file(fs::posix(), pack, 1 << 20);
    test::FaultyFileSystem faulty(fs::posix(), dir.path());
    {
      Repository repository(faulty, git_dir);
      repository.contains(commits[0]);
      faulty.reset();
      faulty.fail_at(n, test::Fault::io_error);
      error_of([&] { repository.install_pack(pack, random, CancelToken{}); });
    }
    if (!faulty.fired()) break;
    reopen();
    std::ofstream(pack, std::ios::binary) << as_text(saved);
    EXPECT_EQ(install(pack).size(), 15U) << n;
    EXPECT_EQ(open().walk(std::vector{commits.back()}, {}).size(), 5U);
    for (const auto& each : packs()) {
      std::filesystem::remove(each);
      std::filesystem::remove(fs::Path(each).replace_extension(".idx"));
    }
  }
}

}  // namespace
}  // namespace axon::history

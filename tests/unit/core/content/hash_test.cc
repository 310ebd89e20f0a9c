#include "core/content/hash.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/content/hash_streams.h"

namespace axon::content {
namespace {

Bytes random_bytes(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

TEST(Sha256, KnowsTheStandardsVectors) {
  EXPECT_EQ(sha256({}).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(as_bytes("abc")).hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, StartsAfreshAfterFinish) {
  Sha256 hasher;
  hasher.update(as_bytes("something else"));
  hasher.finish();
  hasher.update(as_bytes("a"));
  hasher.update(as_bytes("bc"));
  EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
}

TEST(Sha256, MovesWithItsState) {
  Sha256 first;
  first.update(as_bytes("ab"));
  Sha256 second = std::move(first);
  second.update(as_bytes("c"));
  EXPECT_EQ(second.finish(), sha256(as_bytes("abc")));
}

TEST(ShaStream, PadsEveryLengthAsTheStandardSays) {
  if (!sha_instructions()) GTEST_SKIP() << "no SHA instructions";
  const Bytes bytes = random_bytes(300, 1);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const ByteSpan part(bytes.data(), length);
    ShaStream stream;
    stream.update(part);
    EXPECT_EQ(stream.digest(), sha256(part)) << length;
  }
}

template <class Hasher>
class FileHashing : public testing::Test {
 protected:
  void SetUp() override {
    if constexpr (std::is_same_v<Hasher, PairedFileHasher>) {
      if (!sha_instructions()) GTEST_SKIP() << "no SHA instructions";
    }
  }
};
using Hashers = testing::Types<FileHasher, PairedFileHasher, PlainFileHasher>;
TYPED_TEST_SUITE(FileHashing, Hashers);

TYPED_TEST(FileHashing, AgreesWithOneDigestAtATimeForAnyCutsAndAnyBuffering) {
  const Bytes file = random_bytes(40'000, 2);
  std::mt19937 random(3);
  TypeParam hasher;
  for (int round = 0; round < 60; ++round) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; at < file.size();) {
      at = std::min<std::size_t>(file.size(), at + 1 + random() % (round % 2 ? 5000 : 200));
      cuts.push_back(at);
    }
    std::size_t start = 0;
    for (const std::size_t end : cuts) {
      for (std::size_t at = start; at < end;) {
        const std::size_t length = std::min<std::size_t>(end - at, 1 + random() % (round % 3 ? 700 : 90));
        hasher.update({file.data() + at, length});
        at += length;
      }
      ASSERT_EQ(hasher.cut().template as<Digest>(), sha256({file.data() + start, end - start}));
      start = end;
    }
    ASSERT_EQ(hasher.finish().template as<Digest>(), sha256(file));
  }
}

TYPED_TEST(FileHashing, HashesChunksAlignedWithTheFilesBlocks) {
  const Bytes file = random_bytes(64 * 40, 4);
  TypeParam hasher;
  for (std::size_t at = 0; at < file.size(); at += 640) {
    hasher.update({file.data() + at, 640});
    EXPECT_EQ(hasher.cut().template as<Digest>(), sha256({file.data() + at, 640}));
  }
  EXPECT_EQ(hasher.finish().template as<Digest>(), sha256(file));
}

TYPED_TEST(FileHashing, HashesAnEmptyFile) {
  TypeParam hasher;
  EXPECT_EQ(hasher.finish().template as<Digest>(), sha256({}));
  hasher.update({});
  EXPECT_EQ(hasher.cut().template as<Digest>(), sha256({}));
}

TYPED_TEST(FileHashing, ForgetsAnUnfinishedChunkWithItsFile) {
  TypeParam hasher;
  hasher.update(as_bytes("one"));
  hasher.cut();
  hasher.update(as_bytes("two"));
  EXPECT_EQ(hasher.finish().template as<Digest>(), sha256(as_bytes("onetwo")));
  hasher.update(as_bytes("abc"));
  EXPECT_EQ(hasher.cut().template as<Digest>(), sha256(as_bytes("abc")));
}

}  // namespace
}  // namespace axon::content

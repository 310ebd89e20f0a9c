#include "core/history/deflate.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>

namespace axon::history {
namespace {

Bytes noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

Bytes text(std::size_t size) {
  Bytes bytes;
  for (int line = 0; bytes.size() < size; ++line)
    append(bytes, as_bytes("layer." + std::to_string(line % 97) + ".weight\n"));
  bytes.resize(size);
  return bytes;
}

// By zlib's own one-shot call: what git will do with it.
Bytes zlib_inflate(ByteSpan stream, std::size_t size) {
  Bytes content(size + 1);
  uLongf produced = content.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(content.data()), &produced,
                       reinterpret_cast<const Bytef*>(stream.data()), stream.size()),
            Z_OK);
  content.resize(produced);
  return content;
}

TEST(Deflate, MakesWhatZlibReads) {
  for (const std::size_t size : {0, 1, 2, 63, 1000, 4096, 65535, 65536, 131072, 1 << 20}) {
    const auto words = text(size);
    EXPECT_EQ(zlib_inflate(deflate(words), size), words) << size;
    const auto random = noise(size, 7);
    EXPECT_EQ(zlib_inflate(deflate(random), size), random) << size;
  }
}

TEST(Deflate, StaysWithinItsBound) {
  for (std::size_t size = 0; size < 300'000; size = size * 3 + 1)
    EXPECT_LE(deflate(noise(size, 3)).size(), deflate_bound(size)) << size;
}

TEST(Deflate, CompressesText) {
  EXPECT_LT(deflate(text(100'000)).size(), 20'000U);
}

TEST(Inflate, ReadsEveryLevelOfZlib) {
  const auto content = text(50'000);
  for (int level = 0; level <= 9; ++level) {
    Bytes stream(compressBound(content.size()));
    uLongf size = stream.size();
    ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(stream.data()), &size,
                        reinterpret_cast<const Bytef*>(content.data()), content.size(), level),
              Z_OK);
    stream.resize(size + 20);  // what follows in a pack
    Bytes into(content.size());
    EXPECT_TRUE(inflate(stream, into)) << level;
    EXPECT_EQ(into, content) << level;
  }
}

TEST(Inflate, RefusesAnotherLength) {
  const auto stream = deflate(text(1000));
  Bytes shorter(999);
  Bytes longer(1001);
  EXPECT_FALSE(inflate(stream, shorter));
  EXPECT_FALSE(inflate(stream, longer));
}

TEST(Inflate, NeverTakesADamagedStreamForTheContent) {
  const auto content = text(3000);
  const auto good = deflate(content);
  Bytes into(content.size());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    if (!inflate(bad, into)) continue;
    EXPECT_EQ(into, content) << bit;
  }
}

TEST(Inflater, WorksPieceByPiece) {
  const auto content = text(100'000);
  const auto stream = deflate(content);
  Inflater inflater;
  Bytes got;
  ByteSpan rest = stream;
  for (;;) {
    Bytes out(777);
    const auto step = inflater.step(rest.first(std::min<std::size_t>(rest.size(), 100)), out);
    append(got, ByteSpan(out).first(step.produced));
    rest = rest.subspan(step.consumed);
    if (step.status == Inflater::Status::done) break;
    ASSERT_NE(step.status, Inflater::Status::damaged);
  }
  EXPECT_EQ(got, content);
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace axon::history

#include "core/content/recipe.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/utf8.h"

namespace axon::content {
namespace {

template <class Id>
Id id_of(const std::string& text) {
  return sha256(as_bytes(text)).template as<Id>();
}

// The recipe in tests/golden/recipe-v1.bin.
Recipe sample() {
  Recipe recipe;
  recipe.oid = id_of<Oid>("file");
  recipe.size = 2'000'000;
  recipe.chunks = {{id_of<ChunkId>("one"), 100},
                   {id_of<ChunkId>("two"), kMaxChunkSize},
                   {id_of<ChunkId>("three"), 2'000'000 - 100 - kMaxChunkSize}};
  recipe.tensors = {{"scalar", "F32", {}, 96, 4, id_of<TensorId>("a")},
                    {"model.layers.0.w\xC3\xA9ight", "BF16", {3, 1000}, 100, 6000, id_of<TensorId>("b")},
                    {"", "", {0}, 6100, 0, id_of<TensorId>("c")},
                    {"rest", "Q4_K", {1, 2, 3, 4}, 6100, 1'993'900, id_of<TensorId>("d")}};
  return recipe;
}

Bytes read_golden() {
  std::ifstream file(AXON_SOURCE_DIR "/tests/golden/recipe-v1.bin", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

void expect_refused(ByteSpan bytes) {
  try {
    decode_recipe(bytes);
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::integrity);
  }
}

TEST(Recipe, SurvivesEncodingAndDecoding) {
  for (const Recipe& recipe : {sample(), Recipe{}}) EXPECT_EQ(decode_recipe(encode_recipe(recipe)), recipe);
}

TEST(Recipe, ReadsAndWritesItsGoldenFileByteForByte) {
  const Bytes golden = read_golden();
  ASSERT_FALSE(golden.empty());
  EXPECT_EQ(decode_recipe(golden), sample());
  EXPECT_EQ(encode_recipe(decode_recipe(golden)), golden);
  EXPECT_EQ(recipe_id(golden).hex(), "6309df932bc36154f8c8b7487a49c1abdf96dc4f27ab02c54a3013a744f4b34b");
}

TEST(Recipe, CostsThirtySixBytesAChunk) {
  Recipe recipe = sample();
  const std::size_t before = encode_recipe(recipe).size();
  recipe.chunks.push_back({id_of<ChunkId>("four"), 7});
  recipe.size += 7;
  EXPECT_EQ(encode_recipe(recipe).size(), before + 36);
}

TEST(Recipe, NeverReadsAFlippedBitAsTheSameRecipe) {
  const Bytes good = encode_recipe(sample());
  const RecipeId id = recipe_id(good);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes flipped = good;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    try {
      const Recipe read = decode_recipe(flipped);
      // What is accepted is a canonical recipe of its own, under another id.
      EXPECT_EQ(encode_recipe(read), flipped) << bit;
      EXPECT_NE(recipe_id(flipped), id) << bit;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity) << bit;
    }
  }
}

TEST(Recipe, RefusesEveryTruncationAndTrailingBytes) {
  Bytes bytes = encode_recipe(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) expect_refused(ByteSpan(bytes).first(size));
  bytes.push_back(std::byte{0});
  expect_refused(bytes);
}

TEST(Recipe, RefusesCountsThatItsSizeCannotHold) {
  for (const std::size_t field : {12, 56}) {
    Bytes bytes = encode_recipe(sample());
    store_le(bytes.data() + field, ~std::uint32_t{0});
    expect_refused(bytes);
  }
}

TEST(Recipe, RefusesAnotherVersionAndReservedBytes) {
  for (const std::size_t field : {8, 10, 60}) {
    Bytes bytes = encode_recipe(sample());
    bytes[field] = std::byte{2};
    expect_refused(bytes);
  }
}

struct Broken {
  const char* name;
  std::function<void(Recipe&)> how;
};
class BrokenRecipe : public testing::TestWithParam<Broken> {};

TEST_P(BrokenRecipe, IsNotWritten) {
  Recipe recipe = sample();
  GetParam().how(recipe);
  try {
    encode_recipe(recipe);
    FAIL() << "was written";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::failed);
    EXPECT_FALSE(error.causes().empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BrokenRecipe,
    testing::Values(Broken{"EmptyChunk", [](Recipe& r) { r.chunks.push_back({}); }},
                    Broken{"LongChunk",
                           [](Recipe& r) {
                             r.chunks[1].length += 1;
                             r.size += 1;
                           }},
                    Broken{"SizeThatIsNotTheSum", [](Recipe& r) { r.size += 1; }},
                    Broken{"LongName", [](Recipe& r) { r.tensors[0].name.assign(4097, 'x'); }},
                    Broken{"NameThatIsNotUtf8", [](Recipe& r) { r.tensors[0].name = "\xC3"; }},
                    Broken{"LongDtype", [](Recipe& r) { r.tensors[0].dtype.assign(33, 'x'); }},
                    Broken{"DtypeThatIsNotUtf8", [](Recipe& r) { r.tensors[0].dtype = "\xFF"; }},
                    Broken{"HighRank", [](Recipe& r) { r.tensors[0].shape.assign(17, 1); }},
                    Broken{"UnsortedTensors", [](Recipe& r) { std::swap(r.tensors[0], r.tensors[1]); }},
                    Broken{"OverlappingTensors", [](Recipe& r) { r.tensors[0].length += 1; }},
                    Broken{"TensorOutside", [](Recipe& r) { r.tensors[3].length += 1; }},
                    Broken{"TensorThatWrapsAround",
                           [](Recipe& r) { r.tensors[3].length = ~std::uint64_t{0} - 100; }},
                    Broken{"TooManyBytes",
                           [](Recipe& r) {
                             r.tensors.assign(
                                 16'000,
                                 {std::string(4096, 'n'), "", std::vector<std::uint64_t>(16), 0, 0, {}});
                           }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Recipe, RefusesMoreThan64MiBBeforeLookingInside) {
  expect_refused(Bytes(kMaxRecipeSize + 1));
}

TEST(Recipe, NamesALargeTensorByItsChunksAndLength) {
  const Recipe recipe = sample();
  Bytes text;
  for (const auto& chunk : recipe.chunks) append(text, chunk.id.span());
  append_le(text, std::uint64_t{2'000'000});
  EXPECT_EQ(large_tensor_id(recipe.chunks, 2'000'000).as<Digest>(), sha256(text));
}

TEST(Utf8, AcceptsEveryLengthOfSequence) {
  for (const char* text : {"", "plain", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\xC3\xA9z"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (const char* text : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF",
                           "\xED\xA0\x80", "\xED\xBF\xBF", "\xE1\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace axon::content

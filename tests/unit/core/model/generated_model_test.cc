// Made-up models on a real disk, read back: the generator and the probe against each other.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/content/chunker.h"
#include "core/model/probe.h"
#include "tests/support/model_generator.h"
#include "tests/support/temp_dir.h"

namespace axon::model {
namespace {

using test::Container;
using test::ModelOptions;
using test::Variant;
using test::WeightType;

const test::ModelShape kTiny{.layers = 2, .hidden = 64, .inter = 176, .vocab = 512, .kv = 16};

using Tensors = std::map<std::string, Bytes>;

struct Model {
  std::map<std::string, Bytes> files;
  Tensors tensors;  // by name, as probed
};

// Generates a model, probes its files of weights and reads everything back.
Model generate(const ModelOptions& options) {
  const test::TempDir folder;
  auto& disk = fs::posix();
  Model model;
  for (const auto& made : test::generate_model(disk, folder / "model", options)) {
    const fs::Path path = folder.path() / "model" / made.path;
    Bytes& bytes = model.files[made.path] = fs::read_file(disk, path, 1 << 26);
    EXPECT_EQ(bytes.size(), made.size);
    if (made.layout.tensors.empty()) continue;
    const auto file = disk.open(path, {});
    const Probe result = probe(*file, made.size, made.path);
    EXPECT_FALSE(result.warning) << *result.warning;
    EXPECT_EQ(result.layout.tensors.size(), made.layout.tensors.size());
    EXPECT_NO_THROW(content::check_layout(result.layout, made.size));
    for (const auto& tensor : result.layout.tensors) {
      const auto start = bytes.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
      model.tensors[tensor.name] = Bytes(start, start + static_cast<std::ptrdiff_t>(tensor.length));
    }
  }
  return model;
}

ModelOptions tiny(Variant variant = Variant::base) {
  return {.variant = variant, .shape = kTiny};
}

double changed_share(const Tensors& before, const Tensors& after, std::size_t width) {
  std::size_t changed = 0, total = 0;
  for (const auto& [name, bytes] : before) {
    for (std::size_t i = 0; i < bytes.size(); i += width)
      changed += std::memcmp(bytes.data() + i, after.at(name).data() + i, width) != 0 ? 1 : 0;
    total += bytes.size() / width;
  }
  return static_cast<double>(changed) / static_cast<double>(total);
}

TEST(GeneratedModel, IsProbedAsItWasWritten) {
  for (const auto type : {WeightType::bf16, WeightType::f16, WeightType::f32}) {
    ModelOptions options = tiny();
    options.type = type;
    options.shards = 3;
    const Model model = generate(options);
    EXPECT_EQ(model.tensors.size(), 21);
    EXPECT_TRUE(model.files.contains("model-00002-of-00003.safetensors"));
    EXPECT_TRUE(model.files.contains("model.safetensors.index.json"));
  }
}

TEST(GeneratedModel, IsTheSameWhateverTheThreads) {
  ModelOptions one = tiny(), four = tiny();
  one.threads = 1;
  four.threads = 4;
  EXPECT_TRUE(generate(one).files == generate(four).files);
}

TEST(GeneratedModel, DiffersWithTheSeed) {
  ModelOptions other = tiny();
  other.seed = 2;
  EXPECT_GT(changed_share(generate(tiny()).tensors, generate(other).tensors, 2), 0.9);
}

TEST(GeneratedModel, HoldsTheSameWeightsInEveryContainer) {
  ModelOptions gguf = tiny();
  gguf.container = Container::gguf;
  const Tensors original = generate(tiny()).tensors, converted = generate(gguf).tensors;
  ASSERT_EQ(original.size(), converted.size());
  for (const auto& [name, bytes] : original)
    EXPECT_TRUE(bytes == converted.at(test::gguf_name(name))) << name;
}

TEST(GeneratedModel, RedrawnChangesATenthOfTheWeights) {
  const double share = changed_share(generate(tiny()).tensors, generate(tiny(Variant::redrawn)).tensors, 2);
  EXPECT_GT(share, 0.07);
  EXPECT_LT(share, 0.1);
}

TEST(GeneratedModel, FineTunedChangesAboutHalfOfTheWeightsALittle) {
  const Tensors before = generate(tiny()).tensors, after = generate(tiny(Variant::finetune)).tensors;
  const double share = changed_share(before, after, 2);
  EXPECT_GT(share, 0.4);
  EXPECT_LT(share, 0.7);
}

TEST(GeneratedModel, TheHeaderVariantOnlyMovesTheWeightsBy72Bytes) {
  ModelOptions options = tiny();
  options.shape.vocab = 50'000;  // two tensors of 6.4 MB: made in more than one piece each
  const Model before = generate(options);
  options.variant = Variant::header;
  const Model after = generate(options);
  EXPECT_TRUE(before.tensors == after.tensors);
  EXPECT_EQ(before.files.at("model.safetensors").size() + 72, after.files.at("model.safetensors").size());
  EXPECT_EQ(before.files.at("README.md"), after.files.at("README.md"));
}

TEST(GeneratedModel, SmallFilesAreManyAndSmall) {
  const Model model = generate({.variant = Variant::small_files, .files = 401});
  EXPECT_EQ(model.files.size(), 401);
  EXPECT_TRUE(model.files.contains("part-002/text-00400.txt"));
  for (const auto& [path, bytes] : model.files) {
    EXPECT_GE(bytes.size(), 1024) << path;
    EXPECT_LE(bytes.size(), 65'536) << path;
  }
}

TEST(GeneratedModel, SparseFilesTakeNoSpace) {
  const test::TempDir folder;
  ModelOptions options{.variant = Variant::sparse, .sparse_size = std::uint64_t{1} << 30};
  test::generate_model(fs::posix(), folder / "model", options);
  const auto info = fs::posix().stat(folder.path() / "model" / "sparse.bin");
  EXPECT_EQ(info->size, std::uint64_t{1} << 30);
  EXPECT_LT(info->allocated, 16 << 20);
}

TEST(GeneratedModel, ShapesMeetTheSizeAskedFor) {
  for (const std::uint64_t bytes : {3'000'000ULL, 50'000'000ULL, 600'000'000ULL, 2'200'000'000ULL}) {
    std::uint64_t total = 0;
    for (const auto& tensor : test::model_tensors(test::shape_of_size(bytes, 2)))
      total += 2 * tensor.elements();
    EXPECT_NEAR(static_cast<double>(total) / static_cast<double>(bytes), 1, 0.25) << bytes;
  }
}

TEST(GeneratedModel, RedrawnIsCloseToATenthOfARealModel) {
  const auto tensors = test::model_tensors({});
  const auto redrawn = test::choose_redrawn(tensors);
  std::uint64_t total = 0, drawn = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    total += tensors[i].elements();
    if (redrawn[i]) drawn += tensors[i].elements();
  }
  EXPECT_EQ(total, 1'100'048'384);
  EXPECT_NEAR(static_cast<double>(drawn) / static_cast<double>(total), 0.0995, 0.0005);
}

TEST(Gaussian, HasTheMomentsOfTheNormalDistribution) {
  const test::Gaussian gaussian;
  std::vector<float> numbers(1 << 20);
  gaussian.fill(1, 0, numbers);
  double sum = 0, squares = 0, fourths = 0;
  for (const double x : numbers) {
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  const auto count = static_cast<double>(numbers.size());
  EXPECT_NEAR(sum / count, 0, 0.005);
  EXPECT_NEAR(squares / count, 1, 0.01);
  EXPECT_NEAR(fourths / count, 3, 0.05);
}

TEST(Gaussian, AnyPartOfAStreamIsTheSame) {
  const test::Gaussian gaussian;
  std::vector<float> whole(1001), part(501);
  gaussian.fill(9, 0, whole);
  gaussian.fill(9, 500, part);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + 500));
}

TEST(WeightSource, RoundsToNearestEven) {
  EXPECT_EQ(test::to_bf16(1.0F), 0x3F80);
  EXPECT_EQ(test::to_bf16(1.0F + 0x1p-8F), 0x3F80);            // a tie, down to even
  EXPECT_EQ(test::to_bf16(1.0F + 0x1p-7F + 0x1p-8F), 0x3F82);  // a tie, up to even
  EXPECT_EQ(test::to_bf16(-1.0F - 0x1p-8F - 0x1p-20F), 0xBF81);
  EXPECT_EQ(test::to_f16(1.0F + 0x1p-11F), 0x3C00);
  EXPECT_EQ(test::to_f16(1.0F + 0x1p-10F + 0x1p-11F), 0x3C02);
  EXPECT_EQ(test::to_f16(-2.0F), 0xC000);
  EXPECT_EQ(test::to_f16(0x1p-24F), 0x0001);
  EXPECT_EQ(test::to_f16(0x1p-25F), 0x0000);
  EXPECT_EQ(test::to_f16(0x1.8p-24F), 0x0002);
}

}  // namespace
}  // namespace axon::model

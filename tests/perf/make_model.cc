// axon_make_model: writes a made-up model directory and says how fast.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <map>

#include "core/base/error.h"
#include "tests/support/model_generator.h"

namespace {

using axon::test::Container;
using axon::test::ModelOptions;
using axon::test::Variant;
using axon::test::WeightType;

const std::map<std::string, Variant> kVariants{
    {"base", Variant::base},     {"redrawn10", Variant::redrawn},       {"finetune", Variant::finetune},
    {"header", Variant::header}, {"small-files", Variant::small_files}, {"sparse", Variant::sparse}};
const std::map<std::string, WeightType> kTypes{
    {"bf16", WeightType::bf16}, {"f16", WeightType::f16}, {"f32", WeightType::f32}};
const std::map<std::string, Container> kContainers{{"safetensors", Container::safetensors},
                                                   {"gguf", Container::gguf}};

struct CommandLine {
  std::string out;
  ModelOptions options;
  std::uint64_t bytes = 0, layers = 0;
  bool direct = false;
};

void declare(CLI::App& app, CommandLine& line) {
  app.add_option("out", line.out, "the folder to make")->required();
  app.add_option("--variant", line.options.variant)->transform(CLI::CheckedTransformer(kVariants));
  app.add_option("--dtype", line.options.type)->transform(CLI::CheckedTransformer(kTypes));
  app.add_option("--format", line.options.container)->transform(CLI::CheckedTransformer(kContainers));
  app.add_option("--bytes", line.bytes, "about this much of weights, or the sparse file's size")
      ->check(CLI::Range(std::uint64_t{4096}, std::uint64_t{1} << 44));
  app.add_option("--layers", line.layers, "of TinyLlama's shapes")->check(CLI::Range(1, 1000));
  app.add_option("--shards", line.options.shards, "default: one for each 565 MB")->check(CLI::Range(1, 1000));
  app.add_option("--files", line.options.files, "of small-files")->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", line.options.seed);
  app.add_option("--threads", line.options.threads)->check(CLI::Range(1, 64));
  app.add_flag("--direct", line.direct, "write past the page cache");
}

void settle(CommandLine& line) {
  auto& options = line.options;
  if (line.bytes != 0) {
    options.shape = axon::test::shape_of_size(line.bytes, axon::test::size_of(options.type));
    options.sparse_size = line.bytes;
  }
  if (line.layers != 0) options.shape.layers = line.layers;
  if (line.direct) options.caching = axon::fs::Caching::direct;
}

void run(const CommandLine& line) {
  const auto start = std::chrono::steady_clock::now();
  const auto files = axon::test::generate_model(axon::fs::posix(), line.out, line.options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.size;
  const auto size = static_cast<double>(bytes);
  fmt::print("{}: {} files, {:.1f} MB in {:.2f} s ({:.0f} MB/s)\n", line.out, files.size(), size / 1e6,
             seconds.count(), size / 1e6 / seconds.count());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes a made-up model directory, always the same for the same options.");
  CommandLine line;
  declare(app, line);
  CLI11_PARSE(app, argc, argv);
  try {
    settle(line);
    run(line);
  } catch (const axon::Error& error) {
    fmt::print(stderr, "error: {}\n", error.message());
    for (const auto& cause : error.causes()) fmt::print(stderr, "because: {}\n", cause);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

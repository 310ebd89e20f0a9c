// generate_model: deterministic stand-ins for model directories, from a few kilobytes for a test to many
// gigabytes for a benchmark. Equal options give equal bytes, whatever the number of threads.
//
// base        Gaussian weights in shards, with config.json, tokenizer.json, README.md and the shards' index
// redrawn     base with about 10 % of the weights drawn anew
// finetune    base with every weight moved by an AdamW-like update (half of them change after rounding)
// header      base with the first shard's header 72 bytes longer
// small_files many files of 1 to 64 KiB, half text, half random, in folders of 200
// sparse      one file, nearly all hole, with data at its start, in its middle and at its end
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/fs/file_system.h"
#include "core/content/layout.h"
#include "tests/support/model_shape.h"
#include "tests/support/weight_source.h"

namespace axon::test {

enum class Variant { base, redrawn, finetune, header, small_files, sparse };
enum class Container { safetensors, gguf };

struct ModelOptions {
  Variant variant = Variant::base;
  Container container = Container::safetensors;
  WeightType type = WeightType::bf16;
  ModelShape shape{};
  unsigned shards = 0;  // of safetensors; 0: one for each 565 MB
  std::uint64_t seed = 1;
  std::uint32_t files = 20'000;                 // of small_files
  std::uint64_t sparse_size = 20'000'000'000;   // of sparse
  fs::Caching caching = fs::Caching::buffered;  // of the weights' files
  unsigned threads = 2;
};

struct GeneratedFile {
  std::string path;  // relative to the model's folder
  std::uint64_t size = 0;
  content::FileLayout layout;  // of files with weights; empty otherwise
};

// Makes the folder `out` (which is absent or holds none of these files) and fills it; nothing is synced.
std::vector<GeneratedFile> generate_model(fs::FileSystem& fs, const fs::Path& out,
                                          const ModelOptions& options);

}  // namespace axon::test

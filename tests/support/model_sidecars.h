// The small files beside the weights: config.json, tokenizer.json, README.md, the shards' index.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/model_shape.h"
#include "tests/support/weight_source.h"

namespace axon::test {

using NamedText = std::pair<std::string, std::string>;  // file name and content

// `weight_map`: tensor and file. The index is left out when there is one file.
std::vector<NamedText> model_sidecars(const ModelShape& shape, WeightType type, std::uint64_t seed,
                                      std::uint64_t total_size, std::string_view variant,
                                      const std::vector<NamedText>& weight_map);

// A vocabulary of about `count` distinct words of one to three made-up syllables.
std::vector<std::string> made_up_words(std::uint64_t seed, std::size_t count);

// One of many small files: even numbers are Zipf-like text, odd ones random bytes; 1 to 64 KiB.
std::string small_file(std::uint64_t seed, std::uint32_t number, const std::vector<std::string>& words);

}  // namespace axon::test

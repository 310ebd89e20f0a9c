// The headers of safetensors and GGUF files, written straight from the formats' own pages, so that tests can
// hold the readers against them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/content/layout.h"
#include "tests/support/model_shape.h"
#include "tests/support/weight_source.h"

namespace axon::test {

// What precedes the weights in one file, and where each tensor then lies.
struct ModelHeader {
  Bytes bytes;
  content::FileLayout layout;  // in the order of `tensors`
  std::uint64_t file_size = 0;
};

// `note`: a value in __metadata__, absent when empty.
ModelHeader safetensors_header(const std::vector<TensorShape>& tensors, WeightType type,
                               std::string_view note);

// GGUF version 3, with a tokenizer of `words` entries as large models carry it.
ModelHeader gguf_header(const std::vector<TensorShape>& tensors, WeightType type,
                        const std::vector<std::string>& words);

}  // namespace axon::test

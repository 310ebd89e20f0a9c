// ModelShape: the tensors of a Llama-like model, in the order of its files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace axon::test {

// Defaults are TinyLlama-1.1B's: 1.10 G parameters, 2.2 GB in bf16.
struct ModelShape {
  std::uint64_t layers = 22, hidden = 2048, inter = 5632, vocab = 32000, kv = 256;
};

// The shape, TinyLlama's scaled down where needed, whose weights take about `bytes` (within half a layer).
ModelShape shape_of_size(std::uint64_t bytes, std::uint64_t element_size);

struct TensorShape {
  std::string name;  // as Hugging Face names it
  std::vector<std::uint64_t> shape;
  std::uint64_t elements() const;
};
std::vector<TensorShape> model_tensors(const ModelShape& shape);

// The same tensor's name in a GGUF file: "blk.3.attn_q.weight".
std::string gguf_name(const std::string& name);

// Which tensors to draw anew so that about a tenth of the weights changes, as from the model's end: the
// largest come first if they fit, norms stay.
std::vector<bool> choose_redrawn(const std::vector<TensorShape>& tensors);

}  // namespace axon::test

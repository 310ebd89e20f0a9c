#include "tests/support/model_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace axon::test {
namespace {

std::uint64_t layer_elements(const ModelShape& s) {
  return 3 * s.hidden * s.inter + 2 * s.hidden * s.hidden + 2 * s.kv * s.hidden + 2 * s.hidden;
}

std::uint64_t other_elements(const ModelShape& s) {
  return 2 * s.vocab * s.hidden + s.hidden;
}

void append_layer(std::vector<TensorShape>& to, const ModelShape& s, std::uint64_t layer) {
  const auto add = [&](const char* name, std::vector<std::uint64_t> shape) {
    to.push_back({fmt::format("model.layers.{}.{}.weight", layer, name), std::move(shape)});
  };
  add("input_layernorm", {s.hidden});
  add("mlp.down_proj", {s.hidden, s.inter});
  add("mlp.gate_proj", {s.inter, s.hidden});
  add("mlp.up_proj", {s.inter, s.hidden});
  add("post_attention_layernorm", {s.hidden});
  add("self_attn.k_proj", {s.kv, s.hidden});
  add("self_attn.o_proj", {s.hidden, s.hidden});
  add("self_attn.q_proj", {s.hidden, s.hidden});
  add("self_attn.v_proj", {s.kv, s.hidden});
}

}  // namespace

std::uint64_t TensorShape::elements() const {
  std::uint64_t count = 1;
  for (const auto extent : shape) count *= extent;
  return count;
}

ModelShape shape_of_size(std::uint64_t bytes, std::uint64_t element_size) {
  const std::uint64_t elements = bytes / element_size;
  ModelShape shape;
  while (shape.hidden > 64 && elements < other_elements(shape) + 2 * layer_elements(shape))
    shape = {shape.layers, shape.hidden / 2, shape.inter / 2, shape.vocab / 2, shape.kv / 2};
  const std::uint64_t layer = layer_elements(shape), other = other_elements(shape);
  shape.layers = elements < other + layer ? 1 : (elements - other + layer / 2) / layer;
  return shape;
}

std::vector<TensorShape> model_tensors(const ModelShape& shape) {
  std::vector<TensorShape> tensors;
  tensors.push_back({"model.embed_tokens.weight", {shape.vocab, shape.hidden}});
  for (std::uint64_t layer = 0; layer < shape.layers; ++layer) append_layer(tensors, shape, layer);
  tensors.push_back({"model.norm.weight", {shape.hidden}});
  tensors.push_back({"lm_head.weight", {shape.vocab, shape.hidden}});
  return tensors;
}

std::string gguf_name(const std::string& name) {
  static constexpr std::array<std::pair<const char*, const char*>, 13> kWords{{
      {"model.embed_tokens", "token_embd"},
      {"model.layers", "blk"},
      {"model.norm", "output_norm"},
      {"lm_head", "output"},
      {"input_layernorm", "attn_norm"},
      {"post_attention_layernorm", "ffn_norm"},
      {"mlp.down_proj", "ffn_down"},
      {"mlp.gate_proj", "ffn_gate"},
      {"mlp.up_proj", "ffn_up"},
      {"self_attn.k_proj", "attn_k"},
      {"self_attn.o_proj", "attn_output"},
      {"self_attn.q_proj", "attn_q"},
      {"self_attn.v_proj", "attn_v"},
  }};
  std::string result = name;
  for (const auto& [from, to] : kWords) {
    const auto at = result.find(from);
    if (at != std::string::npos) result.replace(at, std::string_view(from).size(), to);
  }
  return result;
}

std::vector<bool> choose_redrawn(const std::vector<TensorShape>& tensors) {
  std::uint64_t total = 0;
  for (const auto& tensor : tensors) total += tensor.elements();
  const std::uint64_t budget = total / 10;
  std::uint64_t left = budget;
  std::vector<bool> redrawn(tensors.size());
  for (std::size_t i = tensors.size(); i-- > 0;) {
    const std::uint64_t elements = tensors[i].elements();
    redrawn[i] = elements <= left && elements > budget / 1000;
    if (redrawn[i]) left -= elements;
  }
  return redrawn;
}

}  // namespace axon::test

#include "tests/support/model_sidecars.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_set>

#include "tests/support/counter_random.h"

namespace axon::test {
namespace {

std::string made_up_letters(CounterRandom& random, std::uint32_t count) {
  std::string letters;
  for (std::uint32_t i = 0; i < count; ++i) letters += static_cast<char>('a' + random.below(26));
  return letters;
}

const char* torch_name(WeightType type) {
  return type == WeightType::bf16 ? "bfloat16" : type == WeightType::f16 ? "float16" : "float32";
}

std::string config_json(const ModelShape& shape, WeightType type) {
  const std::uint64_t heads = 32;
  return fmt::format(R"({{
  "architectures": [
    "LlamaForCausalLM"
  ],
  "hidden_size": {},
  "intermediate_size": {},
  "model_type": "llama",
  "num_attention_heads": {},
  "num_hidden_layers": {},
  "num_key_value_heads": {},
  "torch_dtype": "{}",
  "vocab_size": {}
}}
)",
                     shape.hidden, shape.inter, heads, shape.layers, shape.kv * heads / shape.hidden,
                     torch_name(type), shape.vocab);
}

std::string tokenizer_json(std::uint64_t seed, std::uint64_t vocabulary) {
  const auto words = made_up_words(seed, vocabulary);
  std::string json = "{\n \"version\": \"1.0\",\n \"model\": {\n  \"type\": \"BPE\",\n  \"vocab\": {";
  for (std::size_t i = 0; i < words.size(); ++i)
    json += fmt::format("{}\n   \"{}\": {}", i == 0 ? "" : ",", words[i], i);
  json += "\n  },\n  \"merges\": [";
  CounterRandom random(stream_seed(seed, "merges", 0));
  const auto count = static_cast<std::uint32_t>(words.size());
  for (std::uint64_t i = 0; i < vocabulary * 15 / 8; ++i)
    json += fmt::format("{}\n   \"{} {}\"", i == 0 ? "" : ",", words[random.below(count)],
                        words[random.below(count)]);
  return json + "\n  ]\n }\n}\n";
}

std::string index_json(std::uint64_t total_size, const std::vector<NamedText>& weight_map) {
  std::string json =
      fmt::format("{{\n  \"metadata\": {{\n    \"total_size\": {}\n  }},\n  \"weight_map\": {{", total_size);
  for (std::size_t i = 0; i < weight_map.size(); ++i)
    json +=
        fmt::format("{}\n    \"{}\": \"{}\"", i == 0 ? "" : ",", weight_map[i].first, weight_map[i].second);
  return json + "\n  }\n}\n";
}

std::string readme(std::string_view variant, const std::vector<NamedText>& weight_map) {
  std::string text = fmt::format(
      "---\nlicense: apache-2.0\n---\n# A made-up model, variant {}\n\nIts weights are random numbers.\n\n",
      variant);
  for (const auto& [tensor, file] : weight_map) text += fmt::format("- `{}` in `{}`\n", tensor, file);
  return text;
}

}  // namespace

std::vector<NamedText> model_sidecars(const ModelShape& shape, WeightType type, std::uint64_t seed,
                                      std::uint64_t total_size, std::string_view variant,
                                      const std::vector<NamedText>& weight_map) {
  std::vector<NamedText> files{{"config.json", config_json(shape, type)},
                               {"tokenizer.json", tokenizer_json(seed, shape.vocab)},
                               {"README.md", readme(variant, weight_map)}};
  if (weight_map.front().second != weight_map.back().second)
    files.emplace_back("model.safetensors.index.json", index_json(total_size, weight_map));
  return files;
}

std::vector<std::string> made_up_words(std::uint64_t seed, std::size_t count) {
  CounterRandom random(stream_seed(seed, "words", 0));
  std::vector<std::string> syllables(600);
  for (auto& syllable : syllables) syllable = made_up_letters(random, 1 + random.below(4));
  std::vector<std::string> words;
  std::unordered_set<std::string> seen;
  for (std::size_t tries = 0; words.size() < count && tries < 2 * count; ++tries) {
    std::string word;
    for (std::uint32_t parts = 1 + random.below(3); parts > 0; --parts) word += syllables[random.below(600)];
    if (seen.insert(word).second) words.push_back(std::move(word));
  }
  return words;
}

std::string small_file(std::uint64_t seed, std::uint32_t number, const std::vector<std::string>& words) {
  CounterRandom random(stream_seed(seed, "small", number));
  const auto size = static_cast<std::size_t>(1024 * (1 + 63 * std::pow(random.uniform(), 1.6)));
  std::string content;
  content.reserve(size + 64);
  if (number % 2 == 1) {
    while (content.size() < size) {
      const std::uint64_t bits = random.next();
      content.append(reinterpret_cast<const char*>(&bits), sizeof bits);
    }
  } else {
    const double ranks = std::log(static_cast<double>(words.size()));
    while (content.size() < size)
      content.append(words[static_cast<std::size_t>(std::exp(random.uniform() * ranks) - 1)]).append(" ");
  }
  content.resize(size);
  return content;
}

}  // namespace axon::test

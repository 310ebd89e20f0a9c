#include "tests/support/model_container.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace axon::test {
namespace {

const char* dtype_name(WeightType type) {
  switch (type) {
    case WeightType::bf16:
      return "BF16";
    case WeightType::f16:
      return "F16";
    case WeightType::f32:
      break;
  }
  return "F32";
}

content::Element element_of(WeightType type) {
  switch (type) {
    case WeightType::bf16:
      return content::Element::bf16;
    case WeightType::f16:
      return content::Element::f16;
    case WeightType::f32:
      break;
  }
  return content::Element::f32;
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) {
  return (value + to - 1) / to * to;
}

// Places the tensors one after another from `start` on, each at a multiple of `alignment`.
void place(ModelHeader& header, const std::vector<TensorShape>& tensors, WeightType type, std::uint64_t start,
           std::uint64_t alignment) {
  std::uint64_t offset = start;
  for (const auto& tensor : tensors) {
    const std::uint64_t length = tensor.elements() * size_of(type);
    header.layout.tensors.push_back(
        {tensor.name, dtype_name(type), element_of(type), tensor.shape, offset, length});
    offset += round_up(length, alignment);
  }
  header.file_size = offset;
}

class GgufWriter {
 public:
  template <std::unsigned_integral T>
  void number(T value) {
    append_le(bytes_, value);
  }
  void string(std::string_view text) {
    number<std::uint64_t>(text.size());
    append(bytes_, as_bytes(text));
  }
  void entry(std::string_view key, std::uint32_t type) {
    string(key);
    number(type);
  }
  void text_entry(std::string_view key, std::string_view value) {
    entry(key, kString);
    string(value);
  }
  void number_entry(std::string_view key, std::uint32_t value) {
    entry(key, kU32);
    number(value);
  }
  void array_entry(std::string_view key, std::uint32_t type, std::uint64_t count) {
    entry(key, kArray);
    number(type);
    number(count);
  }
  Bytes take() { return std::move(bytes_); }

  static constexpr std::uint32_t kU32 = 4, kI32 = 5, kString = 8, kArray = 9;

 private:
  Bytes bytes_;
};

constexpr std::uint64_t kGgufEntries = 6;
void write_entries(GgufWriter& writer, const std::vector<std::string>& words) {
  writer.text_entry("general.architecture", "llama");
  writer.text_entry("general.name", "axon bench model");
  writer.number_entry("general.alignment", 32);
  writer.text_entry("tokenizer.ggml.model", "llama");
  writer.array_entry("tokenizer.ggml.tokens", GgufWriter::kString, words.size());
  for (const auto& word : words) writer.string(word);
  writer.array_entry("tokenizer.ggml.token_type", GgufWriter::kI32, words.size());
  for (std::size_t i = 0; i < words.size(); ++i) writer.number<std::uint32_t>(1);
}

void write_tensor_infos(GgufWriter& writer, const std::vector<TensorShape>& tensors, WeightType type) {
  const std::uint32_t type_id = type == WeightType::bf16 ? 30 : type == WeightType::f16 ? 1 : 0;
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors) {
    writer.string(tensor.name);
    writer.number(static_cast<std::uint32_t>(tensor.shape.size()));
    for (auto extent = tensor.shape.rbegin(); extent != tensor.shape.rend(); ++extent) writer.number(*extent);
    writer.number(type_id);
    writer.number(offset);
    offset += round_up(tensor.elements() * size_of(type), 32);
  }
}

}  // namespace

ModelHeader safetensors_header(const std::vector<TensorShape>& tensors, WeightType type,
                               std::string_view note) {
  std::string json = R"({"__metadata__":{"format":"pt")";
  if (!note.empty()) json += fmt::format(R"(,"note":"{}")", note);
  json += "}";
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors) {
    const std::uint64_t end = offset + tensor.elements() * size_of(type);
    json += fmt::format(R"(,"{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", tensor.name,
                        dtype_name(type), fmt::join(tensor.shape, ","), offset, end);
    offset = end;
  }
  json += "}";
  json.resize(round_up(json.size(), 8), ' ');
  ModelHeader header;
  header.bytes.resize(sizeof(std::uint64_t) + json.size());
  store_le<std::uint64_t>(header.bytes.data(), json.size());
  std::ranges::copy(as_bytes(json), header.bytes.begin() + sizeof(std::uint64_t));
  place(header, tensors, type, header.bytes.size(), 1);
  return header;
}

ModelHeader gguf_header(const std::vector<TensorShape>& tensors, WeightType type,
                        const std::vector<std::string>& words) {
  GgufWriter writer;
  writer.number<std::uint32_t>(0x46554747);  // "GGUF"
  writer.number<std::uint32_t>(3);
  writer.number<std::uint64_t>(tensors.size());
  writer.number<std::uint64_t>(kGgufEntries);
  write_entries(writer, words);
  write_tensor_infos(writer, tensors, type);
  ModelHeader header;
  header.bytes = writer.take();
  header.bytes.resize(round_up(header.bytes.size(), 32));
  place(header, tensors, type, header.bytes.size(), 32);
  return header;
}

}  // namespace axon::test

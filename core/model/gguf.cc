#include "core/model/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_set>

#include "core/model/header_reader.h"
#include "core/model/probe.h"
#include "core/model/tensor_table.h"

namespace axon::model {
namespace {

using content::Element;

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint32_t kMaxRank = 4;
constexpr std::uint64_t kMaxKeySize = 65'535, kMaxEntries = 65'536;
constexpr std::size_t kMaxKeysSize = std::size_t{4} << 20;  // of all keys together
constexpr std::uint32_t kDefaultAlignment = 32;

struct TensorType {
  std::uint32_t id;
  std::string_view name;
  std::uint32_t block_elements, block_bytes;
  Element element = Element::bytes;
};
constexpr std::array<TensorType, 35> kTensorTypes{{
    {0, "F32", 1, 4, Element::f32},
    {1, "F16", 1, 2, Element::f16},
    {2, "Q4_0", 32, 18},
    {3, "Q4_1", 32, 20},
    {6, "Q5_0", 32, 22},
    {7, "Q5_1", 32, 24},
    {8, "Q8_0", 32, 34},
    {9, "Q8_1", 32, 36},
    {10, "Q2_K", 256, 84},
    {11, "Q3_K", 256, 110},
    {12, "Q4_K", 256, 144},
    {13, "Q5_K", 256, 176},
    {14, "Q6_K", 256, 210},
    {15, "Q8_K", 256, 292},
    {16, "IQ2_XXS", 256, 66},
    {17, "IQ2_XS", 256, 74},
    {18, "IQ3_XXS", 256, 98},
    {19, "IQ1_S", 256, 50},
    {20, "IQ4_NL", 32, 18},
    {21, "IQ3_S", 256, 110},
    {22, "IQ2_S", 256, 82},
    {23, "IQ4_XS", 256, 136},
    {24, "I8", 1, 1},
    {25, "I16", 1, 2, Element::i16},
    {26, "I32", 1, 4, Element::i32},
    {27, "I64", 1, 8, Element::i64},
    {28, "F64", 1, 8, Element::f64},
    {29, "IQ1_M", 256, 56},
    {30, "BF16", 1, 2, Element::bf16},
    {34, "TQ1_0", 256, 54},
    {35, "TQ2_0", 256, 66},
    {39, "MXFP4", 32, 17},
    {40, "NVFP4", 64, 36},
    {41, "Q1_0", 128, 18},
    {42, "Q2_0", 64, 18},
}};

// The value types of entries; their sizes by number, 0 where a size follows in the file.
constexpr std::array<std::uint8_t, 13> kValueSizes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
constexpr std::uint32_t kU32 = 4, kString = 8, kArray = 9;

// Another byte order has the exponent at the other end, where rotating does not help: plain planes do.
Element big_endian(Element element) {
  switch (element) {
    case Element::bf16:
    case Element::f16:
      return Element::i16;
    case Element::f32:
      return Element::i32;
    case Element::f64:
      return Element::i64;
    default:
      return element;
  }
}

class GgufReader {
 public:
  GgufReader(fs::File& file, std::uint64_t file_size)
      : reader_(file, 0, std::min(file_size, kMaxHeaderSize)), file_size_(file_size) {}

  content::FileLayout read() {
    read_version();
    const auto tensors = number<std::uint64_t>(), entries = number<std::uint64_t>();
    read_entries(entries);
    for (std::uint64_t i = 0; i < tensors; ++i) read_tensor();
    const std::uint64_t past = reader_.position() + alignment_ - 1;
    return std::move(table_).finish(past - past % alignment_, file_size_);
  }

 private:
  template <std::unsigned_integral T>
  T number() {
    std::array<std::byte, sizeof(T)> bytes;
    reader_.read(bytes);
    if (swapped_) std::ranges::reverse(bytes);
    return load_le<T>(bytes.data());
  }

  std::string string(std::uint64_t limit) {
    const auto length = number<std::uint64_t>();
    if (length > limit) throw HeaderError(fmt::format("a name of {} bytes is too long", length));
    std::string text(length, '\0');
    reader_.read({reinterpret_cast<std::byte*>(text.data()), text.size()});
    return text;
  }

  void read_version();
  void read_entries(std::uint64_t count);
  void skip_value(std::uint32_t type);
  void skip_array();
  void read_tensor();

  HeaderReader reader_;
  std::uint64_t file_size_;
  bool swapped_ = false;
  std::uint32_t alignment_ = kDefaultAlignment;
  TensorTable table_;
};

void GgufReader::read_version() {
  reader_.skip(kMagic.size());
  auto version = number<std::uint32_t>();
  if ((version & 0xFFFF) == 0) {
    swapped_ = true;
    version = __builtin_bswap32(version);
  }
  if (version != 2 && version != 3) throw HeaderError(fmt::format("version {} is not known", version));
}

void GgufReader::read_entries(std::uint64_t count) {
  if (count > kMaxEntries) throw HeaderError(fmt::format("{} entries are too many", count));
  std::unordered_set<std::string> keys;
  std::size_t size = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto [key, fresh] = keys.insert(string(kMaxKeySize));
    if (!fresh) throw HeaderError(fmt::format("the key {} occurs twice", quoted_name(*key)));
    size += key->size();
    if (size > kMaxKeysSize) throw HeaderError("its keys are too long");
    const auto type = number<std::uint32_t>();
    if (*key != "general.alignment") {
      skip_value(type);
      continue;
    }
    if (type != kU32) throw HeaderError("general.alignment is not of type u32");
    alignment_ = number<std::uint32_t>();
    if (!std::has_single_bit(alignment_))
      throw HeaderError(fmt::format("an alignment of {} is no power of two", alignment_));
  }
}

void GgufReader::skip_value(std::uint32_t type) {
  if (type >= kValueSizes.size()) throw HeaderError(fmt::format("an entry of type {} is not known", type));
  if (type == kArray) return skip_array();
  reader_.skip(type == kString ? number<std::uint64_t>() : kValueSizes[type]);
}

void GgufReader::skip_array() {
  const auto type = number<std::uint32_t>();
  const auto count = number<std::uint64_t>();
  if (type >= kValueSizes.size() || type == kArray)
    throw HeaderError(fmt::format("an array of type {} is not known", type));
  if (type != kString) return reader_.skip(checked_multiply(count, kValueSizes[type]));
  // Each round consumes at least eight bytes of a header that is capped, whatever the count says.
  for (std::uint64_t i = 0; i < count; ++i) reader_.skip(number<std::uint64_t>());
}

void GgufReader::read_tensor() {
  content::LayoutTensor tensor;
  tensor.name = string(kMaxTensorNameSize);
  const auto rank = number<std::uint32_t>();
  if (rank > kMaxRank) throw HeaderError(fmt::format("{} has {} dimensions", quoted_name(tensor.name), rank));
  for (std::uint32_t i = 0; i < rank; ++i) tensor.shape.push_back(number<std::uint64_t>());
  const auto id = number<std::uint32_t>();
  tensor.offset = number<std::uint64_t>();
  const auto* type = std::ranges::find(kTensorTypes, id, &TensorType::id);
  if (type == kTensorTypes.end())
    throw HeaderError(fmt::format("{} has the unknown type {}", quoted_name(tensor.name), id));
  const std::uint64_t fastest = rank == 0 ? 1 : tensor.shape.front();
  if (fastest % type->block_elements != 0)
    throw HeaderError(fmt::format("{} does not consist of whole blocks", quoted_name(tensor.name)));
  if (tensor.offset % alignment_ != 0)
    throw HeaderError(fmt::format("{} is not aligned to {} bytes", quoted_name(tensor.name), alignment_));
  tensor.length = checked_multiply(element_count(tensor.shape) / type->block_elements, type->block_bytes);
  std::ranges::reverse(tensor.shape);
  const bool turned = swapped_ && type->block_bytes > 1;
  tensor.dtype = std::string(type->name) + (turned ? "_BE" : "");
  tensor.element = turned ? big_endian(type->element) : type->element;
  table_.add(std::move(tensor));
}

}  // namespace

bool looks_like_gguf(ByteSpan start) {
  return start.size() >= kMagic.size() && as_text(start.first(kMagic.size())) == kMagic;
}

content::FileLayout read_gguf(fs::File& file, std::uint64_t file_size) {
  return GgufReader(file, file_size).read();
}

}  // namespace axon::model

#include "core/model/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/model/header_reader.h"
#include "core/model/probe.h"
#include "core/model/tensor_table.h"

namespace axon::model {
namespace {

using content::Element;

constexpr std::uint64_t kLengthSize = 8;
constexpr std::size_t kMaxTokenSize = std::size_t{4} << 20;  // of one string or number, as written

struct Dtype {
  std::string_view name;
  unsigned bits;
  Element element;
};
constexpr std::array<Dtype, 22> kDtypes{{
    {"BOOL", 8, Element::bytes},        {"U8", 8, Element::bytes},      {"I8", 8, Element::bytes},
    {"U16", 16, Element::i16},          {"I16", 16, Element::i16},      {"U32", 32, Element::i32},
    {"I32", 32, Element::i32},          {"U64", 64, Element::i64},      {"I64", 64, Element::i64},
    {"F16", 16, Element::f16},          {"BF16", 16, Element::bf16},    {"F32", 32, Element::f32},
    {"F64", 64, Element::f64},          {"C64", 64, Element::f32},      {"F8_E5M2", 8, Element::bytes},
    {"F8_E4M3", 8, Element::bytes},     {"F8_E8M0", 8, Element::bytes}, {"F8_E4M3FNUZ", 8, Element::bytes},
    {"F8_E5M2FNUZ", 8, Element::bytes}, {"F6_E2M3", 6, Element::bytes}, {"F6_E3M2", 6, Element::bytes},
    {"F4", 4, Element::bytes},
}};

// The header's characters for the JSON reader, which keeps a whole string or number in memory: one that is
// longer than kMaxTokenSize is refused while it is read.
class HeaderText {
 public:
  explicit HeaderText(HeaderReader& reader) : reader_(reader) {}
  bool at_end() const { return reader_.at_end(); }
  char peek() { return static_cast<char>(reader_.peek()); }
  void advance() {
    const char c = static_cast<char>(reader_.take());
    ++token_;
    if (in_string_) {
      if (c == '"' && !escaped_) in_string_ = false;
      escaped_ = c == '\\' && !escaped_;
    } else {
      in_string_ = c == '"';
      // The JSON reader takes a NUL for the end of its input and would not see what follows.
      if (c == '\0') throw HeaderError("the header has a NUL byte outside of strings");
      if (in_string_ || ends_token(c)) token_ = 0;
    }
    if (token_ > kMaxTokenSize) throw HeaderError("a string in the header is too long");
  }

 private:
  static bool ends_token(char c) {
    return std::string_view(" \t\r\n,:{}[]").find(c) != std::string_view::npos;
  }

  HeaderReader& reader_;
  std::size_t token_ = 0;
  bool in_string_ = false, escaped_ = false;
};

class HeaderIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  HeaderIterator() = default;
  explicit HeaderIterator(HeaderText& text) : text_(&text) {}
  char operator*() const { return text_->peek(); }
  HeaderIterator& operator++() {
    text_->advance();
    return *this;
  }
  void operator++(int) { text_->advance(); }
  bool operator==(const HeaderIterator& other) const { return ended() == other.ended(); }

 private:
  bool ended() const { return text_ == nullptr || text_->at_end(); }
  HeaderText* text_ = nullptr;
};

// One entry of the header while it is read.
struct Entry {
  std::string name;
  std::optional<std::string> dtype;
  std::optional<std::vector<std::uint64_t>> shape, offsets;
};

// Receives the JSON reader's events; knows at each moment where in the grammar it stands.
class Grammar : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Grammar(std::uint64_t weights_size) : size_(weights_size) {}

  TensorTable take() { return std::move(table_); }
  std::uint64_t covered() const { return covered_; }

  bool start_object(std::size_t) override {
    if (place_ == Place::outside) return enter(Place::header);
    if (place_ == Place::value) return enter(entry_.name == "__metadata__" ? Place::metadata : Place::tensor);
    return unexpected();
  }
  bool end_object() override {
    if (place_ == Place::tensor) add_entry();
    return enter(place_ == Place::header ? Place::outside : Place::header);
  }
  bool key(std::string& key) override {
    if (place_ == Place::header) {
      entry_ = {};
      entry_.name = std::move(key);
      return enter(Place::value);
    }
    if (place_ == Place::tensor) field_ = std::move(key);
    return true;
  }
  bool string(std::string& text) override {
    if (place_ == Place::metadata) return true;
    if (place_ != Place::tensor || field_ != "dtype" || entry_.dtype) return unexpected();
    entry_.dtype = std::move(text);
    return true;
  }
  bool start_array(std::size_t) override {
    if (place_ != Place::tensor) return unexpected();
    auto& list = field_ == "shape" ? entry_.shape : entry_.offsets;
    if ((field_ != "shape" && field_ != "data_offsets") || list) return unexpected();
    list.emplace();
    return enter(Place::list);
  }
  bool end_array() override { return enter(Place::tensor); }
  bool number_unsigned(std::uint64_t number) override {
    if (place_ != Place::list) return unexpected();
    auto& list = field_ == "shape" ? *entry_.shape : *entry_.offsets;
    if (list.size() == kMaxTensorRank) return unexpected();
    list.push_back(number);
    return true;
  }
  bool null() override { return unexpected(); }
  bool boolean(bool) override { return unexpected(); }
  bool number_integer(std::int64_t) override { return unexpected(); }
  bool number_float(double, const std::string&) override { return unexpected(); }
  bool binary(nlohmann::json::binary_t&) override { return unexpected(); }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::json::exception&) override {
    throw HeaderError(fmt::format("the header is not valid JSON at byte {}", at));
  }

 private:
  enum class Place { outside, header, value, metadata, tensor, list };

  bool enter(Place place) {
    if (place == Place::metadata && std::exchange(metadata_seen_, true)) unexpected();
    place_ = place;
    return true;
  }
  [[noreturn]] bool unexpected() const {
    if (entry_.name.empty()) throw HeaderError("the header is no object of tensors");
    throw HeaderError(
        fmt::format("the entry {} has a value that the format does not know", quoted_name(entry_.name)));
  }

  void add_entry() {
    if (!entry_.dtype || !entry_.shape || !entry_.offsets || entry_.offsets->size() != 2)
      throw HeaderError(fmt::format("{} lacks its dtype, shape or offsets", quoted_name(entry_.name)));
    const std::uint64_t begin = entry_.offsets->front(), end = entry_.offsets->back();
    if (begin > end || end > size_)
      throw HeaderError(fmt::format("the offsets of {} leave the file", quoted_name(entry_.name)));
    const auto* dtype = std::ranges::find(kDtypes, *entry_.dtype, &Dtype::name);
    const bool known = dtype != kDtypes.end();
    if (known) check_length(*dtype, end - begin);
    covered_ = checked_add(covered_, end - begin);
    table_.add({std::move(entry_.name), std::move(*entry_.dtype), known ? dtype->element : Element::bytes,
                std::move(*entry_.shape), begin, end - begin});
  }

  void check_length(const Dtype& dtype, std::uint64_t length) const {
    const std::uint64_t bits = checked_multiply(element_count(*entry_.shape), dtype.bits);
    if (bits % 8 != 0 || bits / 8 != length)
      throw HeaderError(
          fmt::format("the shape of {} does not match its {} bytes", quoted_name(entry_.name), length));
  }

  std::uint64_t size_;         // of the weights
  std::uint64_t covered_ = 0;  // bytes claimed by tensors
  Place place_ = Place::outside;
  bool metadata_seen_ = false;
  Entry entry_;
  std::string field_;
  TensorTable table_;
};

std::uint64_t read_header_length(fs::File& file, std::uint64_t file_size) {
  if (file_size < kLengthSize + 2) throw HeaderError("the file is too short for a header");
  std::array<std::byte, kLengthSize + 1> start;
  HeaderReader(file, 0, start.size()).read(start);
  const auto length = load_le<std::uint64_t>(start.data());
  if (length > kMaxHeaderSize) throw HeaderError(fmt::format("a header of {} bytes is too large", length));
  if (length > file_size - kLengthSize) throw HeaderError("the header is longer than the file");
  if (start.back() != std::byte{'{'}) throw HeaderError("the header does not start with '{'");
  return length;
}

}  // namespace

bool looks_like_safetensors(ByteSpan start, std::uint64_t file_size) {
  if (start.size() < kLengthSize + 2) return false;
  const auto length = load_le<std::uint64_t>(start.data());
  return length >= 2 && length <= kMaxHeaderSize && length <= file_size - kLengthSize &&
         start[kLengthSize] == std::byte{'{'};
}

content::FileLayout read_safetensors(fs::File& file, std::uint64_t file_size) {
  const std::uint64_t weights = kLengthSize + read_header_length(file, file_size);
  HeaderReader reader(file, kLengthSize, weights);
  HeaderText text(reader);
  Grammar grammar(file_size - weights);
  nlohmann::json::sax_parse(HeaderIterator(text), HeaderIterator(), &grammar);
  // Without overlap (which the table refuses) the sum of the lengths is the file's rest only if no hole is
  // left.
  if (grammar.covered() != file_size - weights)
    throw HeaderError(fmt::format("its tensors take {} bytes, the file has {} for them", grammar.covered(),
                                  file_size - weights));
  return grammar.take().finish(weights, file_size);
}

}  // namespace axon::model

#include "core/base/json.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/base/error.h"

namespace axon {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDepth = 64;
constexpr std::int64_t kMaxInteger = std::int64_t{1} << 53;

// Feeds the parser and remembers how far it has read, which its callbacks do not tell.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

// Why and where a document is refused, before it is named.
struct Refusal {
  std::string reason;
};

// What nlohmann's parser lets pass and we do not: repeated keys and deep nesting.
class Strictness {
 public:
  bool operator()(int, Json::parse_event_t event, Json& value) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        if (keys_.size() == kMaxDepth) throw Refusal{"it is nested deeper than 64 levels"};
        keys_.emplace_back();
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        keys_.pop_back();
        break;
      case Json::parse_event_t::key:
        if (const auto& key = value.get_ref<const std::string&>(); !keys_.back().insert(key).second)
          throw Refusal{"the key '" + key + "' appears twice"};
        break;
      case Json::parse_event_t::value:
        break;
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> keys_;  // of each open object; an open array has an empty set
};

// nlohmann words its reasons as "[json.exception.parse_error.101] parse error at line 1, column 5: syntax
// error …"; the reader needs the part after the place.
std::string reason_of(const Json::exception& error) {
  const std::string_view text = error.what();
  const auto colon = text.find(": ");
  if (colon != std::string_view::npos) return std::string(text.substr(colon + 2));
  const auto bracket = text.find("] ");
  return std::string(bracket == std::string_view::npos ? text : text.substr(bracket + 2));
}

[[noreturn]] void refuse(std::string_view what, std::size_t offset, const std::string& reason) {
  throw Error(ErrorCode::integrity, "cannot read " + std::string(what) + " as JSON")
      .because("at byte " + std::to_string(offset) + ": " + reason);
}

}  // namespace

Json parse_json(std::string_view text, std::string_view what) {
  // The parser would skip a byte order mark, and two texts would then be the same document.
  if (text.starts_with("\xef\xbb\xbf")) refuse(what, 0, "it starts with a byte order mark");
  // To the parser a NUL is the end of the text; to us it is a byte that JSON does not allow anywhere.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) refuse(what, nul, "it holds a NUL");
  const char* furthest = text.data();
  const auto offset = [&] {
    const auto read = static_cast<std::size_t>(furthest - text.data());
    return read == 0 ? 0 : read - 1;
  };
  try {
    Strictness strictness;
    return Json::parse(CountingIterator(text.data(), &furthest),
                       CountingIterator(text.data() + text.size(), &furthest), std::ref(strictness));
  } catch (const Refusal& refusal) {
    refuse(what, offset(), refusal.reason);
  } catch (const Json::exception& error) {
    refuse(what, offset(), reason_of(error));
  }
}

namespace {

[[noreturn]] void cannot_write(const std::string& reason) {
  throw Error(ErrorCode::failed, "cannot write canonical JSON").because(reason);
}

// UTF-8 sorts by code point. UTF-16 differs in one way: code points from U+10000 (lead bytes F0–F4), being
// surrogates there, come before U+E000–U+FFFF (lead bytes EE and EF).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [left, right] = std::ranges::mismatch(a, b);
  if (right == b.end()) return false;
  if (left == a.end()) return true;
  const auto rank = [](char c) {
    const int byte = static_cast<unsigned char>(c);
    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
  };
  return rank(*left) < rank(*right);
}

void write_string(std::string& out, const std::string& text) {
  // The strict error handler throws on invalid UTF-8; escapes are JCS's already, because nlohmann uses the
  // short forms and lower-case \u00xx for control characters, and escapes nothing else.
  try {
    out += Json(text).dump(-1, ' ', false, Json::error_handler_t::strict);
  } catch (const Json::exception&) {
    cannot_write("a string is not valid UTF-8");
  }
}

void write_value(std::string& out, const Json& value, std::size_t depth);

void write_object(std::string& out, const Json& object, std::size_t depth) {
  std::vector<Json::const_iterator> members;
  members.reserve(object.size());
  for (auto each = object.begin(); each != object.end(); ++each) members.push_back(each);
  std::ranges::sort(members, [](const auto& a, const auto& b) { return utf16_less(a.key(), b.key()); });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i != 0) out += ',';
    write_string(out, members[i].key());
    out += ':';
    write_value(out, *members[i], depth + 1);
  }
  out += '}';
}

void write_array(std::string& out, const Json& array, std::size_t depth) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i != 0) out += ',';
    write_value(out, array[i], depth + 1);
  }
  out += ']';
}

void write_integer(std::string& out, const Json& value) {
  const bool fits =
      value.is_number_unsigned()
          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kMaxInteger)
          : value.get<std::int64_t>() >= -kMaxInteger && value.get<std::int64_t>() <= kMaxInteger;
  if (!fits) cannot_write("the number " + value.dump() + " is beyond 2^53");
  out += value.dump();
}

void write_value(std::string& out, const Json& value, std::size_t depth) {
  if (value.is_structured() && depth == kMaxDepth) cannot_write("it is nested deeper than 64 levels");
  switch (value.type()) {
    case Json::value_t::null:
      out += "null";
      return;
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Json::value_t::string:
      return write_string(out, value.get_ref<const std::string&>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return write_integer(out, value);
    case Json::value_t::object:
      return write_object(out, value, depth);
    case Json::value_t::array:
      return write_array(out, value, depth);
    case Json::value_t::number_float:
      cannot_write("it holds a fraction");
    case Json::value_t::binary:
    case Json::value_t::discarded:
      cannot_write("it holds a value that JSON does not have");
  }
}

}  // namespace

std::string canonical_json(const Json& value) {
  std::string out;
  write_value(out, value, 0);
  return out;
}

}  // namespace axon

#include "core/workspace/glob.h"

#include <cctype>
#include <cstddef>
#include <optional>

namespace axon::workspace {

namespace {

bool in_class(std::string_view name, unsigned char byte) {
  if (name == "alpha") return std::isalpha(byte) != 0;
  if (name == "digit") return std::isdigit(byte) != 0;
  if (name == "alnum") return std::isalnum(byte) != 0;
  if (name == "upper") return std::isupper(byte) != 0;
  if (name == "lower") return std::islower(byte) != 0;
  if (name == "space") return std::isspace(byte) != 0;
  if (name == "blank") return byte == ' ' || byte == '\t';
  if (name == "punct") return std::ispunct(byte) != 0;
  if (name == "xdigit") return std::isxdigit(byte) != 0;
  if (name == "print") return std::isprint(byte) != 0;
  if (name == "graph") return std::isgraph(byte) != 0;
  if (name == "cntrl") return std::iscntrl(byte) != 0;
  return false;
}

// Reads the set that starts behind `[` and asks whether it holds `byte`. nullopt: it is never closed.
// `length`: of the set with its closing bracket.
std::optional<bool> in_set(std::string_view set, char byte, std::size_t& length) {
  std::size_t at = 0;
  const bool negated = at < set.size() && (set[at] == '!' || set[at] == '^');
  if (negated) ++at;
  bool found = false;
  const auto wanted = static_cast<unsigned char>(byte);
  for (bool first = true; at < set.size(); first = false) {
    if (set[at] == ']' && !first) {
      length = at + 1;
      return found != negated;
    }
    if (set.substr(at, 2) == "[:") {
      const auto end = set.find(":]", at + 2);
      if (end != std::string_view::npos) {
        found |= in_class(set.substr(at + 2, end - at - 2), wanted);
        at = end + 2;
        continue;
      }
    }
    if (set[at] == '\\' && at + 1 < set.size()) ++at;
    const auto low = static_cast<unsigned char>(set[at++]);
    auto high = low;
    if (at + 1 < set.size() && set[at] == '-' && set[at + 1] != ']') {
      ++at;
      if (set[at] == '\\' && at + 1 < set.size()) ++at;
      high = static_cast<unsigned char>(set[at++]);
    }
    found |= low <= wanted && wanted <= high;
  }
  return std::nullopt;
}

// Matches one byte of the name by the pattern's next piece; `used`: how long that piece is. False at a star.
bool match_one(std::string_view pattern, char byte, std::size_t& used) {
  used = 1;
  switch (pattern.front()) {
    case '?':
      return true;
    case '[': {
      std::size_t length = 0;
      const auto found = in_set(pattern.substr(1), byte, length);
      used = 1 + length;
      return found.value_or(false);
    }
    case '\\':
      if (pattern.size() < 2) return false;
      used = 2;
      return pattern[1] == byte;
    default:
      return pattern.front() == byte;
  }
}

constexpr std::string_view kSpecial = "*?[\\";

}  // namespace

// When a later star is reached, giving back bytes to an earlier one cannot help any more: so one point to
// return to is enough, and the time is the product of the lengths.
bool match_component(std::string_view pattern, std::string_view name) {
  std::size_t in_pattern = 0, in_name = 0;
  std::optional<std::size_t> star;  // behind the last star
  std::size_t star_name = 0;        // where its rest is tried
  while (in_name < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = ++in_pattern;
      star_name = in_name;
      continue;
    }
    std::size_t used = 0;
    if (in_pattern < pattern.size() && match_one(pattern.substr(in_pattern), name[in_name], used)) {
      in_pattern += used;
      ++in_name;
      continue;
    }
    if (!star) return false;
    in_pattern = *star;
    in_name = ++star_name;
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

bool Glob::Component::matches(std::string_view name) const {
  switch (kind) {
    case Kind::literal:
      return name == text;
    case Kind::suffix:
      return name.ends_with(text);
    case Kind::general:
      break;
  }
  return match_component(text, name);
}

Glob::Component Glob::component(std::string_view pattern) {
  if (pattern == "**") return {Kind::general, true, {}};
  if (pattern.find_first_of(kSpecial) == std::string_view::npos) {
    return {Kind::literal, false, std::string(pattern)};
  }
  if (pattern.front() == '*' && pattern.find_first_of(kSpecial, 1) == std::string_view::npos) {
    return {Kind::suffix, false, std::string(pattern.substr(1))};
  }
  return {Kind::general, false, std::string(pattern)};
}

Glob::Glob(std::string_view pattern) {
  for (;;) {
    const auto slash = pattern.find('/');
    components_.push_back(component(pattern.substr(0, slash)));
    if (slash == std::string_view::npos) return;
    pattern.remove_prefix(slash + 1);
  }
}

// The same walk as match_component, with components in place of bytes.
bool Glob::matches(std::string_view path) const {
  std::vector<std::string_view> names;
  for (;;) {
    const auto slash = path.find('/');
    names.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  std::size_t in_pattern = 0, in_names = 0;
  std::optional<std::size_t> star;
  std::size_t star_names = 0;
  while (in_names < names.size()) {
    if (in_pattern < components_.size() && components_[in_pattern].any_depth) {
      star = ++in_pattern;
      star_names = in_names;
      // A trailing `**` matches what is inside a folder, and there must be something.
      if (in_pattern == components_.size()) return true;
      continue;
    }
    if (in_pattern < components_.size() && components_[in_pattern].matches(names[in_names])) {
      ++in_pattern;
      ++in_names;
      continue;
    }
    if (!star) return false;
    in_pattern = *star;
    in_names = ++star_names;
  }
  return in_pattern == components_.size();
}

}  // namespace axon::workspace

// The lines of a .gitattributes file: enough of git's grammar to know which paths a line could mark.
//
// Over-approximates on purpose: a pattern is known by its literal head and tail only.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace axon::history {

struct AttributeLine {
  std::string head, tail;  // the pattern's text before its first and after its last special character
  bool glob = false;       // without: head is all of it
  bool whole_path =
      false;  // the pattern has a slash, so it is matched against paths, else against last parts
  std::vector<std::string> attributes;

  // `path` is relative to the file's folder. Never false when git would say that the pattern matches.
  bool could_match(std::string_view path) const;
  // True when a path that it matches could get a filter by it.
  bool sets_filter(const std::set<std::string>& macros) const;
};
// Without comments, macro definitions and empty lines.
std::vector<AttributeLine> parse_attribute_lines(std::string_view text);
// The names that "[attr]name …" lines define.
std::set<std::string> attribute_macros(std::string_view text);

// "/<path>" as a pattern that matches this path alone.
std::string escape_attribute_pattern(std::string_view path);

}  // namespace axon::history

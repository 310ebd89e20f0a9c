#include "core/history/attribute_patterns.h"

#include <algorithm>

namespace axon::history {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kGlob = "*?[]\\";
constexpr std::string_view kMacro = "[attr]";

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  skip_blanks(text);
  return word;
}

// One character after a backslash inside quotes: a C escape, or up to three octal digits.
char take_escape(std::string_view& text) {
  constexpr std::string_view kNames = "abfnrtv";
  constexpr std::string_view kValues = "\a\b\f\n\r\t\v";
  int value = 0;
  std::size_t digits = 0;
  while (digits < 3 && digits < text.size() && text[digits] >= '0' && text[digits] <= '7')
    value = value * 8 + (text[digits++] - '0');
  if (digits > 0) {
    text.remove_prefix(digits);
    return static_cast<char>(value);
  }
  const char c = text.front();
  text.remove_prefix(1);
  const auto name = kNames.find(c);
  return name == kNames.npos ? c : kValues[name];
}

// The first word, or what stands between quotes.
std::string take_pattern(std::string_view& text) {
  if (!text.starts_with('"')) return std::string(take_word(text));
  text.remove_prefix(1);
  std::string pattern;
  while (!text.empty() && text.front() != '"') {
    const char c = text.front();
    text.remove_prefix(1);
    pattern += c == '\\' && !text.empty() ? take_escape(text) : c;
  }
  if (!text.empty()) text.remove_prefix(1);
  skip_blanks(text);
  return pattern;
}

AttributeLine line_of(std::string pattern) {
  AttributeLine line;
  line.whole_path = pattern.find('/') < pattern.size() - 1;
  if (pattern.starts_with('/')) pattern.erase(0, 1);
  const auto first = pattern.find_first_of(kGlob);
  line.glob = first != pattern.npos;
  line.head = pattern.substr(0, first);
  if (line.glob) line.tail = pattern.substr(pattern.find_last_of(kGlob) + 1);
  return line;
}

template <class Each>
void for_each_line(std::string_view text, Each each) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // git passes over a byte order mark, too
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    skip_blanks(line);
    if (!line.empty() && line.front() != '#') each(line);
  }
}

}  // namespace

bool AttributeLine::could_match(std::string_view path) const {
  if (!whole_path) path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  if (!glob) return path == head;
  return path.starts_with(head) && path.ends_with(tail);
}

bool AttributeLine::sets_filter(const std::set<std::string>& macros) const {
  return std::any_of(attributes.begin(), attributes.end(), [&](const std::string& attribute) {
    return attribute == "filter" || attribute.starts_with("filter=") || macros.contains(attribute);
  });
}

std::vector<AttributeLine> parse_attribute_lines(std::string_view text) {
  std::vector<AttributeLine> lines;
  for_each_line(text, [&](std::string_view line) {
    if (line.starts_with(kMacro)) return;
    auto parsed = line_of(take_pattern(line));
    while (!line.empty()) parsed.attributes.emplace_back(take_word(line));
    lines.push_back(std::move(parsed));
  });
  return lines;
}

std::set<std::string> attribute_macros(std::string_view text) {
  std::set<std::string> macros;
  for_each_line(text, [&](std::string_view line) {
    if (!line.starts_with(kMacro)) return;
    line.remove_prefix(kMacro.size());
    skip_blanks(line);
    macros.emplace(take_word(line));
  });
  return macros;
}

std::string escape_attribute_pattern(std::string_view path) {
  std::string pattern = "/";
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  if (pattern.find(' ') == pattern.npos) return pattern;
  // A blank would end the pattern; inside quotes a backslash stands for itself only when doubled.
  std::string quoted = "\"";
  for (const char c : pattern) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace axon::history

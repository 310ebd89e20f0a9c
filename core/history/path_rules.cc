#include "core/history/path_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/error.h"

namespace axon::history {

namespace {

// The code point at the start of `text`, which is shortened by it; nullopt when it is not UTF-8 (overlong
// forms and surrogates are not).
std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  std::size_t length = 0;
  char32_t point = first;
  if (first < 0x80) {
    length = 1;
  } else if (first >= 0xc2 && first <= 0xdf) {
    length = 2, point = first & 0x1f;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3, point = first & 0x0f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4, point = first & 0x07;
  }
  if (length == 0 || text.size() < length) return std::nullopt;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return std::nullopt;
    point = (point << 6) | (byte(at) & 0x3fu);
  }
  constexpr std::array<char32_t, 5> kLowest = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLowest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
    return std::nullopt;
  text.remove_prefix(length);
  return point;
}

// Code points that HFS+ leaves out when it compares names.
bool is_ignorable(char32_t point) {
  return (point >= 0x200c && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x206a && point <= 0x206f) || point == 0xfeff;
}

char folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = folded(c);
  return result;
}

// A component as the most forgiving file system sees it: folded, without ignorable code points, without an
// NTFS stream's name, without trailing dots and blanks.
std::string canonical_component(std::string_view component) {
  std::string name;
  while (!component.empty()) {
    const auto before = component;
    const auto point = take_code_point(component);
    if (!point) return {};
    if (*point == U':') break;
    if (!is_ignorable(*point)) name += before.substr(0, before.size() - component.size());
  }
  while (name.ends_with('.') || name.ends_with(' ')) name.pop_back();
  return folded(name);
}

// What is wrong with a component (between slashes of either kind), or nothing.
const char* problem_of_part(std::string_view part) {
  if (part == "." || part == "..") return "it leaves its folder";
  const auto name = canonical_component(part);
  if (name.empty()) return "a part of it is only dots or blanks";
  if (name == ".git" || name == "git~1") return "'.git' is git's own name";
  if (name == ".axon" || name == "axon~1") return "'.axon' is axon's own name";
  return nullptr;
}

const char* problem_of_text(std::string_view path) {
  if (path.empty()) return "it is empty";
  if (path.size() > kMaxPath) return "it is longer than 1024 bytes";
  if (path.front() == '/') return "it is absolute";
  while (!path.empty()) {
    const auto point = take_code_point(path);
    if (!point) return "it is not UTF-8";
    if (*point < 0x20 || *point == 0x7f) return "it has control characters";
  }
  return nullptr;
}

const char* problem_of(std::string_view path) {
  if (const auto* problem = problem_of_text(path)) return problem;
  for (std::size_t at = 0; at <= path.size();) {
    const auto slash = std::min(path.find('/', at), path.size());
    auto component = path.substr(at, slash - at);
    if (component.empty()) return "a part of it is empty";
    // A backslash is an ordinary character here and a separator on Windows: the name must be good for both.
    for (;;) {
      const auto backslash = component.find('\\');
      const auto part = component.substr(0, backslash);
      if (const auto* problem = part.empty() ? nullptr : problem_of_part(part)) return problem;
      if (backslash == component.npos) break;
      component.remove_prefix(backslash + 1);
    }
    at = slash + 1;
  }
  return nullptr;
}

// Control characters and broken UTF-8 must not reach a terminal or a JSON text.
std::string printable(std::string_view path) {
  std::string text;
  for (const char c : path.substr(0, 200)) text += c >= 0x20 && c < 0x7f ? c : '?';
  return text;
}

[[noreturn]] void refuse(std::string_view path, const std::string& problem, PathOrigin origin) {
  if (origin == PathOrigin::stored) {
    throw Error(ErrorCode::integrity, "a version has the file name '" + printable(path) + "'")
        .because(problem);
  }
  throw Error(ErrorCode::usage, "cannot store a file named '" + printable(path) + "'")
      .because(problem)
      .hint("rename it, or name it in .axonignore");
}

// All names of files and folders seen so far, by their folded form.
class Names {
 public:
  // The name that `path` (a file, or a folder on the way to one) clashes with, if any.
  std::optional<std::string> clash(std::string_view path, bool is_file) {
    const auto [seen, added] = names_.try_emplace(folded(path), Name{std::string(path), is_file});
    if (added || (!is_file && !seen->second.is_file && seen->second.path == path)) return std::nullopt;
    return seen->second.path;
  }

 private:
  struct Name {
    std::string path;
    bool is_file;
  };
  std::unordered_map<std::string, Name> names_;
};

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

void check_twins(Names& names, std::string_view path, std::string_view previous_folder, PathOrigin origin) {
  const auto check = [&](std::string_view part, bool is_file) {
    if (const auto other = names.clash(part, is_file)) {
      refuse(path,
             "'" + printable(*other) + "' has the same name" +
                 (*other == part ? std::string() : " but for upper and lower case"),
             origin);
    }
  };
  const auto folder = folder_of(path);
  if (folder != previous_folder) {
    for (auto slash = folder.find('/'); slash != folder.npos; slash = folder.find('/', slash + 1))
      check(folder.substr(0, slash), false);
    if (!folder.empty()) check(folder, false);
  }
  check(path, true);
}

}  // namespace

void check_path(std::string_view path, PathOrigin origin) {
  if (const auto* problem = problem_of(path)) refuse(path, problem, origin);
}

void check_paths(std::span<const TreeEntry> entries, PathOrigin origin) {
  Names names;
  std::string_view folder;
  const TreeEntry* previous = nullptr;
  for (const auto& entry : entries) {
    check_path(entry.path, origin);
    check_twins(names, entry.path, folder, origin);
    if (previous != nullptr && !(previous->path < entry.path)) {
      refuse(entry.path, "it comes after '" + printable(previous->path) + "', out of order", origin);
    }
    folder = folder_of(entry.path);
    previous = &entry;
  }
}

}  // namespace axon::history

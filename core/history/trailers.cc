#include "core/history/trailers.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/history/hashing.h"

namespace axon::history {

namespace {

constexpr std::string_view kFiles = "Axon-Files";
constexpr std::string_view kBase = "Axon-Base";
constexpr std::string_view kAlgorithm = "sha256:";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == line.npos;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// git compares the keys of trailers without regard to case.
bool has_key(std::string_view line, std::string_view key) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return line.size() > key.size() && line[key.size()] == ':' &&
         std::equal(key.begin(), key.end(), line.begin(), same);
}

bool is_trailer(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0 || colon == line.npos) return false;
  return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_axons(std::string_view line) {
  return has_key(line, kFiles) || has_key(line, kBase);
}

// A message cut in two: what people wrote, and the last paragraph if it consists of trailers. The first
// paragraph is the subject, whatever it looks like ("fix: a typo").
struct Split {
  std::vector<std::string_view> body, trailers;
};
Split split(std::string_view message) {
  Split parts{lines_of(message), {}};
  const auto subject = std::find_if_not(parts.body.begin(), parts.body.end(), is_blank);
  parts.body.erase(parts.body.begin(), subject);
  while (!parts.body.empty() && is_blank(parts.body.back())) parts.body.pop_back();
  auto start = parts.body.size();
  while (start > 0 && !is_blank(parts.body[start - 1])) --start;
  if (start == 0) return parts;
  const auto first = parts.body.begin() + static_cast<std::ptrdiff_t>(start);
  const bool trailers = is_trailer(*first) && std::all_of(first, parts.body.end(), [](std::string_view line) {
                          return is_trailer(line) || line.front() == ' ' || line.front() == '\t';
                        });
  if (!trailers) return parts;
  parts.trailers.assign(first, parts.body.end());
  parts.body.erase(first, parts.body.end());
  while (!parts.body.empty() && is_blank(parts.body.back())) parts.body.pop_back();
  return parts;
}

// Without axon's own, and without the lines that continue them.
std::vector<std::string_view> without_axons(const std::vector<std::string_view>& trailers) {
  std::vector<std::string_view> kept;
  bool dropping = false;
  for (const auto line : trailers) {
    if (line.front() != ' ' && line.front() != '\t') dropping = is_axons(line);
    if (!dropping) kept.push_back(line);
  }
  return kept;
}

std::string join(const std::vector<std::string_view>& body, const std::vector<std::string_view>& trailers) {
  std::string message;
  for (const auto line : body) message.append(line).append("\n");
  if (!body.empty() && !trailers.empty()) message += '\n';
  for (const auto line : trailers) message.append(line).append("\n");
  return message;
}

template <class Id>
void read_value(std::string_view line, std::string_view key, std::string_view prefix,
                std::optional<Id>& into) {
  auto value = line.substr(key.size() + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  const auto id = value.starts_with(prefix) ? Id::parse(value.substr(prefix.size())) : std::nullopt;
  if (!id || into) {
    throw Error(ErrorCode::integrity, fmt::format("a commit has a bad trailer {}", key))
        .because(into ? "it is there twice" : "its value is malformed");
  }
  into = id;
}

}  // namespace

std::string append_trailers(std::string_view message, const Trailers& trailers) {
  const auto parts = split(message);
  if (parts.body.empty()) {
    // The trailers would be the first paragraph, and that is the subject.
    throw Error(ErrorCode::usage, "cannot make a version with an empty message")
        .hint("write one with `-m MESSAGE`, or leave out `-m` to have one made");
  }
  auto lines = without_axons(parts.trailers);
  std::string base;
  std::string files;
  if (trailers.base) lines.push_back(base = fmt::format("{}: {}", kBase, trailers.base->hex()));
  if (trailers.files) {
    lines.push_back(files = fmt::format("{}: {}{}", kFiles, kAlgorithm, trailers.files->hex()));
  }
  return join(parts.body, lines);
}

Trailers parse_trailers(std::string_view message) {
  Trailers trailers;
  for (const auto line : split(message).trailers) {
    if (has_key(line, kFiles)) read_value(line, kFiles, kAlgorithm, trailers.files);
    if (has_key(line, kBase)) read_value(line, kBase, "", trailers.base);
  }
  return trailers;
}

std::string without_trailers(std::string_view message) {
  const auto parts = split(message);
  return join(parts.body, without_axons(parts.trailers));
}

Digest files_digest(std::vector<DigestedFile> files) {
  std::sort(files.begin(), files.end(),
            [](const DigestedFile& a, const DigestedFile& b) { return a.path < b.path; });
  std::string lines;
  for (const auto& file : files) {
    lines += fmt::format("{} {} {} {}", to_string(file.mode), file.size, file.sha256.hex(), file.path);
    lines += '\0';
  }
  return sha256(as_bytes(lines));
}

}  // namespace axon::history

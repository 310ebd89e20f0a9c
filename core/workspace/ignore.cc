#include "core/workspace/ignore.h"

#include <algorithm>
#include <ranges>

#include "core/base/error.h"

namespace axon::workspace {

namespace {

// What operating systems, editors and Python leave behind; nobody versions these on purpose.
constexpr std::string_view kDefaults =
    ".DS_Store\n"
    "Thumbs.db\n"
    "desktop.ini\n"
    "__pycache__/\n"
    ".ipynb_checkpoints/\n"
    ".cache/\n"
    "*.swp\n"
    "*~\n";

std::string_view last_component(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// Trailing blanks do not count, unless the last of them is written `\ `.
std::string_view without_trailing_blanks(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) {
    const auto backslashes = line.substr(0, line.size() - 1);
    const auto end = backslashes.find_last_not_of('\\');
    const auto count = backslashes.size() - (end == std::string_view::npos ? 0 : end + 1);
    if (count % 2 == 1) break;
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

IgnoreRules::IgnoreRules() {
  add_lines(kDefaults);
}

IgnoreRules::IgnoreRules(std::string_view text) : IgnoreRules() {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  add_lines(text);
}

IgnoreRules IgnoreRules::read(fs::FileSystem& fs, const fs::Path& path) {
  const auto info = fs.stat(path);
  if (!info) return {};
  if (info->type != fs::FileType::regular) {
    throw Error(ErrorCode::failed, "cannot read '" + path.string() + "'").because("it is no regular file");
  }
  const auto content = fs::read_file(fs, path, kMaxSize);
  return IgnoreRules(as_text(content));
}

void IgnoreRules::add_lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    add_line(line);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

void IgnoreRules::add_line(std::string_view line) {
  if (line.starts_with('#')) return;
  line = without_trailing_blanks(line);
  bool take_back = false, folders_only = false;
  if (line.starts_with('!')) {
    take_back = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    folders_only = true;
    line.remove_suffix(1);
  }
  const bool anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return;
  rules_.push_back({Glob(line), take_back, folders_only, anchored});
}

bool IgnoreRules::ignored(std::string_view path, fs::FileType type) const {
  const auto name = last_component(path);
  if (name == ".axon" || name == ".git") return true;
  const auto decides = [&](const Rule& rule) {
    if (rule.folders_only && type != fs::FileType::directory) return false;
    return rule.glob.matches(rule.anchored ? path : name);
  };
  const auto last = std::ranges::find_if(rules_ | std::views::reverse, decides);
  return last != rules_.rend() && !last->take_back;
}

}  // namespace axon::workspace

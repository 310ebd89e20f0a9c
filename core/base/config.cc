#include "core/base/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <vector>

#include "core/base/error.h"
#include "core/base/yaml.h"

namespace axon {
namespace {

constexpr std::uint64_t kMaxFile = std::uint64_t{1} << 20;
constexpr std::size_t kMaxDepth = 8;
// Far more than anybody sets; reached by aliases of aliases, which a few lines can make into billions.
constexpr std::size_t kMaxValues = 10'000;

std::string described(const std::string& what) {
  return "the configuration '" + what + "'";
}

Error bad_file(const std::string& what, const YAML::Mark& mark, const std::string& why) {
  return Error(ErrorCode::usage, "cannot read " + described(what)).because(yaml_place(mark) + why);
}

YAML::Node load(std::string_view yaml, const std::string& what) {
  return parse_yaml(yaml, described(what));
}

void flatten(const YAML::Node& node, const std::string& prefix, const std::string& what, std::size_t depth,
             std::map<std::string, std::string>& into) {
  if (node.IsNull()) return;  // "user:" with nothing below it
  if (node.IsScalar() && !prefix.empty()) {
    if (into.size() == kMaxValues) throw bad_file(what, node.Mark(), "it sets more than 10000 names");
    into[prefix] = node.Scalar();
    return;
  }
  if (!node.IsMap() || depth > kMaxDepth) {
    throw bad_file(what, node.Mark(), "only maps of names and single values can be in it");
  }
  for (const auto& each : node) {
    if (!each.first.IsScalar()) throw bad_file(what, each.first.Mark(), "a name must be a word");
    const std::string& word = each.first.Scalar();
    flatten(each.second, prefix.empty() ? word : prefix + "." + word, what, depth + 1, into);
  }
}

std::vector<std::string> split(const std::string& name) {
  std::vector<std::string> words;
  std::size_t start = 0;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', start)) {
    words.push_back(name.substr(start, dot - start));
    start = dot + 1;
  }
  words.push_back(name.substr(start));
  return words;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

// Quoted unless it is plainly a word: YAML gives many words a meaning of their own.
std::string written(const std::string& value) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/.";
  if (!value.empty() && value.find_first_not_of(kPlain) == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// The innermost map of `path` that exists, and how many words lead to it.
struct Found {
  YAML::Node map;
  std::size_t words = 0;
};
Found find_map(const YAML::Node& root, const std::vector<std::string>& path) {
  Found found{root, 0};
  while (found.words + 1 < path.size() && found.map.IsMap()) {
    // Node's operator= writes into the tree: only reset and fresh nodes leave it alone.
    const YAML::Node below = found.map[path[found.words]];
    if (!below.IsDefined() || !below.IsMap()) break;
    found.map.reset(below);
    ++found.words;
  }
  return found;
}

struct Entry {
  std::size_t line = 0, column = 0;
};
std::optional<Entry> find_key(const YAML::Node& map, const std::string& word) {
  if (!map.IsMap()) return std::nullopt;
  for (const auto& each : map) {
    if (each.first.Scalar() != word) continue;
    const auto mark = each.first.Mark();
    return Entry{static_cast<std::size_t>(mark.line), static_cast<std::size_t>(mark.column)};
  }
  return std::nullopt;
}

// The comment at the end of a line "name: value  # comment", with the spaces before it.
std::string comment_of(const std::string& line) {
  const auto quote = line.find_last_of("\"'");
  const auto hash = line.find(" #", quote == std::string::npos ? 0 : quote);
  if (hash == std::string::npos) return "";
  return line.substr(line.find_last_not_of(' ', hash) + 1);
}

std::string nested(const std::vector<std::string>& path, std::size_t from, std::size_t indent,
                   const std::string& value) {
  std::string text;
  for (std::size_t at = from; at < path.size(); ++at) {
    text += std::string(indent, ' ') + path[at] + ":" + (at + 1 < path.size() ? "\n" : " " + value);
    indent += 2;
  }
  return text;
}

std::string edited(std::string_view yaml, const YAML::Node& root, const std::vector<std::string>& path,
                   const std::optional<std::string>& value) {
  auto lines = lines_of(yaml);
  const Found found = find_map(root, path);
  const bool complete = found.words + 1 == path.size();
  const auto key = complete ? find_key(found.map, path.back()) : find_key(found.map, path[found.words]);
  if (!value) {
    if (complete && key) lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(key->line));
    return joined(lines);
  }
  if (key && key->line < lines.size()) {
    // The name itself, or "user:" with nothing below it yet.
    std::string& line = lines[key->line];
    line = nested(path, found.words, key->column, written(*value)) + comment_of(line);
    return joined(lines);
  }
  std::size_t at = lines.size(), indent = 0;
  if (found.words > 0) {
    const auto mark = found.map.begin()->first.Mark();
    at = static_cast<std::size_t>(mark.line);
    indent = static_cast<std::size_t>(mark.column);
  }
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at),
               nested(path, found.words, indent, written(*value)));
  return joined(lines);
}

// The whole file as yaml-cpp writes it, with the name set or removed.
std::string rewritten(const YAML::Node& root, const std::vector<std::string>& path,
                      const std::optional<std::string>& value) {
  YAML::Node map = root.IsMap() ? root : YAML::Node(YAML::NodeType::Map), at = map;
  for (std::size_t word = 0; word + 1 < path.size(); ++word) {
    if (!at[path[word]].IsDefined() || at[path[word]].IsNull())
      at[path[word]] = YAML::Node(YAML::NodeType::Map);
    if (!at[path[word]].IsMap()) return "";  // a value where a map would have to be
    at.reset(YAML::Node(at[path[word]]));
  }
  if (value) {
    at[path.back()] = *value;
  } else {
    at.remove(path.back());
  }
  return YAML::Dump(map) + "\n";
}

// The edit works on lines, YAML does not: what it makes of the new text is what counts.
bool sets(const std::string& yaml, const std::map<std::string, std::string>& expected,
          const std::string& what) {
  try {
    return parse_config(yaml, what) == expected;
  } catch (const Error&) {
    return false;
  }
}

// Where a path leads by symbolic links: a configuration often lives elsewhere, under version control.
fs::Path resolved(fs::FileSystem& fs, fs::Path path) {
  for (int links = 0; links < 40; ++links) {
    const auto info = fs.stat(path);
    if (!info || info->type != fs::FileType::symlink) return path;
    path = path.parent_path() / fs.read_symlink(path);
  }
  throw system_error(ELOOP, "open", path.string());
}

}  // namespace

const char* to_string(ConfigLayer layer) {
  switch (layer) {
    case ConfigLayer::built_in:
      return "built in";
    case ConfigLayer::system:
      return "system";
    case ConfigLayer::user:
      return "user";
    case ConfigLayer::environment:
      return "environment";
    case ConfigLayer::flag:
      return "flag";
  }
  return "";
}

void Config::set(ConfigLayer layer, const std::string& name, std::string value, std::string origin) {
  values_[name][layer] = {std::move(value), layer, std::move(origin)};
}

void Config::read(fs::FileSystem& fs, const fs::Path& path, ConfigLayer layer) {
  if (!fs::exists(fs, path)) return;
  const Bytes bytes = fs::read_file(fs, path, kMaxFile, fs::Links::follow);
  for (auto& [name, value] : parse_config(as_text(bytes), path.string())) {
    set(layer, name, std::move(value), path.string());
  }
}

std::optional<ConfigValue> Config::get(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second.rbegin()->second;
}

std::map<std::string, ConfigValue> Config::all() const {
  std::map<std::string, ConfigValue> all;
  for (const auto& [name, layers] : values_) all.emplace(name, layers.rbegin()->second);
  return all;
}

std::map<std::string, std::string> parse_config(std::string_view yaml, const std::string& what) {
  std::map<std::string, std::string> values;
  flatten(load(yaml, what), "", what, 0, values);
  return values;
}

std::string edit_config(std::string_view yaml, const std::string& name,
                        const std::optional<std::string>& value, const std::string& what) {
  auto expected = parse_config(yaml, what);
  if (value) {
    expected[name] = *value;
  } else {
    expected.erase(name);
  }
  if (auto text = edited(yaml, load(yaml, what), split(name), value); sets(text, expected, what)) return text;
  // Written anew only where nothing is lost by it.
  if (yaml.find('#') == std::string_view::npos) {
    if (auto text = rewritten(load(yaml, what), split(name), value); sets(text, expected, what)) return text;
  }
  throw Error(ErrorCode::usage, "cannot set '" + name + "' in '" + what + "'")
      .because("the file is written in a way that only an editor can change")
      .hint("change it by hand");
}

bool edit_config_file(fs::FileSystem& fs, const fs::Path& path, const std::string& name,
                      const std::optional<std::string>& value) {
  const fs::Path file = resolved(fs, path);
  const auto info = fs.stat(file);
  std::string before;
  if (info) before = as_text(fs::read_file(fs, file, kMaxFile));
  if (!value && !parse_config(before, path.string()).contains(name)) return false;
  const std::string after = edit_config(before, name, value, path.string());
  if (after == before) return true;
  fs::make_directories(fs, file.parent_path());
  fs::write_file_atomically(fs, file, as_bytes(after), info ? info->mode : 0644);
  return true;
}

}  // namespace axon

#include "core/history/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/history/attribute_patterns.h"

namespace axon::history {

namespace {

constexpr std::string_view kPointerAttributes = " filter=lfs diff=lfs merge=lfs -text\n";
constexpr std::string_view kBlobAttributes = " !filter !diff !merge !text\n";
constexpr std::size_t kMaxLine = 2048;  // git passes over longer lines

// Where the marker's line starts; npos when there is none.
std::size_t find_marker(std::string_view text) {
  for (auto at = text.find(kAttributesMarker); at != text.npos; at = text.find(kAttributesMarker, at + 1)) {
    const auto end = at + kAttributesMarker.size();
    if ((at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n')) return at;
  }
  return text.npos;
}

// "sub/" of "sub/.gitattributes".
std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.size() - kAttributesName.size());
}

// One .gitattributes file on its way.
class Composer {
 public:
  Composer(const AttributesFile& user, const std::set<std::string>& macros)
      : user_(user), folder_(folder_of(user.path)), patterns_(parse_attribute_lines(as_text(user.content))) {
    for (const auto& pattern : patterns_)
      if (pattern.sets_filter(macros)) filters_.push_back(&pattern);
  }

  // The root's file names every pointer; a deeper one those that its patterns could unmark.
  void add_pointers(std::span<const std::string> pointers) {
    for (const auto& path : pointers) {
      if (!path.starts_with(folder_)) continue;
      const auto below = std::string_view(path).substr(folder_.size());
      const auto matches = [&](const AttributeLine& line) { return line.could_match(below); };
      if (folder_.empty() || std::any_of(patterns_.begin(), patterns_.end(), matches))
        add(below, kPointerAttributes);
    }
  }

  void add_blob(std::string_view path) {
    if (!path.starts_with(folder_)) return;
    const auto below = path.substr(folder_.size());
    const auto matches = [&](const AttributeLine* line) { return line->could_match(below); };
    if (std::any_of(filters_.begin(), filters_.end(), matches)) add(below, kBlobAttributes);
  }

  AttributesFile finish() {
    if (lines_.empty()) return user_;
    AttributesFile file{user_.path, user_.content};
    if (!file.content.empty()) append(file.content, as_bytes("\n"));
    append(file.content, as_bytes(kAttributesMarker));
    append(file.content, as_bytes("\n"));
    append(file.content, as_bytes(lines_));
    return file;
  }

 private:
  void add(std::string_view path, std::string_view attributes) {
    const auto pattern = escape_attribute_pattern(path);
    if (pattern.size() + attributes.size() >= kMaxLine) {
      throw Error(ErrorCode::usage, fmt::format("cannot store a file named '{}'", path))
          .because(
              "its name is too long for a line of .gitattributes once its special characters are escaped")
          .hint("rename it, or name it in .axonignore");
    }
    lines_.append(pattern).append(attributes);
  }

  const AttributesFile& user_;
  std::string_view folder_;
  std::vector<AttributeLine> patterns_;
  std::vector<const AttributeLine*> filters_;
  std::string lines_;
};

void refuse_marker(const AttributesFile& file) {
  if (find_marker(as_text(file.content)) == std::string_view::npos) return;
  throw Error(ErrorCode::usage, fmt::format("cannot store '{}'", file.path))
      .because("it contains the line that starts the part managed by axon")
      .hint(fmt::format("remove the line '{}' and all below it", kAttributesMarker));
}

}  // namespace

bool is_attributes_path(std::string_view path) {
  return path.ends_with(kAttributesName) &&
         (path.size() == kAttributesName.size() || path[path.size() - kAttributesName.size() - 1] == '/');
}

ByteSpan split_user_attributes(ByteSpan stored) {
  const auto at = find_marker(as_text(stored));
  if (at == std::string_view::npos) return stored;
  return stored.first(at == 0 ? 0 : at - 1);
}

std::vector<AttributesFile> compose_attributes(std::span<const AttributesFile> user,
                                               std::span<const std::string> pointers,
                                               std::span<const std::string> blobs) {
  std::vector<AttributesFile> files(user.begin(), user.end());
  std::set<std::string> macros;
  bool root = false;
  for (const auto& file : files) {
    refuse_marker(file);
    if (file.path != kAttributesName) continue;
    root = true;
    macros = attribute_macros(as_text(file.content));  // git knows macros from the root's file alone
  }
  if (!root && !pointers.empty()) files.push_back({std::string(kAttributesName), {}});
  std::sort(files.begin(), files.end(),
            [](const AttributesFile& a, const AttributesFile& b) { return a.path < b.path; });
  std::vector<AttributesFile> composed;
  for (const auto& file : files) {
    Composer composer(file, macros);
    composer.add_pointers(pointers);
    for (const auto& blob : blobs) composer.add_blob(blob);
    for (const auto& other : files) composer.add_blob(other.path);
    composed.push_back(composer.finish());
  }
  return composed;
}

}  // namespace axon::history

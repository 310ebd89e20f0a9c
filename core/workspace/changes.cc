#include "core/workspace/changes.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/base/error.h"

namespace axon::workspace {

namespace {

constexpr std::size_t kMostListed = 10;

bool equal(const history::TreeEntry* one, const history::TreeEntry* other) {
  if (one == nullptr || other == nullptr) return one == other;
  return one->mode == other->mode && one->id == other->id;
}

const history::TreeEntry* pointer_to(const std::optional<history::TreeEntry>& entry) {
  return entry ? &*entry : nullptr;
}

// Files of `tree` that lie in what another file of it is.
std::vector<std::string> clashes(const VersionTree& tree) {
  std::unordered_set<std::string_view> files;
  for (const auto& file : tree.files) files.insert(file.path);
  std::vector<std::string> found;
  for (const auto& file : tree.files) {
    const std::string_view path = file.path;
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      if (files.contains(path.substr(0, slash))) found.push_back(file.path);
    }
  }
  return found;
}

[[noreturn]] void throw_conflict(const std::vector<std::string>& paths) {
  Error error(ErrorCode::moved, "the line has moved, and changed the same files");
  for (std::size_t i = 0; i < paths.size() && i < kMostListed; ++i) {
    error.because("'" + paths[i] + "' is changed here and in the line's latest version");
  }
  if (paths.size() > kMostListed) {
    error.because("and " + std::to_string(paths.size() - kMostListed) + " more files are");
  }
  throw error.hint("keep your version on a line of its own: `axon switch -c NAME`, then commit again");
}

// Sorted by path: the tip's and the edits', the latter winning.
void merge(const VersionTree& tip, const std::unordered_map<std::string_view, const FileEdit*>& edits,
           VersionTree& merged) {
  for (const auto& file : tip.files) {
    if (!edits.contains(file.path)) merged.files.push_back(file);
  }
  for (const auto& file : tip.attributes) {
    if (!edits.contains(file.path)) merged.attributes.push_back(file);
  }
  for (const auto& [path, edit] : edits) {
    if (!edit->now) continue;
    merged.files.push_back(*edit->now);
    if (!edit->attributes.empty()) merged.attributes.push_back({edit->path, edit->attributes, {}});
  }
  std::ranges::sort(merged.files, {}, &history::TreeEntry::path);
  std::ranges::sort(merged.attributes, {}, &UserAttributes::path);
}

}  // namespace

VersionTree apply_edits(const VersionTree& base, const VersionTree& tip, std::span<const FileEdit> edits) {
  std::vector<std::string> conflicts;
  std::unordered_map<std::string_view, const FileEdit*> wanted;
  for (const auto& edit : edits) {
    wanted.emplace(edit.path, &edit);
    const auto* theirs = tip.find(edit.path);
    if (!equal(theirs, base.find(edit.path)) && !equal(theirs, pointer_to(edit.now))) {
      conflicts.push_back(edit.path);
    }
  }
  if (!conflicts.empty()) throw_conflict(conflicts);
  VersionTree merged;
  merge(tip, wanted, merged);
  if (const auto clashing = clashes(merged); !clashing.empty()) throw_conflict(clashing);
  return merged;
}

bool same_files(const VersionTree& one, const VersionTree& other) {
  return one.files == other.files;
}

}  // namespace axon::workspace

#include "core/workspace/version_writer.h"

#include <algorithm>
#include <utility>

#include "core/history/tree_builder.h"

namespace axon::workspace {

namespace {

std::vector<history::AttributesFile> compose(const VersionTree& tree,
                                             const std::vector<store::VersionFile>& files) {
  std::vector<history::AttributesFile> user;
  for (const auto& attributes : tree.attributes) user.push_back({attributes.path, attributes.content});
  std::vector<std::string> pointers, blobs;
  for (const auto& file : files) {
    if (tree.find_attributes(file.path) != nullptr) continue;
    (file.pointer ? pointers : blobs).push_back(file.path);
  }
  return history::compose_attributes(user, pointers, blobs);
}

}  // namespace

GitId write_version(history::GitPackWriter& pack, const VersionTree& tree,
                    std::vector<store::VersionFile>& files) {
  std::vector<history::TreeEntry> entries;
  entries.reserve(tree.files.size() + 1);
  for (const auto& entry : tree.files) {
    if (tree.find_attributes(entry.path) == nullptr) entries.push_back(entry);
  }
  for (const auto& attributes : compose(tree, files)) {
    const auto id = pack.add(history::ObjectType::blob, attributes.content);
    const auto* seen = tree.find(attributes.path);
    entries.push_back({attributes.path, seen != nullptr ? seen->mode : history::EntryMode::file, id});
    const auto file = std::ranges::find(files, attributes.path, &store::VersionFile::path);
    if (file != files.end()) file->blob = id;
  }
  std::ranges::sort(entries, {}, &history::TreeEntry::path);
  return history::write_trees(pack, entries);
}

}  // namespace axon::workspace

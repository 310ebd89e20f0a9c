#include "core/workspace/version_tree.h"

#include <algorithm>
#include <utility>

#include "core/content/hash.h"
#include "core/history/pointer.h"
#include "core/workspace/parallel.h"

namespace axon::workspace {

namespace {

constexpr std::uint64_t kMaxBlob = std::uint64_t{64} << 20;  // histories from elsewhere may hold large ones

bool is_user_attributes(const history::TreeEntry& entry) {
  return entry.mode != history::EntryMode::symlink && history::is_attributes_path(entry.path);
}

store::VersionFile described(const history::TreeEntry& entry, const KnownContent& content) {
  return {entry.path, entry.mode, entry.id, content.pointer, content.size, content.sha256};
}

}  // namespace

const history::TreeEntry* VersionTree::find(std::string_view path) const {
  const auto found = std::ranges::lower_bound(files, path, {}, &history::TreeEntry::path);
  return found == files.end() || found->path != path ? nullptr : &*found;
}

const UserAttributes* VersionTree::find_attributes(std::string_view path) const {
  const auto found = std::ranges::find(attributes, path, &UserAttributes::path);
  return found == attributes.end() ? nullptr : &*found;
}

VersionTree read_tree(store::Store& store, const std::optional<GitId>& commit) {
  VersionTree tree;
  if (!commit) return tree;
  auto entries = store.history().entries(*commit);
  tree.files.reserve(entries.size());
  for (auto& entry : entries) {
    if (is_user_attributes(entry)) {
      auto content = store.history().blob(entry.id, kMaxBlob);
      content.resize(history::split_user_attributes(content).size());
      if (content.empty()) continue;
      const auto stored = std::exchange(entry.id, history::object_id(history::ObjectType::blob, content));
      tree.attributes.push_back({entry.path, std::move(content), stored});
    }
    tree.files.push_back(std::move(entry));
  }
  return tree;
}

store::VersionFile describe(store::Store& store, const VersionTree& tree, const history::TreeEntry& entry) {
  if (is_user_attributes(entry)) {
    const auto& user = *tree.find_attributes(entry.path);
    auto file = described(entry, {entry.id, content::sha256(user.content), user.content.size(), false});
    file.blob = user.stored;
    return file;
  }
  const auto blob = store.history().blob(entry.id, kMaxBlob);
  if (entry.mode != history::EntryMode::symlink) {
    if (const auto pointer = history::parse_pointer(blob)) {
      return described(entry, {entry.id, pointer->oid.as<Digest>(), pointer->size, true});
    }
  }
  return described(entry, {entry.id, content::sha256(blob), blob.size(), false});
}

std::vector<store::VersionFile> describe_all(store::Store& store, const VersionTree& tree,
                                             const KnownContents& known, const CancelToken& cancel) {
  std::vector<store::VersionFile> files(tree.files.size());
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& entry = tree.files[i];
    const auto* content = is_user_attributes(entry) ? nullptr : known(entry.path);
    if (content != nullptr && content->blob == entry.id) {
      files[i] = described(entry, *content);
    } else {
      unknown.push_back(i);
    }
  }
  parallel_for(unknown.size(), store.threads(), cancel, [&](std::size_t number) {
    const auto i = unknown[number];
    files[i] = describe(store, tree, tree.files[i]);
  });
  return files;
}

bool holds(store::Store& store, const VersionTree& tree, const history::TreeEntry& entry,
           const KnownContent& content) {
  if (entry.id == content.blob) return true;
  const auto file = describe(store, tree, entry);
  return file.size == content.size && file.sha256 == content.sha256;
}

}  // namespace axon::workspace

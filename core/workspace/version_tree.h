// VersionTree: the files of a commit as its user sees them, by blob id and without reading the blobs.
//
// The managed part of each .gitattributes is gone: such an entry names the blob that the user's bytes alone
// would be, and one without user's bytes is left out. So entries compare with what a workspace holds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/cancel.h"
#include "core/history/attributes.h"
#include "core/store/snapshot.h"
#include "core/workspace/stat_cache.h"

namespace axon::workspace {

struct UserAttributes {
  std::string path;
  Bytes content;  // the user's bytes
  GitId stored;   // the blob in the tree, with the managed part; zero before there is one
};

struct VersionTree {
  std::vector<history::TreeEntry> files;   // sorted by path bytes
  std::vector<UserAttributes> attributes;  // of those in `files`, sorted

  const history::TreeEntry* find(std::string_view path) const;
  const UserAttributes* find_attributes(std::string_view path) const;
};

// Of no commit: the empty tree.
VersionTree read_tree(store::Store& store, const std::optional<GitId>& commit);

// What an entry of a tree stands for; reads its blob. `blob` of a .gitattributes is the one that is stored.
store::VersionFile describe(store::Store& store, const VersionTree& tree, const history::TreeEntry& entry);
// All files of the tree; blobs that `known` knows are not read.
using KnownContents = std::function<const KnownContent*(std::string_view path)>;
std::vector<store::VersionFile> describe_all(store::Store& store, const VersionTree& tree,
                                             const KnownContents& known, const CancelToken& cancel);

// True when the entry holds this content, however it is stored.
bool holds(store::Store& store, const VersionTree& tree, const history::TreeEntry& entry,
           const KnownContent& content);

}  // namespace axon::workspace

// The .gitattributes of a version: the user's, and what makes plain git and Git LFS see the pointers.
//
//   <the user's bytes>
//   # --- axon: managed below, do not edit ---
//   /<path of a pointer> filter=lfs diff=lfs merge=lfs -text
//   /<path of a blob that the user's patterns would mark> !filter !diff !merge !text
//
// Between non-empty user's bytes and the marker stands one newline of ours, so that the user's bytes come
// back exactly, ending in a newline or not. Paths are relative to the file's folder, with git's glob
// characters escaped by backslashes, and in C quotes where they hold a blank; a line is shorter than 2,048
// bytes, above which git passes it over. Details: docs/formats/pointer.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"

namespace axon::history {

inline constexpr std::string_view kAttributesMarker = "# --- axon: managed below, do not edit ---";
inline constexpr std::string_view kAttributesName = ".gitattributes";

// True for ".gitattributes" in any folder.
bool is_attributes_path(std::string_view path);
// The user's part of a stored .gitattributes: a prefix of it; all of it when there is no marker.
ByteSpan split_user_attributes(ByteSpan stored);

struct AttributesFile {
  std::string path;  // ".gitattributes", "sub/folder/.gitattributes"
  Bytes content;
};
// The .gitattributes files that the tree of a version needs, sorted by path: the root's when there are
// pointers, and each of `user` with its managed part. `pointers` and `blobs` are the paths of all other
// files. Error(usage) when a user's file holds the marker or a line would be too long.
std::vector<AttributesFile> compose_attributes(std::span<const AttributesFile> user,
                                               std::span<const std::string> pointers,
                                               std::span<const std::string> blobs);

}  // namespace axon::history

// Snapshot: the files of one version as a user sees them: pointers resolved to sizes and oids, the managed
// part of .gitattributes gone.
//
// Made from a commit's tree in memory; sorted by path bytes. Reading it opens each blob once (pointers are
// blobs).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/store/store.h"

namespace axon::store {

struct VersionFile {
  std::string path;
  history::EntryMode mode = history::EntryMode::file;
  GitId blob;              // in the tree: the content itself, or the pointer
  bool pointer = false;    // content lies in the content store under `sha256` as its oid
  std::uint64_t size = 0;  // of the content as checked out
  Digest sha256;           // of the content as checked out; of a link: of its target
};

// All files of a commit (or tree).
std::vector<VersionFile> read_version(Store& store, const GitId& commit);
// The bytes of a file that is no pointer, as checked out (the user's part of .gitattributes).
Bytes read_text(Store& store, const VersionFile& file);
// The value of the trailer Axon-Files for these files.
Digest files_digest(std::vector<VersionFile> files);
// Compares a commit's Axon-Files trailer with its tree; Error(integrity) when it lies, nothing when it has
// none.
void check_files_digest(Store& store, const history::Commit& commit, const std::vector<VersionFile>& files);

}  // namespace axon::store

// Comparison: the files of a workspace beside those of its base.
//
// What the stat cache knows is compared without opening a file. What it does not know is `unread` until
// somebody has read it: a status hashes it, a commit stores it in the same pass.
#pragma once

#include <cstddef>
#include <vector>

#include "core/workspace/scan.h"
#include "core/workspace/version_tree.h"

namespace axon::workspace {

enum class Verdict { same, differs, unread };

// One path; `file` or `base` may be null, not both. Both point into what was compared.
struct ComparedFile {
  const ScannedFile* file = nullptr;
  const history::TreeEntry* base = nullptr;
  Verdict verdict = Verdict::unread;

  const std::string& path() const { return file != nullptr ? file->path : base->path; }
};

// Sorted by path bytes. A file that is new is `differs` without having been read.
std::vector<ComparedFile> compare(store::Store& store, const Scan& scan, const VersionTree& base,
                                  const StatCache& cache);

// The verdict once the content of a file with a base is known.
Verdict judge(store::Store& store, const VersionTree& tree, const ComparedFile& file,
              const KnownContent& content);

}  // namespace axon::workspace

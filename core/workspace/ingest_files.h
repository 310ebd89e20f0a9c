// Storing the files of a workspace: content into packs, small files into a git pack, each read once.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/content/ingest.h"
#include "core/store/transaction.h"
#include "core/workspace/contents.h"
#include "core/workspace/scan.h"

namespace axon::workspace {

// A file as it was stored.
struct StoredFile {
  KnownContent content;
  fs::FileInfo info;              // before and after reading
  std::int64_t looked_at_ns = 0;  // the second time
  Bytes attributes;               // all bytes of a .gitattributes
  std::vector<content::RecipeTensor> tensors;
};

struct StoredFiles {
  std::vector<StoredFile> files;      // in the order asked for
  std::vector<std::string> warnings;  // of headers that could not be understood
};

// Stores regular files, the largest first, over all of the store's threads. Throws Error(failed) when one
// vanishes or changes while it is read, and stops; what was stored by then stays in the transaction.
StoredFiles store_files(store::Store& store, store::Transaction& transaction, const fs::Path& root,
                        const std::vector<const ScannedFile*>& files, const content::DeltaBases& bases,
                        Progress& progress, const CancelToken& cancel);

}  // namespace axon::workspace

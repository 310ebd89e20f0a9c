// What a store's refs reach: commits, and the files of all their trees, each looked at once.
#pragma once

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/base/cancel.h"
#include "core/store/store.h"

namespace axon::store {

// The targets of all refs, and what the reflogs of these refs still remember and the store still has.
std::vector<GitId> all_tips(Store& store);

// What a blob of a tree is.
struct BlobContent {
  bool pointer = false;
  std::uint64_t size = 0;  // as checked out
  Oid oid;                 // of a pointer
};

// Reads blobs as files of versions; remembers each, since most versions share most files.
class BlobReader {
 public:
  explicit BlobReader(Store& store) : store_(store) {}
  const BlobContent& read(const history::TreeEntry& entry);

 private:
  Store& store_;
  std::unordered_map<GitId, BlobContent> known_;
};

// The oids of all pointers in the trees of these commits, sorted, each once.
std::vector<Oid> reached_files(Store& store, std::span<const GitId> commits, const CancelToken& cancel);

}  // namespace axon::store

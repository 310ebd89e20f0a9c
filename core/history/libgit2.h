// libgit2, held safely: started once with axon's limits, every handle owned, every failure an Error. The only
// header that includes <git2.h>; included by sources of core/history alone.
#pragma once

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

#include <cstring>
#include <memory>
#include <string>

#include "core/base/ids.h"

namespace axon::history {

// Starts libgit2 at its first call: small caches and windows, fsync of what it writes, no configuration of
// the user or the system, no regard to who owns a store. Thread-safe.
void start_libgit2();

template <class T, void (*free)(T*)>
struct GitFree {
  void operator()(T* handle) const { free(handle); }
};
template <class T, void (*free)(T*)>
using GitHandle = std::unique_ptr<T, GitFree<T, free>>;

using GitRepository = GitHandle<git_repository, git_repository_free>;
using GitOdb = GitHandle<git_odb, git_odb_free>;
using GitReference = GitHandle<git_reference, git_reference_free>;
using GitReferenceIterator = GitHandle<git_reference_iterator, git_reference_iterator_free>;
using GitReflog = GitHandle<git_reflog, git_reflog_free>;
using GitTransaction = GitHandle<git_transaction, git_transaction_free>;
using GitSignature = GitHandle<git_signature, git_signature_free>;
using GitRevwalk = GitHandle<git_revwalk, git_revwalk_free>;
using GitConfig = GitHandle<git_config, git_config_free>;
using GitIndexer = GitHandle<git_indexer, git_indexer_free>;

// Throws when `result` is negative: "cannot <action>", because: libgit2's last message.
void check_git(int result, const std::string& action);

// For out-parameters: `own(handle, git_x_open(raw(handle), …), "…")` reads badly, so:
//   auto repository = acquire<GitRepository>("open …", [&](auto** out) { return git_repository_open(out, …);
//   });
template <class Handle, class Open>
Handle acquire(const std::string& action, Open open) {
  typename Handle::pointer raw = nullptr;
  check_git(open(&raw), action);
  return Handle(raw);
}

inline git_oid to_oid(const GitId& id) {
  git_oid oid;
  std::memcpy(oid.id, id.bytes.data(), sizeof oid.id);
  return oid;
}
inline GitId to_id(const git_oid& oid) {
  return GitId::from({reinterpret_cast<const std::byte*>(oid.id), sizeof oid.id});
}

}  // namespace axon::history

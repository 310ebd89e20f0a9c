// Store: one local object store, shared by all models of its owner: layout, locks, content and history
// together.
//
// Locks (flock, always taken in this order): a command that adds or reads content holds `lock_content`
// (gc.lock, shared) from its first look to its last; deletion holds `lock_for_deletion` (gc.lock, exclusive);
// publishing holds `lock_publish` only for renames, index and refs. Waits are bounded by the options' lock
// timeout, then Error(locked). Threads: content() and history() are thread-safe. A store that this user
// cannot write opens read-only.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/fs/file_lock.h"
#include "core/base/fs/file_system.h"
#include "core/base/model_spec.h"
#include "core/content/content_store.h"
#include "core/history/repository.h"
#include "core/store/layout.h"

namespace axon::store {

struct StoreOptions {
  std::chrono::milliseconds lock_timeout{60'000};
  std::size_t threads = 0;  // 0: one per core
};

// What the floors below are given to work with; references outlive the store.
struct Environment {
  fs::FileSystem& fs;
  const Clock& clock;
  Random& random;
};

class Store {
 public:
  // Makes an empty store, with its parent folders; nothing happens when one is there. Safe against another
  // process doing the same. Throws Error(already_exists) when the place holds something else.
  static void create(const Environment& environment, const fs::Path& root);
  // Throws Error(not_a_workspace) when there is no store, Error(unsupported) for a newer version of the
  // format.
  Store(const Environment& environment, const fs::Path& root, const StoreOptions& options);
  ~Store();

  content::ContentStore& content();
  history::Repository& history();
  const StoreLayout& layout() const;
  const Environment& environment() const;
  const StoreOptions& options() const;
  std::size_t threads() const;
  bool read_only() const;

  fs::FileLock lock_content(const CancelToken& cancel);
  fs::FileLock lock_publish(const CancelToken& cancel);
  fs::FileLock lock_for_deletion(const CancelToken& cancel);
  // For merging at commit: nullopt at once when anybody else is at work.
  std::optional<fs::FileLock> try_lock_for_deletion();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::store

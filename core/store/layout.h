// The names of all files inside a store and a workspace; no other file spells them. What they hold:
// docs/formats/store.md.
#pragma once

#include "core/base/fs/file_system.h"

namespace axon::store {

struct StoreLayout {
  fs::Path root;
  fs::Path description() const { return root / "axon.json"; }
  fs::Path remotes() const { return root / "remotes.json"; }
  fs::Path remote_states() const { return root / "remotes"; }
  fs::Path git() const { return root / "git"; }
  fs::Path packs() const { return root / "packs"; }
  fs::Path index() const { return root / "index.db"; }
  fs::Path temporary() const { return root / "tmp"; }
  fs::Path lost_found() const { return root / "lost+found"; }
  fs::Path publish_lock() const { return root / "publish.lock"; }
  fs::Path gc_lock() const { return root / "gc.lock"; }
};

struct WorkspaceLayout {
  fs::Path root;
  static constexpr const char* kFolder = ".axon";
  static constexpr const char* kIgnore = ".axonignore";
  fs::Path folder() const { return root / kFolder; }
  fs::Path description() const { return folder() / "workspace.json"; }
  fs::Path stat_cache() const { return folder() / "stat.db"; }
  fs::Path lock() const { return folder() / "lock"; }
  fs::Path temporary() const { return folder() / "tmp"; }
};

}  // namespace axon::store

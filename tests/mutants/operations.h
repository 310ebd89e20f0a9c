// The operations whose syncs and renames are left out, one at a time, and what has to be there afterwards.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/fs/file_system.h"
#include "core/store/store.h"
#include "core/workspace/workspace.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/core/store/version_maker.h"

namespace axon::mutants {

// One folder with a store, a workspace on it, a remote, and a store that clones from there.
struct Place {
  fs::Path root;
  fs::Path store() const { return root / "store"; }
  fs::Path work() const { return root / "work"; }
  fs::Path exported() const { return root / "exported"; }
  fs::Path remote() const { return root / "remote"; }
  fs::Path cloned() const { return root / "cloned"; }
};

// Somebody who works at that place, through any file system. Each of the checks throws when something is not
// as it was acknowledged.
class User {
 public:
  // Two who do the same with another `seed` choose other names for their temporary files.
  User(fs::FileSystem& fs, const Place& place, std::uint64_t seed)
      : random_(seed), environment_{fs, system_clock(), random_}, place_(place) {}

  void init();
  // Version `number`: a large file and a small one.
  void write_version(std::uint64_t number);
  void commit();
  void checkout_first();
  void export_first();
  void drop_branch();
  void collect();
  void push();
  void clone();

  // The bare repository as plain git sees it, before axon looks.
  void expect_git(const fs::Path& store);
  // The line has exactly these versions, oldest first, all whole, and a reflog.
  void expect_versions(const fs::Path& store, std::uint64_t newest);
  std::uint64_t versions(const fs::Path& store);
  void expect_tracking(const fs::Path& store, const std::string& remote);
  // The workspace is at this version, with nothing left to finish.
  void expect_workspace(std::uint64_t base, std::uint64_t files);
  // Each file of this folder is one of version 1 or 2.
  void expect_whole_files(const fs::Path& folder);
  void expect_exported();
  // What gc removed is gone.
  void expect_collected();

 private:
  store::Store open(const fs::Path& root) { return {environment_, root, store::StoreOptions{}}; }

  test::SeededRandom random_;
  store::Environment environment_;
  const Place& place_;
};

struct Operation {
  std::string name;
  std::function<void(User&)> prepare;
  std::function<void(User&)> act;       // may be done again, after it was cut short
  std::function<void(User&)> survives;  // after it was cut short: nothing that was there is lost
  std::function<void(User&)> check;     // after it was acknowledged
};

std::vector<Operation> operations(const Place& place);

}  // namespace axon::mutants

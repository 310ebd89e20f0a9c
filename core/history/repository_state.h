// What the sources of Repository share; included by them alone.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/history/libgit2.h"
#include "core/history/object_source.h"
#include "core/history/repository.h"

namespace axon::history {

struct Repository::State {
  State(fs::FileSystem& f, fs::Path dir);

  RawObject read(const GitId& id, std::uint64_t limit);
  // The object, which is of this type, or Error(integrity).
  Bytes read(const GitId& id, ObjectType type, std::uint64_t limit);
  // The first object behind annotated tags, with those passed on the way.
  struct Peeled {
    GitId id;
    ObjectType type;
    std::vector<GitId> tags;
  };
  Peeled peel(const GitId& id);
  // Error(integrity) when it is no commit.
  GitId commit_behind(const GitId& id);

  fs::FileSystem& fs;
  fs::Path git_dir;
  ObjectSource objects;
  // libgit2's handles are for one thread at a time: held in every call that uses them.
  std::mutex mutex;
  GitOdb odb;
  GitRepository repository;
};

[[noreturn]] void throw_missing(const GitId& id);
// Trees and commits of a version; blobs have limits of their own.
inline constexpr std::uint64_t kMaxStructure = std::uint64_t{64} << 20;

}  // namespace axon::history

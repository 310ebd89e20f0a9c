// The values of history: objects, tree entries, people, commits, refs and their movements.
//
// Plain values; no state, no threads. Names of refs are full ("refs/heads/hf/bert").
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace axon::history {

enum class ObjectType { commit = 1, tree = 2, blob = 3, tag = 4 };  // git's own numbers
const char* to_string(ObjectType type);                             // "commit", "tree", "blob", "tag"

struct RawObject {
  ObjectType type = ObjectType::blob;
  Bytes content;  // without git's header
};
// "blob 12\0": what git hashes before the content.
std::string object_header(ObjectType type, std::uint64_t size);
// SHA-1 over git's header and the content.
GitId object_id(ObjectType type, ByteSpan content);

enum class EntryMode : std::uint32_t { file = 0100644, executable = 0100755, symlink = 0120000 };
const char* to_string(EntryMode mode);  // "100644", "100755", "120000"

// A blob of a version. `path` is relative, '/'-separated and passes check_path (path_rules.h).
struct TreeEntry {
  std::string path;
  EntryMode mode = EntryMode::file;
  GitId id;
  bool operator==(const TreeEntry&) const = default;
};

struct Person {
  std::string name, email;
  std::int64_t seconds = 0;  // since 1970, UTC
  int offset_minutes = 0;    // east of UTC
  bool operator==(const Person&) const = default;
};

struct Commit {
  GitId id, tree;
  std::vector<GitId> parents;
  Person author, committer;
  std::string message;    // ends in a newline
  std::string signature;  // SSHSIG (or other) armour without a final newline; empty when unsigned
};

struct Ref {
  std::string name;
  GitId target;  // may be an annotated tag
  GitId commit;  // the target, peeled
};

struct RefUpdate {
  std::string name;
  GitId expected_old;  // zero: the ref must not exist
  GitId target;        // zero: delete
};

struct ReflogEntry {
  GitId before, after;  // zero: did not exist
  Person who;
  std::string message;
};

}  // namespace axon::history

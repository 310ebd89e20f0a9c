#include "core/history/types.h"

#include <fmt/format.h>

#include "core/history/hashing.h"

namespace axon::history {

const char* to_string(ObjectType type) {
  switch (type) {
    case ObjectType::commit:
      return "commit";
    case ObjectType::tree:
      return "tree";
    case ObjectType::blob:
      return "blob";
    case ObjectType::tag:
      return "tag";
  }
  return "object";
}

const char* to_string(EntryMode mode) {
  switch (mode) {
    case EntryMode::file:
      return "100644";
    case EntryMode::executable:
      return "100755";
    case EntryMode::symlink:
      return "120000";
  }
  return "100644";
}

std::string object_header(ObjectType type, std::uint64_t size) {
  std::string header = fmt::format("{} {}", to_string(type), size);
  header.push_back('\0');
  return header;
}

GitId object_id(ObjectType type, ByteSpan content) {
  Sha1 hash;
  hash.update(as_bytes(object_header(type, content.size())));
  hash.update(content);
  return hash.finish();
}

}  // namespace axon::history

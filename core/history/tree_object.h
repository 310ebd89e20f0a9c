// The bytes of git's tree objects: entry = mode in octal, SP, name, NUL, 20 bytes of name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace axon::history {

inline constexpr std::uint32_t kTreeMode = 0040000;
inline constexpr std::uint32_t kSubmoduleMode = 0160000;

struct TreeItem {
  std::uint32_t mode = 0;
  std::string_view name;  // into the tree's bytes; not empty, without '/'
  GitId id;
};
// Error(integrity) for anything but whole entries. Order and modes are the caller's to judge.
std::vector<TreeItem> parse_tree(ByteSpan tree);
void append_tree_item(Bytes& tree, std::string_view mode, std::string_view name, const GitId& id);

}  // namespace axon::history

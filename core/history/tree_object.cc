#include "core/history/tree_object.h"

#include <charconv>

#include "core/base/error.h"

namespace axon::history {

namespace {

[[noreturn]] void bad_tree(const char* what) {
  throw Error(ErrorCode::integrity, "a tree of the history is malformed")
      .because(what)
      .hint("run `axon fsck`");
}

std::uint32_t parse_mode(std::string_view digits) {
  std::uint32_t mode = 0;
  const auto* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, mode, 8);
  if (digits.size() > 7 || error != std::errc() || end != last) bad_tree("a mode is not a number");
  return mode;
}

}  // namespace

std::vector<TreeItem> parse_tree(ByteSpan tree) {
  std::vector<TreeItem> items;
  while (!tree.empty()) {
    const auto text = as_text(tree);
    const auto space = text.substr(0, 8).find(' ');
    if (space == text.npos) bad_tree("a mode is not a number");
    const auto zero = text.find('\0', space);
    if (zero == text.npos || tree.size() - zero - 1 < GitId::kSize) bad_tree("it is cut short");
    const auto name = text.substr(space + 1, zero - space - 1);
    if (name.empty() || name.find('/') != name.npos) bad_tree("a name is empty or has a slash");
    items.push_back(
        {parse_mode(text.substr(0, space)), name, GitId::from(tree.subspan(zero + 1, GitId::kSize))});
    tree = tree.subspan(zero + 1 + GitId::kSize);
  }
  return items;
}

void append_tree_item(Bytes& tree, std::string_view mode, std::string_view name, const GitId& id) {
  append(tree, as_bytes(mode));
  append(tree, as_bytes(" "));
  append(tree, as_bytes(name));
  tree.push_back(std::byte{0});
  append(tree, id.span());
}

}  // namespace axon::history

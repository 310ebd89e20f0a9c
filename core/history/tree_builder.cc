#include "core/history/tree_builder.h"

#include <string_view>

#include "core/history/path_rules.h"
#include "core/history/tree_object.h"

namespace axon::history {

namespace {

// The order of path bytes is git's own: a folder's files stand where "<folder>/" would, which is how git
// sorts the folder.
class TreeWriter {
 public:
  TreeWriter(GitPackWriter& writer, std::span<const TreeEntry> entries)
      : writer_(writer), entries_(entries) {}

  // The entries from `next_` on whose paths start with `prefix`; recursion is bounded by kMaxPath.
  GitId write(std::string_view prefix) {
    Bytes tree;
    while (next_ < entries_.size() && entries_[next_].path.starts_with(prefix)) {
      const auto& entry = entries_[next_];
      const auto rest = std::string_view(entry.path).substr(prefix.size());
      const auto slash = rest.find('/');
      if (slash == rest.npos) {
        append_tree_item(tree, to_string(entry.mode), rest, entry.id);
        ++next_;
      } else {
        const auto folder = std::string_view(entry.path).substr(0, prefix.size() + slash + 1);
        append_tree_item(tree, "40000", rest.substr(0, slash), write(folder));
      }
    }
    return writer_.add(ObjectType::tree, tree);
  }

 private:
  GitPackWriter& writer_;
  std::span<const TreeEntry> entries_;
  std::size_t next_ = 0;
};

}  // namespace

GitId write_trees(GitPackWriter& writer, std::span<const TreeEntry> entries) {
  check_paths(entries, PathOrigin::user);
  return TreeWriter(writer, entries).write("");
}

}  // namespace axon::history

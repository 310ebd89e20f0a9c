// IgnoreRules: which files of a workspace are none of its business: sane defaults, then the lines of
// `.axonignore` in the grammar of gitignore.
//
// A line is a pattern; `#` starts a comment, `!` takes files back in, a trailing slash means folders only, a
// slash elsewhere ties the pattern to the root (docs/formats/workspace.md). The last line that matches
// decides. What lies in an ignored folder is ignored whatever the lines say. `.axon` and `.git` are ignored
// always. Immutable, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fs/file_system.h"
#include "core/workspace/glob.h"

namespace axon::workspace {

class IgnoreRules {
 public:
  static constexpr std::size_t kMaxSize = std::size_t{1} << 20;  // of the file

  // The defaults alone.
  IgnoreRules();
  // The defaults and the lines of `text`.
  explicit IgnoreRules(std::string_view text);
  // With the file at `path`; absent: the defaults. Error(failed) when it is no readable file of at most
  // kMaxSize.
  static IgnoreRules read(fs::FileSystem& fs, const fs::Path& path);

  // `path`: relative to the root, '/'-separated; none of its parents is ignored. `type`: of a link: symlink.
  bool ignored(std::string_view path, fs::FileType type) const;

 private:
  struct Rule {
    Glob glob;
    bool take_back = false;     // `!`
    bool folders_only = false;  // trailing slash
    bool anchored = false;      // matched against the whole path, else against the last component
  };
  void add_lines(std::string_view text);
  void add_line(std::string_view line);
  std::vector<Rule> rules_;
};

}  // namespace axon::workspace

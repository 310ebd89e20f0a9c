// Which paths may stand in a version: one rule for commit, receive and checkout.
//
// A path is valid UTF-8 of at most 1,024 bytes, relative, '/'-separated, without empty components, without
// control characters (U+0000–001F, 007F). No component may be ".", "..", ".git", ".axon", or a name that HFS+
// or NTFS take for one of these (case, ignorable code points, trailing dots and spaces, "git~1", streams,
// backslashes). Two paths that differ only in the case of ASCII letters, of any component, are twins and
// cannot be in one version; neither can a file and a folder of one name.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/history/types.h"

namespace axon::history {

inline constexpr std::size_t kMaxPath = 1024;

// Whose fault a bad path is: of the user's files → Error(usage) with a hint, of stored or received data →
// Error(integrity).
enum class PathOrigin { user, stored };

void check_path(std::string_view path, PathOrigin origin);
// check_path for each, and no twins; `entries` sorted by path bytes and without repetition, or the same
// error.
void check_paths(std::span<const TreeEntry> entries, PathOrigin origin);

}  // namespace axon::history

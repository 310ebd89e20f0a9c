// The first step of a commit: what is there, and what of it is to be committed.
#pragma once

#include <cstddef>
#include <vector>

#include "core/workspace/commit_run.h"
#include "core/workspace/compare.h"

namespace axon::workspace {

struct Findings {
  Scan scan;
  VersionTree base;
  std::vector<ComparedFile> compared;         // point into `scan` and `base`
  std::vector<std::size_t> changed, to_read;  // of those selected, into `compared`; to_read: regular files
};

// Opens no file. Error(failed) for files that no version can hold, Error(not_found) for a path of the options
// that names nothing.
Findings look(CommitRun& run);

// Reads what the stat cache did not know and drops what turns out to be as in the base from `changed`: files
// that were merely touched are no reason to refuse anything.
void read_unread(CommitRun& run, Findings& found);

}  // namespace axon::workspace

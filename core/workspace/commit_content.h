// The second step of a commit: the changed files stored, each read once, and what they change in the base.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/store/transaction.h"
#include "core/workspace/changes.h"
#include "core/workspace/commit_look.h"
#include "core/workspace/message.h"

namespace axon::workspace {

struct CommitContent {
  // A row for the stat cache, once the commit has happened.
  struct Record {
    std::string path;
    fs::FileInfo info;
    KnownContent content;
    std::int64_t looked_at_ns = 0;
  };

  std::vector<FileEdit> edits;  // sorted by path
  std::vector<Record> records;
  std::vector<BaseTensors> base_tensors;  // to compare with, as far as known
  std::vector<std::string> warnings;
  std::uint64_t bytes_read = 0, bytes_new = 0, bytes_stored = 0;  // as in CommitResult
};

// What it reads is settled in `found`: no verdict stays `unread`.
CommitContent store_content(CommitRun& run, Findings& found, store::Transaction& transaction);

}  // namespace axon::workspace

// The third step of a commit: trees and a commit made of the edits, and the line moved to it.
//
// The move is the commit point. Before it workspace.json says what is about to be published (recovery.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/workspace/commit_content.h"

namespace axon::workspace {

struct Published {
  GitId id;
  std::string message;                    // without trailers
  std::vector<store::VersionFile> files;  // of the version
  std::vector<std::string> warnings;      // of gates
  std::uint64_t bytes_stored = 0;         // of history
  bool merged = false;                    // others' changes are in it: the line had moved from the base
  bool adopted = false;                   // no new commit: the line's tip `id` holds all of it already
};

// `tip`: where the line was when it was looked at, in the transaction. With CommitOnto::latest a line that
// moves meanwhile is followed; else Error(moved). Ends the transaction.
Published publish(CommitRun& run, const Findings& found, const CommitContent& content,
                  const std::optional<GitId>& tip, std::unique_ptr<store::Transaction> transaction);

}  // namespace axon::workspace

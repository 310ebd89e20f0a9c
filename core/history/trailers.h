// The trailers that axon writes into commit messages (docs/formats/commit.md).
//
//   Axon-Base: <40 hex digits>           the commit that this line was made from, where that is no parent
//   Axon-Files: sha256:<64 hex digits>   what was committed, independent of SHA-1; always, and last
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/history/types.h"

namespace axon::history {

struct Trailers {
  std::optional<Digest> files;
  std::optional<GitId> base;
};

// The message with these at the end of its last paragraph if that consists of trailers, else in a new one.
// The message's own trailers stay; Axon-… ones that it has from before are replaced. Error(usage) for a
// message of blanks alone.
std::string append_trailers(std::string_view message, const Trailers& trailers);
// From the last paragraph of the message. Error(integrity) for one that is malformed or there twice.
Trailers parse_trailers(std::string_view message);
// The message as the user wrote it: without axon's trailers, ending in one newline unless empty.
std::string without_trailers(std::string_view message);

struct DigestedFile {
  EntryMode mode = EntryMode::file;
  std::uint64_t size = 0;  // of the content as checked out; of a link, of its target
  Digest sha256;
  std::string path;
};
// SHA-256 over the lines "mode SP size SP sha256 SP path NUL", sorted by the bytes of the path.
Digest files_digest(std::vector<DigestedFile> files);

}  // namespace axon::history

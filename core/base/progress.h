// Progress: what a long operation tells about itself while it runs.
//
// Implemented by the CLI (bars, plain lines, nothing). All calls are thread-safe and cheap enough for every
// chunk.
#pragma once

#include <cstdint>
#include <string_view>

namespace axon {

class Progress {
 public:
  virtual ~Progress() = default;
  // A new phase ("hashing", "writing"); `total` bytes are expected, 0 = unknown.
  virtual void begin(std::string_view phase, std::uint64_t total) = 0;
  // The same for a phase that counts files, packs or objects.
  virtual void begin_items(std::string_view phase, std::uint64_t total) { begin(phase, total); }
  virtual void advance(std::uint64_t amount) = 0;
  virtual void end() = 0;
  // A line for the user that outlives the bar: a warning that is no error.
  virtual void warn(std::string_view text) = 0;
};

// Says nothing.
Progress& no_progress();

}  // namespace axon

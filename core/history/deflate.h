// zlib streams, as git's packs hold them: made by ISA-L at its level 1 (about five times zlib's rate), read
// by ISA-L where the whole stream is at hand and by zlib where it comes in pieces or from a stranger.
//
// Threads: `deflate` and `inflate` are thread-safe (each thread keeps its own tables); an Inflater belongs to
// one thread.
#pragma once

#include <cstddef>
#include <memory>

#include "core/base/bytes.h"

namespace axon::history {

// One complete stream. Incompressible content grows by less than 0.1 % and 64 bytes.
Bytes deflate(ByteSpan content);

// The most bytes that a stream of `size` bytes of content may have, whoever made it sensibly.
std::size_t deflate_bound(std::size_t size);

// Fills `into` exactly from the stream at the start of `stream` (what follows the stream is not looked at);
// false when the stream is damaged or its content is shorter or longer.
bool inflate(ByteSpan stream, MutableByteSpan into);

// Inflates a stream that comes in pieces.
class Inflater {
 public:
  enum class Status { more_input, more_output, done, damaged };
  struct Step {
    Status status;
    std::size_t consumed, produced;
  };
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  void reset();
  Step step(ByteSpan input, MutableByteSpan output);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::history

// What content of unknown structure is best treated as: noise, text and the like, or numbers whose width,
// phase and kind show in the entropies of their bytes (a PyTorch .bin, an array in some other container).
#pragma once

#include <optional>

#include "core/content/plane_plan.h"
#include "core/content/zstd_context.h"

namespace axon::content {

struct ByteGuess {
  enum class Kind {
    noise,    // store it
    text,     // zstd
    numbers,  // planes, by `plan`
  };
  Kind kind = Kind::noise;
  PlanePlan plan;
};

// `zstd` tries a sample where both text and numbers look possible.
ByteGuess guess_bytes(ByteSpan raw, ZstdCompressor& zstd);

}  // namespace axon::content

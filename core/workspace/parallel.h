// parallel_for: independent items on several threads.
#pragma once

#include <cstddef>
#include <functional>

#include "core/base/cancel.h"

namespace axon::workspace {

// Calls item(0) … item(count − 1), in this order of start, on up to `threads` threads, the caller's among
// them; returns when all are done. The first exception stops the rest and is rethrown; Error(interrupted)
// when cancelled.
void parallel_for(std::size_t count, std::size_t threads, const CancelToken& cancel,
                  const std::function<void(std::size_t)>& item);

}  // namespace axon::workspace

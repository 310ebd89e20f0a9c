// CancelToken: how a long operation learns that its user wants it to stop.
//
// Shared by reference; `cancel` may be called from a signal handler (one atomic store). Loops call
// `throw_if_cancelled` at least every 100 ms of work.
#pragma once

#include <atomic>

namespace axon {

class CancelToken {
 public:
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  // Throws Error(interrupted).
  void throw_if_cancelled() const;

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace axon

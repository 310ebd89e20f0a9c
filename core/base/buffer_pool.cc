#include "core/base/buffer_pool.h"

namespace axon {

void BufferPool::Lease::release() {
  if (pool_ == nullptr) return;
  std::exchange(pool_, nullptr)->give_back(std::move(buffer_));
}

std::optional<BufferPool::Lease> BufferPool::try_acquire() {
  std::unique_lock lock(mutex_);
  if (!free_.empty()) {
    AlignedBuffer buffer = std::move(free_.back());
    free_.pop_back();
    return Lease(this, std::move(buffer));
  }
  if (remaining_ == 0) return std::nullopt;
  --remaining_;
  lock.unlock();
  return Lease(this, AlignedBuffer(size_));
}

BufferPool::Lease BufferPool::acquire() {
  for (;;) {
    if (auto lease = try_acquire()) return std::move(*lease);
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !free_.empty() || remaining_ > 0; });
  }
}

void BufferPool::give_back(AlignedBuffer buffer) {
  {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(buffer));
  }
  returned_.notify_one();
}

}  // namespace axon

// BufferPool: a fixed number of equal aligned buffers, lent out and given back; what keeps memory bounded in
// pipelines.
//
// Buffers are allocated when first needed and reused, because touching fresh memory costs more than hashing
// it. Threads: all members are thread-safe. A Lease gives its buffer back when destroyed; the pool outlives
// its leases.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/bytes.h"

namespace axon {

class BufferPool {
 public:
  class Lease {
   public:
    Lease() = default;
    Lease(BufferPool* pool, AlignedBuffer buffer) : pool_(pool), buffer_(std::move(buffer)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), buffer_(std::move(other.buffer_)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        release();
        pool_ = std::exchange(other.pool_, nullptr);
        buffer_ = std::move(other.buffer_);
      }
      return *this;
    }
    ~Lease() { release(); }
    std::byte* data() { return buffer_.data(); }
    const std::byte* data() const { return buffer_.data(); }
    std::size_t capacity() const { return buffer_.capacity(); }
    explicit operator bool() const { return pool_ != nullptr; }
    void release();

   private:
    BufferPool* pool_ = nullptr;
    AlignedBuffer buffer_;
  };

  BufferPool(std::size_t count, std::size_t size) : remaining_(count), size_(size) {}
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  Lease acquire();  // waits for one
  std::optional<Lease> try_acquire();
  std::size_t buffer_size() const { return size_; }

 private:
  void give_back(AlignedBuffer buffer);
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<AlignedBuffer> free_;
  std::size_t remaining_;  // not allocated yet
  std::size_t size_;
};

}  // namespace axon
